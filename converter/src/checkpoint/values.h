// From a tensor's stored bytes to numbers: types, byte orders, shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/raw_stream.h"

namespace augur::checkpoint {

// The largest number of dimensions that any reader accepts (NumPy's limit, too).
constexpr size_t kMaxRank = 64;

// Multiplies out `shape` and the bits of one value. False if a dimension is negative or the number
// of values or bits does not fit in 63 bits. Needs nothing in return when it fails.
bool shape_size(const std::vector<int64_t>& shape, uint64_t bits_per_value, uint64_t* count,
                uint64_t* bits);

// The place of the value that is `flat`-th in the file, as "[3, 5]".
std::string index_text(uint64_t flat, const std::vector<int64_t>& shape, bool column_major);

// What to call a tensor in messages, and where its values stand.
struct ValueContext {
  std::string where;  // "FILE: tensor 'NAME'"
  const std::vector<int64_t>& shape;
  bool column_major = false;
};

// Reads `count` values of a readable type from the stream, in the stream's order. Error (naming the
// tensor and the place) for a finite f64 that f32 cannot hold.
void decode_floats(RawStream& stream, Encoding encoding, uint64_t count,
                   const ValueContext& context, float* out);

// Reads `count` values of an integer type. Error for a u64 above int64's range.
void decode_integers(RawStream& stream, Encoding encoding, uint64_t count,
                     const ValueContext& context, int64_t* out);

// Brain-float bits to float, exactly.
float bfloat_to_float(uint16_t bits);

// A column-major array of `shape` as a row-major one. `values` has as many elements as the shape.
template <typename T>
std::vector<T> to_row_major(const std::vector<T>& values, const std::vector<int64_t>& shape) {
  std::vector<T> out(values.size());
  const size_t rank = shape.size();
  std::vector<size_t> stride(rank), index(rank, 0);
  size_t step = 1;
  for (size_t axis = 0; axis < rank; ++axis) {
    stride[axis] = step;
    step *= static_cast<size_t>(shape[axis]);
  }
  size_t from = 0;
  for (T& value : out) {
    value = values[from];
    for (size_t axis = rank; axis-- > 0;) {  // the odometer's last axis turns fastest
      from += stride[axis];
      if (++index[axis] < static_cast<size_t>(shape[axis])) break;
      from -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace augur::checkpoint
