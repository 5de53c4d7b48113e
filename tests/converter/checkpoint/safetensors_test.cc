// safetensors: round trips, and the headers that are refused.
#include "checkpoint/safetensors.h"
#include "converter/checkpoint/safetensors_writer.h"

#include <doctest/doctest.h>

#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// A file of this header text and this many data bytes.
Bytes file_of(const std::string& header, size_t data_bytes) {
  Bytes out;
  put(&out, header.size(), 8);
  put(&out, header);
  for (size_t i = 0; i < data_bytes; ++i)
    out.push_back(static_cast<uint8_t>(i));
  return out;
}

std::unique_ptr<Checkpoint> open(const Bytes& bytes) {
  return open_safetensors(view(bytes, "x.safetensors"));
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("safetensors: every type is written and read back") {
  const std::vector<TensorData> tensors = {
      {"bool", DType::kBool, {2}, {1, 0}},
      {"u8", DType::kU8, {1}, {200}},
      {"i8", DType::kI8, {1}, bytes_of<int8_t>({-5})},
      {"u16", DType::kU16, {1}, bytes_of<uint16_t>({65535})},
      {"i16", DType::kI16, {1}, bytes_of<int16_t>({-300})},
      {"u32", DType::kU32, {1}, bytes_of<uint32_t>({4000000000u})},
      {"i32", DType::kI32, {1}, bytes_of<int32_t>({-70000})},
      {"u64", DType::kU64, {1}, bytes_of<uint64_t>({1u << 24})},
      {"i64", DType::kI64, {1}, bytes_of<int64_t>({-(1 << 24)})},
      {"f16", DType::kF16, {1}, bytes_of<uint16_t>({0xc000})},
      {"bf16", DType::kBF16, {1}, bytes_of<uint16_t>({0x4040})},
      {"f32", DType::kF32, {2, 2}, bytes_of<float>({1, 2, 3, -4.5f})},
      {"f64", DType::kF64, {}, bytes_of<double>({0.1})},
      {"empty", DType::kF32, {3, 0, 5}, {}},
  };
  const Bytes bytes = safetensors_bytes(tensors);
  const auto weights = open(bytes);
  REQUIRE(weights->tensors().size() == tensors.size());
  for (const TensorData& written : tensors) {
    const TensorInfo& info = weights->get(written.name);
    CHECK(info.dtype == written.dtype);
    CHECK(info.shape == written.shape);
    CHECK(info.bytes == written.bytes.size());
  }
  const auto first = [&](const char* name) { return weights->read(weights->get(name)).at(0); };
  CHECK(weights->read(weights->get("bool")) == std::vector<float>{1, 0});
  CHECK(first("u8") == 200);
  CHECK(first("i8") == -5);
  CHECK(first("u16") == 65535);
  CHECK(first("i16") == -300);
  CHECK(first("u32") == 4e9f);
  CHECK(first("i32") == -70000);
  CHECK(first("u64") == 16777216);
  CHECK(first("i64") == -16777216);
  CHECK(first("f16") == -2);
  CHECK(first("bf16") == 3);
  CHECK(weights->read(weights->get("f32")) == std::vector<float>{1, 2, 3, -4.5f});
  CHECK(first("f64") == 0.1f);
  CHECK(weights->read(weights->get("empty")).empty());
  CHECK(weights->get("bf16").type_name == "BF16");
  CHECK(weights->get("empty").count() == 0);
  CHECK(weights->get("f64").count() == 1);
}

TEST_CASE("safetensors: metadata, the order of keys and white space change nothing") {
  const std::string header =
      "{ \"__metadata__\": {\"format\": \"pt\", \"note\": \"{}\"},\n"
      "\"b\":{\"data_offsets\":[4,8],\"shape\":[ 4 ],\"dtype\":\"U8\"}," +
      tensor("a", "U8", "[4]", "[0,4]") + "}   ";
  const Bytes bytes = file_of(header, 8);
  const auto weights = open(bytes);
  REQUIRE(weights->tensors().size() == 2);
  CHECK(weights->read(weights->get("a")) == std::vector<float>{0, 1, 2, 3});
  CHECK(weights->read(weights->get("b")) == std::vector<float>{4, 5, 6, 7});
  CHECK(open(file_of("{}", 0))->tensors().empty());
}

TEST_CASE("safetensors: types that are no numbers are listed, and refused when read") {
  const Bytes bytes = file_of("{" + tensor("c", "C64", "[1]", "[0,8]") + "," +
                                  tensor("q", "F8_E4M3", "[2]", "[8,10]") + "," +
                                  tensor("h", "F4", "[4]", "[10,12]") + "}",
                              12);
  const auto weights = open(bytes);
  CHECK(weights->get("c").dtype == DType::kComplex64);
  CHECK(weights->get("q").dtype == DType::kOther);
  CHECK_REFUSED(weights->read(weights->get("c")),
                "x.safetensors: tensor 'c' has type 'C64', which cannot be read as numbers");
  CHECK_REFUSED(weights->read(weights->get("q")), "tensor 'q' has type 'F8_E4M3'");
  CHECK_REFUSED(open(file_of("{" + tensor("h", "F4", "[3]", "[0,1]") + "}", 1)),
                "tensor 'h' has a number of F4 values that does not fill whole bytes");
}

TEST_CASE("safetensors: a double beyond f32 is named with file, tensor and place") {
  const Bytes bytes =
      safetensors_bytes({{"fc1.weight", DType::kF64, {2, 2}, bytes_of<double>({1, 2, -1e39, 4})}});
  const auto weights = open(bytes);
  CHECK_REFUSED(weights->read(weights->get("fc1.weight")),
                "x.safetensors: tensor 'fc1.weight': element [1, 0] is -9.9999999999999994e+38");
}

TEST_CASE("safetensors: the header's length is checked before it is used") {
  CHECK_REFUSED(open({}), "has 0 bytes, too few");
  CHECK_REFUSED(open({1, 2, 3}), "has 3 bytes, too few");
  Bytes huge;
  put(&huge, ~uint64_t{0}, 8);
  put(&huge, "{}");
  CHECK_REFUSED(open(huge), "claims 18446744073709551615 bytes, but the file has only 2 more");
  Bytes none;
  put(&none, 0, 8);
  CHECK_REFUSED(open(none), "does not begin with '{'");
  CHECK_REFUSED(open(file_of(" {}", 0)), "does not begin with '{'");
}

TEST_CASE("safetensors: malformed headers are refused") {
  const auto refuse = [](const std::string& header, const char* why) {
    CAPTURE(header);
    CHECK_REFUSED(open(file_of(header, 4)), why);
  };
  refuse("{", "not valid JSON");
  refuse("{}x", "not valid JSON (at byte 11 of the file)");
  refuse("{\"a\":", "not valid JSON");
  refuse("{\"\xff\xfe\":{}}", "not valid JSON");
  refuse("{\"a\":[]}", "has an array at or after 'a'");
  refuse("{\"a\":3}", "has a number");
  refuse("{\"a\":null}", "has null");
  refuse("{\"a\":{}}", "tensor 'a' has no 'dtype'");
  refuse("{\"a\":{\"dtype\":\"U8\"}}", "tensor 'a' has no 'shape'");
  refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", "tensor 'a' has no 'data_offsets'");
  refuse("{\"a\":{\"dtype\":true}}", "has true or false");
  refuse("{\"a\":{\"dtype\":{}}}", "has an object");
  refuse("{\"a\":{\"strides\":[]}}", "tensor 'a' has the unknown key 'strides'");
  refuse("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", "has the key 'dtype' twice");
  refuse("{\"a\":{\"shape\":[],\"shape\":[]}}", "has the key 'shape' twice");
  refuse("{\"a\":{\"data_offsets\":[0,4],\"data_offsets\":[0,4]}}", "'data_offsets' twice");
  refuse("{\"a\":{\"shape\":[[4]]}}", "has an array");
  refuse("{\"__metadata__\":{\"a\":{}}}", "has an object");
  refuse("{\"__metadata__\":{\"a\":1}}", "has a number");
  refuse("{\"__metadata__\":\"a\"}", "has a string");
  refuse("{" + tensor("a", "F99", "[4]", "[0,4]") + "}", "has the unknown type 'F99'");
  refuse("{" + tensor("a", "f32", "[1]", "[0,4]") + "}", "has the unknown type 'f32'");
  refuse("{" + tensor("a", "U8", "[-4]", "[0,4]") + "}", "has a negative number");
  refuse("{" + tensor("a", "U8", "[4.0]", "[0,4]") + "}", "has a fraction");
  refuse("{" + tensor("a", "U8", "[1e2]", "[0,4]") + "}", "has a fraction");
  refuse("{" + tensor("a", "U8", "[9223372036854775808]", "[0,4]") + "}", "is too large");
  refuse("{" + tensor("a", "U8", "[18446744073709551616]", "[0,4]") + "}", "has a fraction");
  refuse("{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,4]") + "}", "size overflows");
  refuse("{" + tensor("a", "U8", "[4]", "[0]") + "}", "'data_offsets' has 1 numbers");
  refuse("{" + tensor("a", "U8", "[4]", "[]") + "}", "'data_offsets' has 0 numbers");
  refuse("{" + tensor("a", "U8", "[4]", "[0,4,4]") + "}", "more than 2 numbers");
  refuse("{" + tensor("a", "U8", "[4]", "[4,0]") + "}", "needs 4 bytes");
  refuse("{" + tensor("a", "U8", "[3]", "[0,4]") + "}", "U8 of shape [3] needs 3 bytes");
  refuse("{" + tensor("a", "U8", "[4]", "[0,4]") + "," + tensor("a", "U8", "[4]", "[0,4]") + "}",
         "tensor 'a' occurs twice");
}

