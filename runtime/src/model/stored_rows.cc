// Decoding of stored rows, one plain loop for each type.
#include "model/stored_rows.h"

#include <cstring>

#include "common/half.h"

namespace augur {
namespace {

template <typename T>
T load(const unsigned char* bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes + index * sizeof(T), sizeof(T));
  return value;
}

// The two's complement number in a byte's low or high half.
int nibble(unsigned char byte, bool high) {
  const int bits = high ? byte >> 4 : byte & 15;
  return (bits ^ 8) - 8;
}

// What becomes of a value of the row and the one that stands in its place.
struct Replace {
  static float of(float, float value) { return value; }
};
struct Add {
  static float of(float old, float value) { return old + value; }
};
// Not-a-number wins, so that it is found.
struct Greatest {
  static float of(float old, float value) { return old >= value || old != old ? old : value; }
};

}  // namespace

StoredRows::StoredRows(const fb::Tensor& tensor)
    : type_(tensor.type()),
      scale_type_(tensor.scale_type()),
      rows_(tensor.shape()->Get(0)),
      columns_(tensor.shape()->Get(1)),
      group_size_(tensor.group_size() == 0 ? columns_ : tensor.group_size()),
      groups_(groups(columns_, tensor.group_size())),
      row_bytes_(static_cast<std::size_t>(row_bytes(type_, columns_))),
      data_(tensor.data()->data()),
      scales_(tensor.scales() == nullptr ? nullptr : tensor.scales()->data()),
      offsets_(tensor.offsets() == nullptr ? nullptr : tensor.offsets()->data()) {}

std::uint64_t StoredRows::row_bytes(fb::TensorType type, std::uint32_t columns) {
  switch (type) {
    case fb::TensorType::F32:
      return std::uint64_t{columns} * 4;
    case fb::TensorType::F16:
      return std::uint64_t{columns} * 2;
    case fb::TensorType::I8:
      return columns;
    case fb::TensorType::I4:
      return (std::uint64_t{columns} + 1) / 2;
  }
  return 0;
}

std::uint64_t StoredRows::scale_bytes(fb::ScaleType type) {
  return type == fb::ScaleType::F32 ? 4 : type == fb::ScaleType::F16 ? 2 : 0;
}

std::uint32_t StoredRows::groups(std::uint32_t columns, std::uint32_t group_size) {
  return group_size == 0 ? 1 : (columns - 1) / group_size + 1;
}

float StoredRows::scale(std::uint32_t row, std::uint32_t group) const {
  const std::size_t index = std::size_t{row} * groups_ + group;
  return scale_type_ == fb::ScaleType::F16 ? half_to_float(load<std::uint16_t>(scales_, index))
                                           : load<float>(scales_, index);
}

template <typename Take>
void StoredRows::decode(std::uint32_t row, float* out) const {
  const unsigned char* data = data_ + row * row_bytes_;
  switch (type_) {
    case fb::TensorType::F32:
      for (std::uint32_t k = 0; k < columns_; ++k)
        out[k] = Take::of(out[k], load<float>(data, k));
      return;
    case fb::TensorType::F16:
      for (std::uint32_t k = 0; k < columns_; ++k)
        out[k] = Take::of(out[k], half_to_float(load<std::uint16_t>(data, k)));
      return;
    case fb::TensorType::I8:
    case fb::TensorType::I4:
      break;
  }
  for (std::uint32_t group = 0, first = 0; group < groups_; ++group) {
    const float step = scale(row, group);
    const std::uint32_t end = columns_ - first < group_size_ ? columns_ : first + group_size_;
    if (type_ == fb::TensorType::I8) {
      for (std::uint32_t k = first; k < end; ++k)
        out[k] = Take::of(out[k], step * static_cast<float>(load<std::int8_t>(data, k)));
    } else {
      const float offset =
          offsets_ == nullptr
              ? 0.0f
              : static_cast<float>(offsets_[std::size_t{row} * groups_ + group]) * 0.0625f;
      for (std::uint32_t k = first; k < end; ++k) {
        const auto integer = static_cast<float>(nibble(data[k / 2], k % 2 != 0));
        out[k] = Take::of(out[k], step * (integer + offset));
      }
    }
    first = end;
  }
}

void StoredRows::read(std::uint32_t row, float* out) const {
  decode<Replace>(row, out);
}

void StoredRows::add(std::uint32_t row, float* out) const {
  decode<Add>(row, out);
}

void StoredRows::raise(std::uint32_t row, float* out) const {
  decode<Greatest>(row, out);
}

const float* StoredRows::floats() const {
  const bool aligned = reinterpret_cast<std::uintptr_t>(data_) % alignof(float) == 0;
  return type_ == fb::TensorType::F32 && aligned ? reinterpret_cast<const float*>(data_) : nullptr;
}

bool StoredRows::scaled_integers() const {
  return (type_ == fb::TensorType::I8 || type_ == fb::TensorType::I4) && groups_ == 1 &&
         offsets_ == nullptr;
}

void StoredRows::read_integers(std::uint32_t row, std::int8_t* out) const {
  const unsigned char* data = data_ + row * row_bytes_;
  if (type_ == fb::TensorType::I8) {
    std::memcpy(out, data, columns_);
    return;
  }
  for (std::uint32_t k = 0; k < columns_; ++k)
    out[k] = static_cast<std::int8_t>(nibble(data[k / 2], k % 2 != 0));
}

}  // namespace augur
