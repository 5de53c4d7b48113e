// .npz files as checkpoints.
#include "checkpoint/numpy.h"

#include <doctest/doctest.h>

#include <numeric>

#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

std::unique_ptr<Checkpoint> open(const Bytes& bytes) {
  return open_npz(view(bytes, "w.npz"));
}

ZipMember array(const std::string& name, const std::string& descr, const std::string& shape,
                const Bytes& values, bool deflate = false, bool fortran_order = false) {
  return {name + ".npy", npy_bytes(npy_dictionary(descr, fortran_order, shape), values), deflate};
}

std::vector<float> only(const ZipMember& member) {
  const Bytes bytes = zip_bytes({member});
  const auto weights = open(bytes);
  return weights->read(weights->tensors().at(0));
}

}  // namespace

TEST_CASE("npz: types and byte orders, stored and deflated") {
  for (const bool deflate : {false, true}) {
    CHECK(only(array("x", "<f4", "(2,)", bytes_of<float>({1, -2.5f}), deflate)) ==
          std::vector<float>{1, -2.5f});
    CHECK(only(array("x", ">f4", "(2,)", bytes_of<float>({1, -2.5f}, true), deflate)) ==
          std::vector<float>{1, -2.5f});
    CHECK(only(array("x", ">f8", "()", bytes_of<double>({0.1}, true), deflate)) ==
          std::vector<float>{0.1f});
    CHECK(only(array("x", "<f2", "(1,)", bytes_of<uint16_t>({0x3e00}), deflate)) ==
          std::vector<float>{1.5f});
    CHECK(only(array("x", ">i8", "(1,)", bytes_of<int64_t>({-9}, true), deflate)) ==
          std::vector<float>{-9});
    CHECK(only(array("x", "|b1", "(3,)", {1, 0, 1}, deflate)) == std::vector<float>{1, 0, 1});
    CHECK(only(array("x", "|u1", "(0, 4)", {}, deflate)).empty());
  }
}

TEST_CASE("npz: names, shapes, types and sizes are listed") {
  const Bytes bytes = zip_bytes(
      {array("gru/weight", "<f4", "(2, 3)", Bytes(24)), array("b", "<f2", "(4,)", Bytes(8), true),
       array("names", "<U3", "(2,)", Bytes(24)), array("objects", "|O", "(1,)", Bytes(99))});
  const auto weights = open(bytes);
  REQUIRE(weights->tensors().size() == 4);
  CHECK(weights->tensors()[0].name == "b");
  const TensorInfo& info = weights->get("gru/weight");
  CHECK(info.shape == std::vector<int64_t>{2, 3});
  CHECK(info.type_name == "<f4");
  CHECK(info.bytes == 24);
  CHECK_REFUSED(weights->read(weights->get("names")),
                "w.npz: tensor 'names' has type '<U3', which cannot be read as numbers");
  CHECK_REFUSED(weights->read(weights->get("objects")), "tensor 'objects' has type '|O'");
}

TEST_CASE("npz: arrays in Fortran order are read in C order") {
  const Bytes columns = bytes_of<float>({0, 3, 1, 4, 2, 5});
  for (const bool deflate : {false, true}) {
    CHECK(only(array("x", "<f4", "(2, 3)", columns, deflate, true)) ==
          std::vector<float>{0, 1, 2, 3, 4, 5});
  }
  const Bytes bytes =
      zip_bytes({array("n", "<i4", "(2, 2)", bytes_of<int32_t>({1, 2, 3, 4}), false, true)});
  const auto weights = open(bytes);
  CHECK(weights->read_int64(weights->get("n")) == std::vector<int64_t>{1, 3, 2, 4});
}

TEST_CASE("npz: a larger array, whole and in pieces") {
  std::vector<float> values(100000);
  std::iota(values.begin(), values.end(), 0.0f);
  CHECK(only(array("x", "<f4", "(1000, 100)", bytes_of(values), true)) == values);
  const std::vector<double> wide(values.begin(), values.end());
  CHECK(only(array("x", ">f8", "(100000,)", bytes_of(wide, true), true)) == values);
}

