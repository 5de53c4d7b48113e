// The rows of a matrix as a file stores them: f32, fp16, int8 or int4, at any alignment. A row
// becomes f32 when it is read, so that nothing but the rows in use is ever touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "augur_generated.h"

namespace augur {

class StoredRows {
 public:
  StoredRows() = default;
  // The tensor must have been checked (Reader::matrix).
  explicit StoredRows(const fb::Tensor& tensor);

  // Bytes that the tensor's data and scales must have.
  static std::uint64_t row_bytes(fb::TensorType type, std::uint32_t columns);
  static std::uint64_t scale_bytes(fb::ScaleType type);
  static std::uint32_t groups(std::uint32_t columns, std::uint32_t group_size);

  std::uint32_t rows() const { return rows_; }
  std::uint32_t columns() const { return columns_; }

  // out[columns] = the row, += the row, or the greater of both in each column. Whether the values
  // are finite is the caller's question.
  void read(std::uint32_t row, float* out) const;
  void add(std::uint32_t row, float* out) const;
  void raise(std::uint32_t row, float* out) const;

  // The row is `integers` times one scale: int8 or int4 without groups and offsets.
  bool scaled_integers() const;
  void read_integers(std::uint32_t row, std::int8_t* out) const;
  float scale(std::uint32_t row, std::uint32_t group = 0) const;
  // f32: all values, row after row; nullptr with another type, or where floats cannot be read.
  const float* floats() const;
  fb::TensorType type() const { return type_; }

 private:
  template <typename Take>
  void decode(std::uint32_t row, float* out) const;

  fb::TensorType type_ = fb::TensorType::F32;
  fb::ScaleType scale_type_ = fb::ScaleType::None;
  std::uint32_t rows_ = 0;
  std::uint32_t columns_ = 0;
  std::uint32_t group_size_ = 1;
  std::uint32_t groups_ = 1;
  std::size_t row_bytes_ = 0;
  const unsigned char* data_ = nullptr;
  const unsigned char* scales_ = nullptr;
  const std::int8_t* offsets_ = nullptr;
};

}  // namespace augur
