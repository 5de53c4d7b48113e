// Wire format: https://protobuf.dev/programming-guides/encoding/. Unknown fields are skipped, as
// protocol buffers ask; a known field of a wrong wire type makes its message malformed.
#include "checkpoint/tf_messages.h"

#include "checkpoint/tf_table.h"
#include "checkpoint/values.h"
#include "error.h"

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

namespace {

struct TypeRow {
  uint64_t number;
  const char* name;
  DType dtype;
};

constexpr TypeRow kTypes[] = {
    {1, "DT_FLOAT", DType::kF32},
    {2, "DT_DOUBLE", DType::kF64},
    {3, "DT_INT32", DType::kI32},
    {4, "DT_UINT8", DType::kU8},
    {5, "DT_INT16", DType::kI16},
    {6, "DT_INT8", DType::kI8},
    {7, "DT_STRING", DType::kString},
    {8, "DT_COMPLEX64", DType::kComplex64},
    {9, "DT_INT64", DType::kI64},
    {10, "DT_BOOL", DType::kBool},
    {11, "DT_QINT8", DType::kOther},
    {12, "DT_QUINT8", DType::kOther},
    {13, "DT_QINT32", DType::kOther},
    {14, "DT_BFLOAT16", DType::kBF16},
    {15, "DT_QINT16", DType::kOther},
    {16, "DT_QUINT16", DType::kOther},
    {17, "DT_UINT16", DType::kU16},
    {18, "DT_COMPLEX128", DType::kComplex128},
    {19, "DT_HALF", DType::kF16},
    {20, "DT_RESOURCE", DType::kOther},
    {21, "DT_VARIANT", DType::kOther},
    {22, "DT_UINT32", DType::kU32},
    {23, "DT_UINT64", DType::kU64},
    {24, "DT_FLOAT8_E5M2", DType::kOther},
    {25, "DT_FLOAT8_E4M3FN", DType::kOther},
};

const TypeRow* find_type(uint64_t number) {
  for (const TypeRow& row : kTypes) {
    if (row.number == number) return &row;
  }
  return nullptr;
}

// TensorShapeProto.Dim: 1 size.
bool parse_dimension(std::string_view message, std::vector<int64_t>* shape) {
  ProtoReader reader(message);
  ProtoField field;
  int64_t size = 0;
  while (reader.next(&field)) {
    if (field.id != 1) continue;
    if (field.type != WireType::kVarint) return false;
    size = static_cast<int64_t>(field.number);
  }
  if (shape->size() == kMaxRank) return false;
  shape->push_back(size);
  return reader.ok();
}

// TensorShapeProto: 2 dim, 3 unknown_rank.
bool parse_shape(std::string_view message, std::vector<int64_t>* shape) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id == 2) {
      if (field.type != WireType::kBytes || !parse_dimension(field.bytes, shape)) return false;
    }
    if (field.id == 3 && field.number != 0) return false;
  }
  return reader.ok();
}

// TensorSliceProto.Extent: 1 start, 2 length (absent: the whole axis).
bool parse_extent(std::string_view message, std::vector<SliceExtent>* slice) {
  ProtoReader reader(message);
  ProtoField field;
  SliceExtent extent;
  while (reader.next(&field)) {
    if (field.id != 1 && field.id != 2) continue;
    if (field.type != WireType::kVarint) return false;
    (field.id == 1 ? extent.start : extent.length) = static_cast<int64_t>(field.number);
  }
  if (slice->size() == kMaxRank) return false;
  slice->push_back(extent);
  return reader.ok();
}

// TensorSliceProto: 1 extent.
bool parse_slice(std::string_view message, std::vector<SliceExtent>* slice) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id != 1) continue;
    if (field.type != WireType::kBytes || !parse_extent(field.bytes, slice)) return false;
  }
  return reader.ok();
}

// VersionDef: 2 min_consumer.
bool parse_version(std::string_view message, uint64_t* min_consumer) {
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id != 2) continue;
    if (field.type != WireType::kVarint) return false;
    *min_consumer = field.number;
  }
  return reader.ok();
}

}  // namespace

// BundleHeaderProto: 1 num_shards, 2 endianness, 3 version.
std::optional<BundleHeader> parse_bundle_header(std::string_view message) {
  BundleHeader header;
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    const WireType expected = field.id == 3 ? WireType::kBytes : WireType::kVarint;
    if (field.id == 1 && field.type == WireType::kBytes) {
      header.is_v1 = true;  // SavedTensorSlices: 1 meta
      return header;
    }
    if (field.id > 3) continue;
    if (field.type != expected) return std::nullopt;
    switch (field.id) {
      case 1:
        if (field.number > UINT32_MAX) return std::nullopt;
        header.shards = static_cast<uint32_t>(field.number);
        break;
      case 2:
        if (field.number > 1) return std::nullopt;
        header.big_endian = field.number == 1;
        break;
      default:
        if (!parse_version(field.bytes, &header.min_consumer)) return std::nullopt;
    }
  }
  if (!reader.ok()) return std::nullopt;
  return header;
}

// BundleEntryProto: 1 dtype, 2 shape, 3 shard_id, 4 offset, 5 size, 6 crc32c, 7 slices.
std::optional<BundleEntry> parse_bundle_entry(std::string_view message) {
  BundleEntry entry;
  ProtoReader reader(message);
  ProtoField field;
  while (reader.next(&field)) {
    if (field.id > 7) continue;
    const WireType expected = field.id == 2 || field.id == 7 ? WireType::kBytes
                              : field.id == 6                ? WireType::kFixed32
                                                             : WireType::kVarint;
    if (field.type != expected) return std::nullopt;
    switch (field.id) {
      case 1:
        entry.type = field.number;
        break;
      case 2:
        if (!parse_shape(field.bytes, &entry.shape)) return std::nullopt;
        break;
      case 3:
        entry.shard = field.number;
        break;
      case 4:
        entry.offset = field.number;
        break;
      case 5:
        entry.size = field.number;
        break;
      case 6:
        entry.masked_crc = static_cast<uint32_t>(field.number);
        break;
      default:
        entry.slices.emplace_back();
        if (!parse_slice(field.bytes, &entry.slices.back())) return std::nullopt;
    }
  }
  if (!reader.ok()) return std::nullopt;
  return entry;
}

std::string tf_type_name(uint64_t type) {
  const TypeRow* row = find_type(type);
  return row != nullptr ? row->name : "DataType " + std::to_string(type);
}

DType tf_dtype(uint64_t type) {
  const TypeRow* row = find_type(type);
  return row != nullptr ? row->dtype : DType::kOther;
}

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
