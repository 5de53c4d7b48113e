// What all checkpoints share: finding tensors, refusing types, quoting names.
#include "checkpoint/checkpoint.h"

#include <doctest/doctest.h>

#include "checkpoint/safetensors.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/safetensors_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

std::unique_ptr<Checkpoint> three_tensors(const Bytes& bytes) {
  return open_safetensors(view(bytes, "w.safetensors"));
}

const Bytes& three_tensors_bytes() {
  static const Bytes bytes = safetensors_bytes({float_tensor("fc2.weight", {1}, {2}),
                                                float_tensor("fc1.weight", {1}, {1}),
                                                {"step", DType::kI64, {}, bytes_of<int64_t>({7})}});
  return bytes;
}

}  // namespace

TEST_CASE("tensors are listed by name and found by name") {
  const auto weights = three_tensors(three_tensors_bytes());
  REQUIRE(weights->tensors().size() == 3);
  CHECK(weights->tensors()[0].name == "fc1.weight");
  CHECK(weights->tensors()[1].name == "fc2.weight");
  CHECK(weights->tensors()[2].name == "step");
  CHECK(weights->find("fc2.weight") == &weights->tensors()[1]);
  CHECK(weights->find("fc2") == nullptr);
  CHECK(weights->find("") == nullptr);
  CHECK(weights->file() == "w.safetensors");
  CHECK(weights->format() == "safetensors");
}

TEST_CASE("the error for a missing tensor offers the nearest names") {
  const auto weights = three_tensors(three_tensors_bytes());
  CHECK_REFUSED(weights->get("fc1.wieght"),
                "w.safetensors: has no tensor 'fc1.wieght'; did you mean 'fc1.weight' or "
                "'fc2.weight'?");
  CHECK_REFUSED(weights->get("gru.weight_ih_l0"), "augur-convert --list-tensors");
  CHECK_REFUSED(weights->get(std::string(100000, 'x')), "w.safetensors: has no tensor 'xxx");
}

TEST_CASE("counters are read as integers, weights are not") {
  const auto weights = three_tensors(three_tensors_bytes());
  CHECK(weights->read_int64(weights->get("step")) == std::vector<int64_t>{7});
  CHECK(weights->read(weights->get("step")) == std::vector<float>{7});
  CHECK_REFUSED(weights->read_int64(weights->get("fc1.weight")),
                "w.safetensors: tensor 'fc1.weight' has type 'F32', expected integers");
}

TEST_CASE("a copy of a TensorInfo reads the tensor of its name") {
  const auto weights = three_tensors(three_tensors_bytes());
  TensorInfo copy = weights->tensors()[1];
  CHECK(weights->read(copy) == std::vector<float>{2});
  copy.name = "gone";
  CHECK_REFUSED(weights->read(copy), "has no tensor 'gone'");
}

TEST_CASE("names from a file are quoted so that they cannot harm a terminal") {
  CHECK(augur::quoted("a\x1b[31mb\n") == "'a\\x1b[31mb\\x0a'");
  CHECK(augur::quoted("") == "''");
  CHECK(augur::quoted("\x7f") == "'\\x7f'");
  CHECK(augur::quoted(std::string(500, 'n')).size() == 205);
  // Cut between two characters; C1 characters and what is not UTF-8 are escaped.
  for (size_t shift = 0; shift < 3; ++shift) {
    std::string name(shift, 'x');
    for (int i = 0; i < 100; ++i)
      name += "\u4e2d";
    const std::string shown = augur::quoted(name);
    CHECK(shown == "'" + name.substr(0, (200 - shift) / 3 * 3 + shift) + "...'");
  }
  CHECK(augur::quoted("\xc2\x9b \xff\xe4\xb8") == "'\\xc2\\x9b \\xff\\xe4\\xb8'");
  CHECK(augur::printable("a\nb\x1b\n") == "a\nb\\x1b\n");
}
