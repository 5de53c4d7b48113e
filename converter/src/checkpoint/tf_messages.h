// The messages in TensorFlow's checkpoints: protocol buffers' wire format as far as they need it,
// the entries of a bundle's index (tensor_bundle.proto), and the graph of objects, which
// says what the variables behind a checkpoint's keys were called in the program
// (trackable_object_graph.proto).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/values.h"

namespace augur::checkpoint {

// Reads a base-128 number from the front of `bytes` and drops it there. False if it is cut off or
// does not fit in 64 bits.
bool take_varint(std::string_view* bytes, uint64_t* value);

enum class WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// One field of a message: `number` is set for all types but kBytes, whose content is `bytes`.
struct ProtoField {
  uint32_t id = 0;
  WireType type = WireType::kVarint;
  uint64_t number = 0;
  std::string_view bytes;
};

// Visits the fields of a message in order:
//   ProtoReader reader(message);
//   while (reader.next(&field)) ...
//   if (!reader.ok()) ...              // malformed
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view message) : rest_(message) {}
  bool next(ProtoField* field);
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// One axis of a slice. A whole axis is start 0, length -1.
struct SliceExtent {
  int64_t start = 0;
  int64_t length = -1;
};

// BundleHeaderProto, under the empty key.
struct BundleHeader {
  uint32_t shards = 0;
  bool big_endian = false;
  uint64_t min_consumer = 0;
  bool is_v1 = false;  // the older format: a table too, with another message under the empty key
};

// BundleEntryProto, under a tensor's name or a slice's key.
struct BundleEntry {
  uint64_t type = 0;  // TensorFlow's DataType
  std::vector<int64_t> shape;
  uint64_t shard = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  uint32_t masked_crc = 0;
  std::vector<std::vector<SliceExtent>> slices;  // of a partitioned tensor
};

// Nothing if the message is malformed. Numbers are not checked against each other.
std::optional<BundleHeader> parse_bundle_header(std::string_view message);
std::optional<BundleEntry> parse_bundle_entry(std::string_view message);

// TensorFlow's name for a DataType ("DT_FLOAT"), and what it is here.
std::string tf_type_name(uint64_t type);
DType tf_dtype(uint64_t type);

// Checkpoint key -> the variable's full name, as TrackableObjectGraph has them; variables without a
// full name are left out. `stored` are the bytes of the string tensor _CHECKPOINTABLE_OBJECT_GRAPH
// in its data file. Error, which begins with `where`, if they do not match their checksums or are
// no such graph. Memory is bounded by the size of `stored`.
std::map<std::string, std::string> parse_object_graph(std::string_view stored, uint32_t masked_crc,
                                                      const std::string& where);

}  // namespace augur::checkpoint
