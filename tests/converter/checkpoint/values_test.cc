// Numbers from bytes: every type, both byte orders, the limits of each conversion.
#include "checkpoint/values.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

std::vector<float> floats(const Bytes& bytes, DType dtype, bool big_endian = false,
                          std::vector<int64_t> shape = {}, bool column_major = false) {
  const auto source = view(bytes);
  const auto stream = stream_range(*source, 0, bytes.size());
  std::vector<float> out(bytes.size() / dtype_bytes(dtype));
  if (shape.empty()) shape = {static_cast<int64_t>(out.size())};
  decode_floats(*stream, {dtype, big_endian}, out.size(), {"here", shape, column_major},
                out.data());
  stream->finish();
  return out;
}

std::vector<int64_t> integers(const Bytes& bytes, DType dtype, bool big_endian = false) {
  const auto source = view(bytes);
  const auto stream = stream_range(*source, 0, bytes.size());
  std::vector<int64_t> out(bytes.size() / dtype_bytes(dtype));
  const std::vector<int64_t> shape = {static_cast<int64_t>(out.size())};
  decode_integers(*stream, {dtype, big_endian}, out.size(), {"here", shape, false}, out.data());
  return out;
}

template <typename T>
void check_both_orders(DType dtype, const std::vector<T>& values) {
  std::vector<float> expected;
  for (const T value : values)
    expected.push_back(static_cast<float>(value));
  for (const bool big : {false, true}) {
    CHECK(floats(bytes_of(values, big), dtype, big) == expected);
    if (!is_integer(dtype)) continue;
    const std::vector<int64_t> exact = integers(bytes_of(values, big), dtype, big);
    REQUIRE(exact.size() == values.size());
    for (size_t i = 0; i < values.size(); ++i)
      CHECK(exact[i] == static_cast<int64_t>(values[i]));
  }
}

}  // namespace

TEST_CASE("numbers of each type are converted, in either byte order") {
  check_both_orders<float>(DType::kF32, {0.0f, -0.0f, 1.5f, -3.25e-30f, 3.4e38f, 1e-45f});
  check_both_orders<double>(DType::kF64, {0.0, 1.0 / 3.0, -1e-300, 3.4028234e38, -2.5});
  check_both_orders<uint8_t>(DType::kU8, {0, 1, 127, 128, 255});
  check_both_orders<int8_t>(DType::kI8, {0, 1, -1, 127, -128});
  check_both_orders<uint16_t>(DType::kU16, {0, 1, 32768, 65535});
  check_both_orders<int16_t>(DType::kI16, {0, -1, 32767, -32768});
  check_both_orders<uint32_t>(DType::kU32, {0, 1, 4294967295u});
  check_both_orders<int32_t>(DType::kI32, {0, -1, 2147483647, std::numeric_limits<int32_t>::min()});
  check_both_orders<int64_t>(DType::kI64, {0, -1, std::numeric_limits<int64_t>::max(),
                                           std::numeric_limits<int64_t>::min()});
  check_both_orders<uint64_t>(DType::kU64, {0, 1, uint64_t{1} << 62});
}

TEST_CASE("more values than one piece of the decoder holds") {
  std::vector<int16_t> values(50001);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int16_t>(i * 31);
  check_both_orders(DType::kI16, values);
}

TEST_CASE("any byte but 0 is true") {
  CHECK(floats({0, 1, 2, 255}, DType::kBool) == std::vector<float>{0, 1, 1, 1});
  CHECK(integers({0, 1, 2, 255}, DType::kBool) == std::vector<int64_t>{0, 1, 1, 1});
}

TEST_CASE("every brain float is the upper half of a float") {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const float got = bfloat_to_float(static_cast<uint16_t>(bits));
    uint32_t back;
    std::memcpy(&back, &got, sizeof back);
    REQUIRE(back == bits << 16);
  }
  CHECK(floats({0x3f, 0xc0}, DType::kBF16, true) == std::vector<float>{1.5f});
  CHECK(floats({0x00, 0x3e}, DType::kF16) == std::vector<float>{1.5f});
}

TEST_CASE("a double that f32 cannot hold is refused with its place") {
  const double largest = std::numeric_limits<float>::max();
  const double limit = 0x1.ffffffp127;  // halfway to the next power of two: rounds to infinity
  CHECK(floats(bytes_of<double>({std::nextafter(limit, 0.0)}), DType::kF64)[0] ==
        std::numeric_limits<float>::max());
  CHECK(floats(bytes_of<double>({-largest}), DType::kF64)[0] == -std::numeric_limits<float>::max());
  CHECK_REFUSED(floats(bytes_of<double>({0, 0, 0, 0, 1e300, 0}), DType::kF64, false, {2, 3}),
                "here: element [1, 1] is 1");
  CHECK_REFUSED(floats(bytes_of<double>({0, 0, 0, -limit, 0, 0}), DType::kF64, false, {2, 3}, true),
                "here: element [1, 1] is -3.4");
}