TEST_CASE("npz: an array must fill its entry") {
  CHECK_REFUSED(open(zip_bytes({array("x", "<f4", "(3,)", Bytes(8))})),
                "w.npz: entry 'x.npy' has 8 bytes of data, but <f4 of shape [3] needs 12");
  CHECK_REFUSED(open(zip_bytes({array("x", "<f4", "(1,)", Bytes(8))})), "needs 4");
  CHECK_REFUSED(open(zip_bytes({array("x", "<f4", "(4294967296, 4294967296)", {})})),
                "whose size overflows");
  CHECK_REFUSED(open(zip_bytes({array("x", "<f4", "(1000000000000,)", Bytes(8))})),
                "needs 4000000000000");
  CHECK_REFUSED(open(zip_bytes({{"x.npy", {}, false}})), "has 0 bytes, too few for a .npy array");
  CHECK_REFUSED(open(zip_bytes({{"readme.txt", {}, false}})),
                "w.npz: entry 'readme.txt' is not a .npy array");
  CHECK_REFUSED(open(zip_bytes({{".npy", {}, false}})), "entry '.npy' is not a .npy array");
  CHECK_REFUSED(
      open(zip_bytes({array("x", "<f4", "()", Bytes(4)), array("x", "<f4", "()", Bytes(4))})),
      "w.npz: two of its entries have one name");
}

TEST_CASE("npz: damage in the data shows when the tensor is read") {
  Bytes bytes = zip_bytes({array("x", "<f4", "(2,)", bytes_of<float>({1, 2}))});
  const size_t value = find(bytes, std::string_view("\0\0\x80\x3f", 4));
  REQUIRE(value != std::string::npos);
  bytes[value + 2] ^= 1;
  const auto weights = open(bytes);
  CHECK_REFUSED(weights->read(weights->get("x")),
                "w.npz: the data of entry 'x.npy' does not match its CRC-32");
}

TEST_CASE("npz: what looks like a bomb is not unpacked") {
  // The array claims 300 MiB from 500 kB, which deflate could do; what is there does not matter.
  const size_t claimed = size_t{300} << 20;
  const Bytes start =
      npy_bytes(npy_dictionary("<f4", false, "(" + std::to_string(claimed / 4) + ",)"), {});
  Bytes content = start;
  uint32_t noise = 1;
  for (int i = 0; i < 500000; ++i) {
    noise = noise * 1664525 + 1013904223;
    content.push_back(static_cast<uint8_t>(noise >> 24));
  }
  Bytes bytes = zip_bytes({{"x.npy", content, true}});
  patch(&bytes, find(bytes, "PK\1\2") + 24, start.size() + claimed, 4);
  patch(&bytes, find(bytes, "PK\3\4") + 22, start.size() + claimed, 4);
  const auto weights = open(bytes);  // listing it does no harm
  CHECK(weights->get("x").bytes == claimed);
  CHECK_REFUSED(weights->read(weights->get("x")), "which looks like a zip bomb");
}

TEST_CASE("npz: a file cut off anywhere is refused") {
  const Bytes whole = zip_bytes({array("x", "<f4", "(2,)", bytes_of<float>({1, 2}), true),
                                 array("y", "<i2", "()", bytes_of<int16_t>({3}))});
  REQUIRE_NOTHROW(open(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK_REFUSED(open(part), "w.npz: ");
  }
}

TEST_CASE("npz: a changed byte is refused or harmless") {
  const std::vector<ZipMember> members = {array("x", "<f4", "(2,)", bytes_of<float>({1, 2}), true),
                                          array("y", "<i2", "(2,)", bytes_of<int16_t>({3, 4}))};
  for (const bool zip64 : {false, true}) {
    const Bytes whole = zip_bytes(members, {zip64, ""});
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const uint8_t mask : Bytes{0x01, 0x10, 0x80, 0xff}) {
        Bytes changed = whole;
        changed[at] ^= mask;
        error_of([&] {
          const auto weights = open(changed);
          for (const TensorInfo& tensor : weights->tensors()) {
            const std::string failure = error_of([&] {
              const std::vector<float> values = weights->read(tensor);
              // What is read without complaint has the right checksum, so it is what was written.
              const bool sound =
                  values == std::vector<float>{1, 2} || values == std::vector<float>{3, 4};
              CHECK(sound);
            });
          }
        });
      }
    }
  }
}