TEST_CASE("safetensors: data may neither overlap, nor leave holes, nor go beyond the file") {
  const auto refuse = [](const std::string& offsets_a, const std::string& offsets_b, size_t size,
                         const char* why) {
    const Bytes bytes = file_of(
        "{" + tensor("a", "U8", "[2]", offsets_a) + "," + tensor("b", "U8", "[2]", offsets_b) + "}",
        size);
    CHECK_REFUSED(open(bytes), why);
  };
  refuse("[0,2]", "[0,2]", 4, "tensor 'b' begins at data byte 0, inside the end 2");
  refuse("[0,2]", "[1,3]", 3, "they overlap");
  refuse("[0,2]", "[3,5]", 5, "the format allows no hole");
  refuse("[1,3]", "[3,5]", 5, "tensor 'a' begins at data byte 1, not at the end 0");
  refuse("[0,2]", "[2,4]", 5, "has 1 bytes after its last tensor");
  refuse("[0,2]", "[2,4]", 3, "tensor 'b' ends at data byte 4, but the file has only 3");
  refuse("[0,2]", "[18446744073709551613,18446744073709551615]", 4, "ends at data byte 184467");
}

TEST_CASE("safetensors: deeply nested headers are refused early") {
  CHECK_REFUSED(open(file_of("{\"a\":" + std::string(200000, '['), 0)), "has an array");
  CHECK_REFUSED(open(file_of("{\"a\":{\"dtype\":" + std::string(200000, '{'), 0)), "has an object");
  std::string many = "1";
  for (int i = 0; i < 64; ++i)
    many += ",1";
  CHECK_REFUSED(open(file_of("{" + tensor("a", "U8", "[" + many + "]", "[0,1]") + "}", 1)),
                "more than 64 dimensions");
}

