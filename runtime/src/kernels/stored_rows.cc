// Decoding of stored rows, one plain loop for each type.
#include "kernels/stored_rows.h"

#include <cstring>

#include "common/build_choices.h"
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

// How a value of the row is combined with the output's value: here, it replaces it.
struct Replace {
  static float of(float, float value) { return value; }
};
struct Add {
  static float of(float old, float value) { return old + value; }
};
// Not-a-number is kept, so that later checks find it.
struct Greatest {
  static float of(float old, float value) { return old >= value || old != old ? old : value; }
};

}  // namespace

StoredRows::StoredRows(const StoredMatrix& matrix)
    : matrix_(matrix),
      group_columns_(matrix.group_size == 0 ? matrix.columns : matrix.group_size),
      groups_(groups(matrix.columns, matrix.group_size)),
      row_bytes_(static_cast<std::size_t>(row_bytes(matrix.type, matrix.columns))) {}

std::uint64_t StoredRows::row_bytes(StoredType type, std::uint32_t columns) {
  switch (type) {
    case StoredType::kF32:
      return std::uint64_t{columns} * 4;
    case StoredType::kF16:
      return std::uint64_t{columns} * 2;
    case StoredType::kI8:
      return columns;
    case StoredType::kI4:
      return (std::uint64_t{columns} + 1) / 2;
  }
  return 0;
}

std::uint64_t StoredRows::scale_bytes(ScaleType type) {
  return type == ScaleType::kF32 ? 4 : type == ScaleType::kF16 ? 2 : 0;
}

std::uint32_t StoredRows::groups(std::uint32_t columns, std::uint32_t group_size) {
  return group_size == 0 ? 1 : (columns - 1) / group_size + 1;
}

float StoredRows::scale(std::uint32_t row, std::uint32_t group) const {
  const std::size_t index = std::size_t{row} * groups_ + group;
  return matrix_.scale_type == ScaleType::kF16
             ? half_to_float(load<std::uint16_t>(matrix_.scales, index))
             : load<float>(matrix_.scales, index);
}

template <typename Take>
void StoredRows::decode(std::uint32_t row, float* __restrict out) const {
  // Without __restrict, bytes might be a part of `out`, and no loop could be vectorised.
  const unsigned char* __restrict data = matrix_.data + row * row_bytes_;
  switch (matrix_.type) {
    case StoredType::kF32:
      for (std::uint32_t k = 0; k < matrix_.columns; ++k)
        out[k] = Take::of(out[k], load<float>(data, k));
      return;
    case StoredType::kF16:
      if constexpr (!build::kF16) return;
      for (std::uint32_t k = 0; k < matrix_.columns; ++k)
        out[k] = Take::of(out[k], half_to_float(load<std::uint16_t>(data, k)));
      return;
    case StoredType::kI8:
    case StoredType::kI4:
      if constexpr (!build::kI8 && !build::kI4) return;
      break;
  }
  for (std::uint32_t group = 0, first = 0; group < groups_; ++group) {
    const float step = scale(row, group);
    const std::uint32_t end =
        matrix_.columns - first < group_columns_ ? matrix_.columns : first + group_columns_;
    if (!build::kI4 || matrix_.type == StoredType::kI8) {
      for (std::uint32_t k = first; k < end; ++k)
        out[k] = Take::of(out[k], step * static_cast<float>(load<std::int8_t>(data, k)));
    } else {
      const float offset =
          matrix_.offsets == nullptr
              ? 0.0f
              : static_cast<float>(matrix_.offsets[std::size_t{row} * groups_ + group]) * 0.0625f;
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
  const bool aligned = reinterpret_cast<std::uintptr_t>(matrix_.data) % alignof(float) == 0;
  return matrix_.type == StoredType::kF32 && aligned ? reinterpret_cast<const float*>(matrix_.data)
                                                     : nullptr;
}

bool StoredRows::scaled_integers() const {
  return build::kIntegers && (matrix_.type == StoredType::kI8 || matrix_.type == StoredType::kI4) &&
         groups_ == 1 && matrix_.offsets == nullptr;
}

void StoredRows::read_integers(std::uint32_t row, std::int8_t* out) const {
  const unsigned char* data = matrix_.data + row * row_bytes_;
  if (matrix_.type == StoredType::kI8) {
    std::memcpy(out, data, matrix_.columns);
    return;
  }
  for (std::uint32_t k = 0; k < matrix_.columns; ++k)
    out[k] = static_cast<std::int8_t>(nibble(data[k / 2], k % 2 != 0));
}

}  // namespace augur
