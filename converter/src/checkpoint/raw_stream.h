// A tensor's stored bytes, read in order, and what they mean. The readers of the formats provide
// streams; values.h turns them into numbers.
#pragma once

#include <cstddef>
#include <cstdint>

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

// Bytes of one tensor, front to back.
class RawStream {
 public:
  virtual ~RawStream() = default;
  // Exactly the next `size` bytes, or an Error.
  virtual void read(void* out, size_t size) = 0;
  // To be called after the last byte: verifies what can be verified (length, checksum).
  virtual void finish() {}
};

}  // namespace augur::checkpoint
