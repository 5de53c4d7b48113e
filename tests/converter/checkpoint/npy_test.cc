// The .npy header: what NumPy writes in its versions, and what it never writes.
#include "checkpoint/numpy.h"

#include <doctest/doctest.h>

#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

NpyHeader parse(const Bytes& bytes) {
  const auto source = view(bytes);
  const auto stream = stream_range(*source, 0, bytes.size());
  return read_npy_header(*stream, bytes.size(), "a.npz: entry 'x.npy'");
}

NpyHeader parse_text(const std::string& dictionary, unsigned version = 1) {
  return parse(npy_bytes(dictionary, {}, version));
}

}  // namespace

TEST_CASE("npy: the header as NumPy writes it, in all versions") {
  for (const unsigned version : {1u, 2u, 3u}) {
    const NpyHeader header =
        parse_text("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", version);
    CHECK(header.encoding.dtype == DType::kF32);
    CHECK_FALSE(header.encoding.big_endian);
    CHECK_FALSE(header.column_major);
    CHECK(header.shape == std::vector<int64_t>{3, 4});
    CHECK(header.header_bytes % 64 == 0);
  }
}

TEST_CASE("npy: spellings of the same dictionary") {
  const auto shape = [](const std::string& text) {
    return parse_text("{'descr':'<f4','fortran_order':True,'shape':" + text + "}").shape;
  };
  CHECK(shape("()").empty());
  CHECK(shape("(7,)") == std::vector<int64_t>{7});
  CHECK(shape("(7)") == std::vector<int64_t>{7});
  CHECK(shape("( 2 , 3 , )") == std::vector<int64_t>{2, 3});
  CHECK(shape("(3L, 4L)") == std::vector<int64_t>{3, 4});  // Python 2
  CHECK(shape("(0, 5)") == std::vector<int64_t>{0, 5});
  const NpyHeader other =
      parse_text("{\"shape\": (1,), \"descr\": \">i2\", \"fortran_order\": True}");
  CHECK(other.encoding.dtype == DType::kI16);
  CHECK(other.encoding.big_endian);
  CHECK(other.column_major);
}

TEST_CASE("npy: types") {
  const auto type = [](const std::string& descr) {
    return parse_text(npy_dictionary(descr, false, "(1,)")).encoding.dtype;
  };
  CHECK(type("|b1") == DType::kBool);
  CHECK(type("|u1") == DType::kU8);
  CHECK(type("<u1") == DType::kU8);
  CHECK(type("|i1") == DType::kI8);
  CHECK(type("<u2") == DType::kU16);
  CHECK(type(">i2") == DType::kI16);
  CHECK(type("<u4") == DType::kU32);
  CHECK(type("<i4") == DType::kI32);
  CHECK(type("<u8") == DType::kU64);
  CHECK(type("<i8") == DType::kI64);
  CHECK(type("<f2") == DType::kF16);
  CHECK(type("<f8") == DType::kF64);
  CHECK(type("<c8") == DType::kComplex64);
  CHECK(type(">c16") == DType::kComplex128);
  CHECK(type("<U12") == DType::kString);
  CHECK(type("|S3") == DType::kString);
  CHECK(type("|O") == DType::kOther);
  CHECK(type("|V2") == DType::kOther);
  CHECK(type("<M8[ns]") == DType::kOther);
  CHECK(type("<f16") == DType::kOther);
  const NpyHeader records = parse_text(
      "{'descr': [('a', '<f4'), ('b]', '<i4', (2, 2))], 'fortran_order': False, 'shape': (9,)}");
  CHECK(records.encoding.dtype == DType::kOther);
  CHECK(records.descr == "(structured)");
}

TEST_CASE("npy: what NumPy never writes is refused") {
  const auto refuse = [](const std::string& dictionary, const char* why) {
    CAPTURE(dictionary);
    CHECK_REFUSED(parse_text(dictionary), why);
    CHECK_REFUSED(parse_text(dictionary), "a.npz: entry 'x.npy'");
  };
  const std::string rest = "'fortran_order': False, 'shape': (1,)}";
  refuse("", "has no '{'");
  refuse("{}", "lacks one of");
  refuse("{'descr': '<f4', 'shape': (1,)}", "lacks one of");
  refuse("{'descr': '<f4', " + rest + "x", "goes on after its dictionary");
  refuse("{'descr': '<f4', 'descr': '<f4', " + rest, "has the key 'descr' twice");
  refuse("{'order': '<f4', " + rest, "has the unknown key 'order'");
  refuse("{'descr': '<f4' " + rest, "has no '}'");
  refuse("{'descr': 4, " + rest, "has no string");
  refuse("{'descr': '<f4, fortran_order: False, shape: (1,)}", "has a string without end");
  refuse("{'descr': '<f\\x34', " + rest, "has an escaped string");
  refuse("{'descr': [('a', '<f4'), " + rest, "has a list without end");
  refuse("{'descr': 'f4', " + rest, "has the unknown type 'f4'");
  refuse("{'descr': '', " + rest, "has the unknown type ''");
  refuse("{'descr': '<', " + rest, "has the unknown type '<'");
  refuse("{'descr': '|f4', " + rest, "does not say the byte order");
  refuse("{'descr': '=f4', " + rest, "does not say the byte order");
  refuse("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "neither True nor False");
  const auto refuse_shape = [&](const std::string& shape, const char* why) {
    refuse("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", why);
  };
  refuse_shape("[1]", "has no '('");
  refuse_shape("(-1,)", "has no number");
  refuse_shape("(,)", "has no number");
  refuse_shape("(1.5,)", "has no ')'");
  refuse_shape("(1", "has no ')'");
  refuse_shape("(99999999999999999999,)", "too large");
  std::string many = "(";
  for (int i = 0; i < 65; ++i)
    many += "1,";
  refuse_shape(many + ")", "more than 64 dimensions");
}

TEST_CASE("npy: magic, version and length") {
  Bytes bytes = npy_bytes(npy_dictionary("<f4", false, "(1,)"), {});
  bytes[0] = 'x';
  CHECK_REFUSED(parse(bytes), "is not a .npy array");
  bytes = npy_bytes(npy_dictionary("<f4", false, "(1,)"), {});
  bytes[6] = 4;
  CHECK_REFUSED(parse(bytes), "of version 4.0");
  bytes[6] = 1;
  bytes[7] = 1;
  CHECK_REFUSED(parse(bytes), "of version 1.1");
  bytes[7] = 0;
  patch(&bytes, 8, 0xffff, 2);
  CHECK_REFUSED(parse(bytes), "claims 65535 bytes");
  bytes = npy_bytes(npy_dictionary("<f4", false, "(1,)"), Bytes(70000), 2);
  patch(&bytes, 8, 65537, 4);
  CHECK_REFUSED(parse(bytes), "at most 65536 are accepted");
  const Bytes whole = npy_bytes(npy_dictionary("<f4", false, "(1,)"), {}, 2);
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_REFUSED(parse(part), "a.npz: entry 'x.npy'");
  }
}
