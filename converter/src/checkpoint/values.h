// From a tensor's stored bytes to numbers: types, byte orders, shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/byte_source.h"

namespace augur::checkpoint {

// The type of a tensor's values. Those up to kF64 can be read; the others are listed, so that a
// checkpoint which happens to hold them can still be used, and refused when read.
enum class DType {
  kBool,
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kU64,
  kI64,
  kF16,
  kBF16,
  kF32,
  kF64,
  kComplex64,
  kComplex128,
  kString,
  kOther,
};

// "f32", "bf16", "i64", "complex64", "string", "other", ...
const char* dtype_name(DType dtype);

// Bytes of one value; 0 for kString and kOther.
size_t dtype_bytes(DType dtype);

// Whether Checkpoint::read() accepts it.
inline bool is_readable(DType dtype) {
  return dtype <= DType::kF64;
}

// Whether Checkpoint::read_int64() accepts it.
inline bool is_integer(DType dtype) {
  return dtype <= DType::kI64;
}

// What a stream's bytes are: values of `dtype`, in this byte order.
struct Encoding {
  DType dtype = DType::kOther;
  bool big_endian = false;
};

// This machine's byte order.
bool host_is_big_endian();

// The largest number of dimensions that any reader accepts (NumPy's limit, too).
constexpr size_t kMaxRank = 64;

// Multiplies out `shape` and the bits of one value. False if a dimension is negative or the number
// of values or bits does not fit in 63 bits. `count` and `bits` mean nothing then.
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
    for (size_t axis = rank; axis-- > 0;) {  // the last axis changes fastest
      from += stride[axis];
      if (++index[axis] < static_cast<size_t>(shape[axis])) break;
      from -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace augur::checkpoint
