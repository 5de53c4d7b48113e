// The messages in a bundle's index, as TensorFlow's tensor_bundle.proto defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/ordered_code.h"
#include "checkpoint/raw_stream.h"

namespace augur::checkpoint {

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

}  // namespace augur::checkpoint
