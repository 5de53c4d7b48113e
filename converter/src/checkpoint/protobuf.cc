// The wire format: https://protobuf.dev/programming-guides/encoding/
#include "checkpoint/protobuf.h"

namespace augur::checkpoint {
namespace {

bool take_fixed(std::string_view* bytes, size_t width, uint64_t* value) {
  if (bytes->size() < width) return false;
  *value = 0;
  for (size_t i = 0; i < width; ++i) {
    *value |= uint64_t{static_cast<uint8_t>((*bytes)[i])} << (8 * i);
  }
  bytes->remove_prefix(width);
  return true;
}

}  // namespace

bool take_varint(std::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (bytes->empty()) return false;
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    const uint64_t bits = byte & 0x7fu;
    if (shift == 63 && bits > 1) return false;
    *value |= bits << shift;
    if ((byte & 0x80u) == 0) return true;
  }
  return false;
}

bool ProtoReader::next(ProtoField* field) {
  if (!ok_ || rest_.empty()) return false;
  ok_ = false;  // until the whole field is read
  uint64_t tag = 0, length = 0;
  if (!take_varint(&rest_, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return false;
  field->id = static_cast<uint32_t>(tag >> 3);
  field->number = 0;
  field->bytes = {};
  switch (tag & 7) {
    case 0:
      field->type = WireType::kVarint;
      ok_ = take_varint(&rest_, &field->number);
      break;
    case 1:
      field->type = WireType::kFixed64;
      ok_ = take_fixed(&rest_, 8, &field->number);
      break;
    case 2:
      field->type = WireType::kBytes;
      if (!take_varint(&rest_, &length) || length > rest_.size()) return false;
      field->bytes = rest_.substr(0, static_cast<size_t>(length));
      rest_.remove_prefix(static_cast<size_t>(length));
      ok_ = true;
      break;
    case 5:
      field->type = WireType::kFixed32;
      ok_ = take_fixed(&rest_, 4, &field->number);
      break;
    default:  // groups, which no message here has
      break;
  }
  return ok_;
}

}  // namespace augur::checkpoint