TEST_CASE("infinities and NaNs are read unchanged") {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto got = floats(bytes_of<double>({infinity, -infinity, std::nan("")}), DType::kF64);
  CHECK(std::isinf(got[0]));
  CHECK(got[1] == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(got[2]));
}

TEST_CASE("a u64 above int64's range is refused as an integer, rounded as a float") {
  const Bytes bytes = bytes_of<uint64_t>({1, uint64_t{1} << 63});
  CHECK_REFUSED(integers(bytes, DType::kU64), "element [1] is 9223372036854775808");
  CHECK(floats(bytes, DType::kU64)[1] == 0x1p63f);
}

TEST_CASE("shapes multiply out without overflow") {
  uint64_t count = 7, bits = 7;
  CHECK(shape_size({}, 32, &count, &bits));
  CHECK(count == 1);
  CHECK(bits == 32);
  CHECK(shape_size({72, 36}, 16, &count, &bits));
  CHECK(count == 2592);
  CHECK(bits == 2592 * 16);
  CHECK(shape_size({int64_t{1} << 40, 0, int64_t{1} << 40}, 32, &count, &bits));
  CHECK(count == 0);
  CHECK_FALSE(shape_size({2, -1}, 32, &count, &bits));
  CHECK_FALSE(shape_size({0, -1}, 32, &count, &bits));
  CHECK_FALSE(shape_size({int64_t{1} << 32, int64_t{1} << 31}, 1, &count, &bits));
  CHECK_FALSE(shape_size({int64_t{1} << 60}, 8, &count, &bits));
  CHECK(shape_size({int64_t{1} << 58}, 8, &count, &bits));
}

TEST_CASE("a value's place in a tensor is shown as its indices") {
  CHECK(index_text(0, {}, false) == "[]");
  CHECK(index_text(7, {2, 4}, false) == "[1, 3]");
  CHECK(index_text(3, {2, 4}, true) == "[1, 1]");
}

TEST_CASE("column-major arrays are transposed") {
  // The array [[0 1 2] [3 4 5]] by columns.
  CHECK(to_row_major<int>({0, 3, 1, 4, 2, 5}, {2, 3}) == std::vector<int>{0, 1, 2, 3, 4, 5});
  const std::vector<int64_t> shape = {2, 3, 4};
  std::vector<int> by_columns(24), expected(24);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 4; ++k) {
        by_columns[static_cast<size_t>(i + 2 * (j + 3 * k))] = 100 * i + 10 * j + k;
        expected[static_cast<size_t>(k + 4 * (j + 3 * i))] = 100 * i + 10 * j + k;
      }
    }
  }
  CHECK(to_row_major(by_columns, shape) == expected);
  CHECK(to_row_major<int>({}, {0, 3}).empty());
  CHECK(to_row_major<int>({5}, {}) == std::vector<int>{5});
}

TEST_CASE("a stream gives exactly the bytes of its range") {
  const Bytes bytes = {1, 2, 3, 4, 5};
  const auto source = view(bytes, "five");
  const auto stream = stream_range(*source, 1, 3);
  uint8_t out[4];
  stream->read(out, 2);
  CHECK(out[1] == 3);
  CHECK_REFUSED(stream->finish(), "five: a tensor's data is longer");
  CHECK_REFUSED(stream->read(out, 2), "five: a tensor's data ends too early");
  CHECK_REFUSED(source->read(4, out, 2), "five: needs 2 bytes at offset 4, but the file has 5");
  CHECK_REFUSED(source->read(~uint64_t{0}, uint64_t{2}), "five: needs 2 bytes");
  CHECK_REFUSED(source->read(0, ~uint64_t{0}), "five: needs 18446744073709551615 bytes");
}

TEST_CASE("types have names and sizes") {
  CHECK(std::string(dtype_name(DType::kBF16)) == "bf16");
  CHECK(std::string(dtype_name(DType::kComplex128)) == "complex128");
  CHECK(dtype_bytes(DType::kF64) == 8);
  CHECK(dtype_bytes(DType::kOther) == 0);
  CHECK(is_readable(DType::kF64));
  CHECK_FALSE(is_readable(DType::kComplex64));
  CHECK(is_integer(DType::kI64));
  CHECK_FALSE(is_integer(DType::kF16));
}
