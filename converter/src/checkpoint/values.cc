// Decoding of stored values in pieces of a few kilobytes, so that a tensor is never held twice.
#include "checkpoint/values.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "common/half.h"
#include "error.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kMaxCount = std::numeric_limits<int64_t>::max();

bool multiply(uint64_t a, uint64_t b, uint64_t* product) {
  if (b != 0 && a > kMaxCount / b) return false;
  *product = a * b;
  return true;
}

template <typename T>
T from_bits(uint64_t bits) {
  T value;
  if constexpr (sizeof(T) == 8) {
    std::memcpy(&value, &bits, sizeof value);
  } else {
    const auto low = static_cast<uint32_t>(bits);
    std::memcpy(&value, &low, sizeof value);
  }
  return value;
}

template <size_t Width>
uint64_t load(const uint8_t* bytes, bool big_endian) {
  uint64_t bits = 0;
  for (size_t i = 0; i < Width; ++i) {
    const size_t place = big_endian ? Width - 1 - i : i;
    bits |= uint64_t{bytes[i]} << (8 * place);
  }
  return bits;
}

// Calls convert(bits, position) for each value and stores what it returns.
template <size_t Width, typename Out, typename Convert>
void decode(RawStream& stream, bool big_endian, uint64_t count, Out* out, Convert convert) {
  uint8_t buffer[16384];
  constexpr uint64_t kValues = sizeof buffer / Width;
  for (uint64_t done = 0; done < count;) {
    const auto part = static_cast<size_t>(std::min(count - done, kValues));
    stream.read(buffer, part * Width);
    for (size_t i = 0; i < part; ++i) {
      out[done + i] = convert(load<Width>(buffer + i * Width, big_endian), done + i);
    }
    done += part;
  }
}

// The integer types, for both kinds of result. False if `encoding` is none of them or u64, which
// needs care of its own.
template <typename Out>
bool decode_narrow_integers(RawStream& stream, Encoding encoding, uint64_t count, Out* out) {
  const bool big = encoding.big_endian;
  switch (encoding.dtype) {
    case DType::kBool:
      decode<1>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(b != 0); });
      return true;
    case DType::kU8:
      decode<1>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(b); });
      return true;
    case DType::kI8:
      decode<1>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(int8_t(b)); });
      return true;
    case DType::kU16:
      decode<2>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(b); });
      return true;
    case DType::kI16:
      decode<2>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(int16_t(b)); });
      return true;
    case DType::kU32:
      decode<4>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(b); });
      return true;
    case DType::kI32:
      decode<4>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(int32_t(b)); });
      return true;
    case DType::kI64:
      decode<8>(stream, big, count, out, [](uint64_t b, uint64_t) { return Out(int64_t(b)); });
      return true;
    default:
      return false;
  }
}

[[noreturn]] void refuse_value(const ValueContext& context, uint64_t flat, const std::string& value,
                               const char* reason) {
  throw Error(context.where + ": element " + index_text(flat, context.shape, context.column_major) +
              " is " + value + ", " + reason);
}

}  // namespace

bool host_is_big_endian() {
  const uint16_t probe = 1;
  uint8_t first;
  std::memcpy(&first, &probe, 1);
  return first == 0;
}

const char* dtype_name(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return "bool";
    case DType::kU8:
      return "u8";
    case DType::kI8:
      return "i8";
    case DType::kU16:
      return "u16";
    case DType::kI16:
      return "i16";
    case DType::kU32:
      return "u32";
    case DType::kI32:
      return "i32";
    case DType::kU64:
      return "u64";
    case DType::kI64:
      return "i64";
    case DType::kF16:
      return "f16";
    case DType::kBF16:
      return "bf16";
    case DType::kF32:
      return "f32";
    case DType::kF64:
      return "f64";
    case DType::kComplex64:
      return "complex64";
    case DType::kComplex128:
      return "complex128";
    case DType::kString:
      return "string";
    case DType::kOther:
      break;
  }
  return "other";
}

