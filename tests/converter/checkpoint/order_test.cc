// The order in which a model holds its tensors, where a file tells it, and second names.
#include <doctest/doctest.h>

#include "checkpoint/names.h"
#include "checkpoint/numpy.h"
#include "checkpoint/safetensors.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// Tensors a, b, c of one value each, with this text as the content of "__metadata__".
Bytes with_metadata(const std::string& metadata) {
  std::string header = "{\"__metadata__\":{" + metadata + "}";
  size_t at = 0;
  for (const char* name : {"a", "b", "c"}) {
    header += std::string(",\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" +
              std::to_string(at) + "," + std::to_string(at + 4) + "]}";
    at += 4;
  }
  header += "}";
  Bytes bytes;
  put(&bytes, header.size(), 8);
  put(&bytes, header);
  put(&bytes, bytes_of<float>({1, 2, 3}));
  return bytes;
}

std::string order_of(const Checkpoint& checkpoint) {
  std::string text;
  for (const TensorInfo* tensor : checkpoint.file_order())
    text += tensor->name;
  return text;
}

std::string order_of(const std::string& metadata) {
  const Bytes bytes = with_metadata(metadata);
  const auto weights = open_safetensors(view(bytes, "w"));
  CHECK(weights->has_order() == !order_of(*weights).empty());
  return order_of(*weights);
}

}  // namespace

TEST_CASE("order: that of an npz is the order of its entries") {
  const auto array = [](const std::string& name) {
    return ZipMember{name + ".npy",
                     npy_bytes(npy_dictionary("<f4", false, "(1,)"), bytes_of<float>({1}))};
  };
  const Bytes bytes = zip_bytes({array("m.c"), array("m.a"), array("m.b")});
  const auto weights = open_npz(view(bytes, "w.npz"));
  REQUIRE(weights->has_order());
  CHECK(order_of(*weights) == "m.cm.am.b");
  const auto renamed_weights =
      renamed(std::shared_ptr<const Checkpoint>(open_npz(view(bytes, "w.npz"))), {"a", "b", "c"});
  CHECK(order_of(*renamed_weights) == "cab");
}

TEST_CASE("order: that of a safetensors file is what its exporter noted, else there is none") {
  CHECK(order_of(R"("augur.order":"[\"c\",\"a\",\"b\"]")") == "cab");
  CHECK(order_of(R"("format":"pt")").empty());
  CHECK(order_of("").empty());
  // Tensors were added or dropped since.
  CHECK(order_of(R"("augur.order":"[\"c\",\"a\"]")").empty());
  CHECK(order_of(R"("augur.order":"[\"c\",\"a\",\"x\"]")").empty());
  CHECK(order_of(R"("augur.order":"[\"c\",\"a\",\"b\",\"d\"]")").empty());
}

TEST_CASE("order: a note that is no list of different names is refused") {
  for (const char* order : {"", "x", "3", "{}", "[1]", "[[]]", R"([\"a\",\"b\",\"a\"])",
                            R"([\"a\")", R"(\"a\")", R"({\"a\":\"b\"})", "null"}) {
    CAPTURE(order);
    const Bytes bytes = with_metadata("\"augur.order\":\"" + std::string(order) + "\"");
    CHECK_REFUSED(open_safetensors(view(bytes, "w")), "w: '__metadata__' has under 'augur.order'");
  }
  const Bytes twice = with_metadata(R"("k":"1","k":"2")");
  CHECK_REFUSED(open_safetensors(view(twice, "w")), "w: '__metadata__' has the key 'k' twice");
}

TEST_CASE("aliases: the other names of shared tensors read the one that was kept") {
  const Bytes bytes =
      with_metadata(R"("format":"a","z.weight":"b","c":"a","w":"gone","v":"z.weight")");
  const auto weights = open_safetensors(view(bytes, "w"));
  REQUIRE(weights->tensors().size() == 4);  // not "format", "c", "w", "v"
  const TensorInfo& alias = weights->get("z.weight");
  CHECK(alias.alias_of == "b");
  CHECK(alias.shape == std::vector<int64_t>{1});
  CHECK(weights->read(alias) == std::vector<float>{2});
  CHECK(weights->get("c").alias_of.empty());
  CHECK(weights->read(weights->get("c")) == std::vector<float>{3});
}

TEST_CASE("aliases: they stand in the order too") {
  CHECK(order_of(R"("z":"b","augur.order":"[\"z\",\"c\",\"a\",\"b\"]")") == "zcab");
}
