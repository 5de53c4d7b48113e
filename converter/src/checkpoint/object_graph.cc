// Messages as in TensorFlow's trackable_object_graph.proto; the string tensor around them as in
// tensor_bundle.cc.
#include "checkpoint/object_graph.h"

#include "checkpoint/crc32c.h"
#include "checkpoint/protobuf.h"
#include "error.h"

namespace augur::checkpoint {
namespace {

constexpr size_t kChecksumBytes = 4;

// One string: its length as a base-128 number, the checksum of the length (as 4 bytes), the text.
// The tensor's own checksum covers the length as 4 bytes, that checksum and the text.
bool take_text(std::string_view stored, uint32_t masked_crc, std::string_view* text) {
  uint64_t length = 0;
  if (!take_varint(&stored, &length) || stored.size() < kChecksumBytes ||
      stored.size() - kChecksumBytes != length || length > UINT32_MAX) {
    return false;
  }
  uint8_t size[4], checksum[kChecksumBytes];
  for (unsigned i = 0; i < 4; ++i) {
    size[i] = static_cast<uint8_t>((length >> (8 * i)) & 0xff);
  }
  uint32_t crc = extend_crc32c(0, size, sizeof size);
  for (unsigned i = 0; i < kChecksumBytes; ++i) {
    checksum[i] = static_cast<uint8_t>((mask_crc32c(crc) >> (8 * i)) & 0xff);
    if (checksum[i] != static_cast<uint8_t>(stored[i])) return false;
  }
  crc = extend_crc32c(crc, checksum, sizeof checksum);
  *text = stored.substr(kChecksumBytes);
  return mask_crc32c(extend_crc32c(crc, text->data(), text->size())) == masked_crc;
}

using Names = std::map<std::string, std::string>;

// TrackableObject.SerializedTensor: 2 full_name, 3 checkpoint_key.
bool parse_tensor(std::string_view message, Names* names) {
  ProtoReader reader(message);
  ProtoField field;
  std::string_view full_name, key;
  while (reader.next(&field)) {
    if (field.id != 2 && field.id != 3) continue;
    if (field.type != WireType::kBytes) return false;
    (field.id == 2 ? full_name : key) = field.bytes;
  }
  if (reader.ok() && !full_name.empty()) names->emplace(key, full_name);
  return reader.ok();
}

// TrackableObject: 2 attributes.
bool parse_object(std::string_view message, Names* names) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id != 2) continue;
    if (field.type != WireType::kBytes || !parse_tensor(field.bytes, names)) return false;
  }
  return reader.ok();
}

// TrackableObjectGraph: 1 nodes.
bool parse_graph(std::string_view message, Names* names) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id != 1) continue;
    if (field.type != WireType::kBytes || !parse_object(field.bytes, names)) return false;
  }
  return reader.ok();
}

}  // namespace

std::map<std::string, std::string> parse_object_graph(std::string_view stored, uint32_t masked_crc,
                                                      const std::string& where) {
  std::string_view text;
  if (!take_text(stored, masked_crc, &text)) {
    throw Error(where +
                " does not match its CRC-32C: its data file is damaged, or belongs to another "
                "index");
  }
  Names names;
  if (!parse_graph(text, &names)) {
    throw Error(where + " is not a graph of objects: the file is damaged");
  }
  return names;
}

}  // namespace augur::checkpoint