size_t dtype_bytes(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kU8:
    case DType::kI8:
      return 1;
    case DType::kU16:
    case DType::kI16:
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kU32:
    case DType::kI32:
    case DType::kF32:
      return 4;
    case DType::kU64:
    case DType::kI64:
    case DType::kF64:
    case DType::kComplex64:
      return 8;
    case DType::kComplex128:
      return 16;
    case DType::kString:
    case DType::kOther:
      break;
  }
  return 0;
}

bool shape_size(const std::vector<int64_t>& shape, uint64_t bits_per_value, uint64_t* count,
                uint64_t* bits) {
  uint64_t product = 1;
  bool empty = false;
  for (const int64_t dimension : shape) {
    if (dimension < 0) return false;
    if (dimension == 0) empty = true;
  }
  if (empty) {
    *count = *bits = 0;  // whatever the other dimensions are
    return true;
  }
  for (const int64_t dimension : shape) {
    if (!multiply(product, static_cast<uint64_t>(dimension), &product)) return false;
  }
  *count = product;
  return multiply(product, bits_per_value, bits);
}

std::string index_text(uint64_t flat, const std::vector<int64_t>& shape, bool column_major) {
  std::vector<int64_t> index(shape.size(), 0);
  for (size_t i = 0; i < shape.size(); ++i) {
    const size_t axis = column_major ? i : shape.size() - 1 - i;
    const auto extent = static_cast<uint64_t>(std::max<int64_t>(shape[axis], 1));
    index[axis] = static_cast<int64_t>(flat % extent);
    flat /= extent;
  }
  return shape_text(index);
}

float bfloat_to_float(uint16_t bits) {
  return from_bits<float>(uint64_t{bits} << 16);
}

void decode_floats(RawStream& stream, Encoding encoding, uint64_t count,
                   const ValueContext& context, float* out) {
  const bool big = encoding.big_endian;
  switch (encoding.dtype) {
    case DType::kF32:
      if (big == host_is_big_endian()) {  // nothing to convert
        stream.read(out, static_cast<size_t>(count) * sizeof(float));
      } else {
        decode<4>(stream, big, count, out,
                  [](uint64_t b, uint64_t) { return from_bits<float>(b); });
      }
      return;
    case DType::kF16:
      decode<2>(stream, big, count, out,
                [](uint64_t b, uint64_t) { return half_to_float(static_cast<uint16_t>(b)); });
      return;
    case DType::kBF16:
      decode<2>(stream, big, count, out,
                [](uint64_t b, uint64_t) { return bfloat_to_float(static_cast<uint16_t>(b)); });
      return;
    case DType::kF64:
      decode<8>(stream, big, count, out, [&context](uint64_t b, uint64_t flat) {
        const auto wide = from_bits<double>(b);
        // Checked before the conversion, which is undefined beyond the range. Half a unit above
        // the largest float still rounds to it.
        constexpr double kLimit = 0x1.ffffffp127;
        if (std::isfinite(wide) && std::fabs(wide) >= kLimit) {
          char text[32];
          std::snprintf(text, sizeof text, "%.17g", wide);
          refuse_value(context, flat, text,
                       "which f32 cannot hold (largest 3.4e38): check the training, or save the "
                       "checkpoint as float32");
        }
        return static_cast<float>(wide);
      });
      return;
    case DType::kU64:
      decode<8>(stream, big, count, out,
                [](uint64_t b, uint64_t) { return static_cast<float>(b); });
      return;
    default:
      if (!decode_narrow_integers(stream, encoding, count, out)) {
        throw Error(context.where + ": its type cannot be read");
      }
  }
}

void decode_integers(RawStream& stream, Encoding encoding, uint64_t count,
                     const ValueContext& context, int64_t* out) {
  if (encoding.dtype == DType::kU64) {
    decode<8>(stream, encoding.big_endian, count, out, [&context](uint64_t b, uint64_t flat) {
      if (b > kMaxCount) {
        refuse_value(context, flat, std::to_string(b), "which is above the range of int64");
      }
      return static_cast<int64_t>(b);
    });
    return;
  }
  if (!decode_narrow_integers(stream, encoding, count, out)) {
    throw Error(context.where + ": its type is not an integer type");
  }
}

}  // namespace augur::checkpoint