TEST_CASE("safetensors: a file cut off anywhere is refused") {
  const Bytes whole = safetensors_bytes(
      {float_tensor("a", {2}, {1, 2}), {"n", DType::kI64, {}, bytes_of<int64_t>({3})}});
  REQUIRE_NOTHROW(open(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK_REFUSED(open(part), "x.safetensors: ");
  }
}

TEST_CASE("safetensors: a changed byte is refused or changes a value, nothing else") {
  const Bytes whole = safetensors_bytes(
      {float_tensor("a", {2}, {1, 2}), {"n", DType::kI64, {}, bytes_of<int64_t>({3})}});
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const uint8_t mask : Bytes{0x01, 0x20, 0x80, 0xff}) {
      Bytes changed = whole;
      changed[at] ^= mask;
      if (!error_of([&] { read_all(*open(changed)); }).empty()) ++refused;
    }
  }
  CHECK(refused > whole.size());  // most of the header is no good when changed
}

TEST_CASE("safetensors: the writer refuses what the format cannot say") {
  CHECK_REFUSED(safetensors_bytes({{"a", DType::kF32, {2}, {1, 2, 3, 4}}}), "do not fill");
  CHECK_REFUSED(safetensors_bytes({{"a", DType::kString, {}, {}}}), "no type string");
  CHECK_REFUSED(safetensors_bytes({{"a", DType::kOther, {}, {}}}), "no type other");
  CHECK_REFUSED(safetensors_bytes({float_tensor("a", {}, {1}), float_tensor("a", {}, {2})}),
                "tensor 'a' cannot be written");
  CHECK_REFUSED(safetensors_bytes({float_tensor("__metadata__", {}, {1})}), "cannot be written");
  CHECK_REFUSED(safetensors_bytes({float_tensor("\xff", {}, {1})}), "not valid UTF-8");
}

TEST_CASE("safetensors: the writer aligns every tensor for its type") {
  const Bytes bytes = safetensors_bytes({{"a", DType::kU8, {3}, {1, 2, 3}},
                                         {"b", DType::kF64, {1}, bytes_of<double>({1})},
                                         {"c", DType::kF32, {1}, bytes_of<float>({1})}});
  CHECK(find(bytes, "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}") !=
        std::string::npos);
  CHECK(find(bytes, "\"data_offsets\":[8,12]") != std::string::npos);
  CHECK(find(bytes, "\"data_offsets\":[12,15]") != std::string::npos);
  CHECK((bytes.size() - 15) % 8 == 0);
}
