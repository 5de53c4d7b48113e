// The rows of a matrix as a file stores them: f32, fp16, int8 or int4, at any alignment. A row
// becomes f32 when it is read, so that only the rows in use are ever touched.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur {

// As the schema numbers them (schema/augur.fbs).
enum class StoredType : std::uint8_t { kF32 = 0, kF16 = 1, kI8 = 2, kI4 = 3 };
enum class ScaleType : std::uint8_t { kNone = 0, kF32 = 1, kF16 = 2 };

// Where the parts of a matrix lie, and their form. Their sizes must be those that row_bytes(),
// scale_bytes() and groups() give; the code that fills this struct must have checked them.
struct StoredMatrix {
  StoredType type = StoredType::kF32;
  ScaleType scale_type = ScaleType::kNone;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t group_size = 0;  // columns that share a scale; 0: one scale for each row
  const unsigned char* data = nullptr;
  const unsigned char* scales = nullptr;  // [rows, groups]; nullptr: none
  const std::int8_t* offsets = nullptr;   // int4: [rows, groups], in sixteenths; nullptr: 0
};

class StoredRows {
 public:
  StoredRows() = default;
  explicit StoredRows(const StoredMatrix& matrix);

  // The bytes of a row, and of one scale; how many groups a row has.
  static std::uint64_t row_bytes(StoredType type, std::uint32_t columns);
  static std::uint64_t scale_bytes(ScaleType type);
  static std::uint32_t groups(std::uint32_t columns, std::uint32_t group_size);

  const StoredMatrix& matrix() const { return matrix_; }
  std::uint32_t rows() const { return matrix_.rows; }
  std::uint32_t columns() const { return matrix_.columns; }

  // out[columns] = the row, += the row, or the greater of both in each column. Values that are not
  // finite come out as they are.
  void read(std::uint32_t row, float* out) const;
  void add(std::uint32_t row, float* out) const;
  void raise(std::uint32_t row, float* out) const;

  // The row is `integers` times one scale: int8 or int4 without groups and offsets.
  bool scaled_integers() const;
  void read_integers(std::uint32_t row, std::int8_t* out) const;
  float scale(std::uint32_t row, std::uint32_t group = 0) const;
  // f32: all values, row after row; nullptr with another type, or where floats cannot be read.
  const float* floats() const;

 private:
  template <typename Take>
  void decode(std::uint32_t row, float* out) const;

  StoredMatrix matrix_;
  std::uint32_t group_columns_ = 1;  // columns that share a scale
  std::uint32_t groups_ = 1;
  std::size_t row_bytes_ = 0;
};

}  // namespace augur
