// Just enough of protocol buffers' wire format to read TensorFlow's bundle messages: a cursor over
// the fields of one message, bounded by its bytes.
#pragma once

#include <cstdint>
#include <string_view>

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

}  // namespace augur::checkpoint
