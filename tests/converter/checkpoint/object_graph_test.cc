// The object graph of TensorFlow 2's checkpoints: variables by the names that the program gave
// them.
#include <doctest/doctest.h>

#include "checkpoint/names.h"
#include "checkpoint/tf_bundle.h"
#include "checkpoint/wrappers.h"
#include "converter/checkpoint/bundle_writer.h"
#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

constexpr char kGraph[] = "_CHECKPOINTABLE_OBJECT_GRAPH";
const std::string kValue = "/.ATTRIBUTES/VARIABLE_VALUE";
const std::string kSlot = "l-0/embeddings/.OPTIMIZER_SLOT/optimizer/m" + kValue;

Bytes text(const std::string& content) {
  return {content.begin(), content.end()};
}

// One node with one variable.
Bytes node(const std::string& full_name, const std::string& key) {
  Bytes tensor = bytes_field(1, text("VARIABLE_VALUE"));
  put(&tensor, bytes_field(2, text(full_name)));
  put(&tensor, bytes_field(3, text(key)));
  Bytes object = bytes_field(1, bytes_field(2, text("a child")));
  put(&object, bytes_field(2, tensor));
  return bytes_field(1, object);
}

Bytes graph(const std::vector<Bytes>& nodes) {
  Bytes out;
  for (const Bytes& one : nodes)
    put(&out, one);
  return out;
}

// What the index's checksum covers, and what the data file holds.
std::pair<Bytes, Bytes> string_tensor(const Bytes& content) {
  Bytes covered;
  put(&covered, content.size(), 4);
  Bytes checksum;
  put(&checksum, slow_masked_crc32c(covered), 4);
  put(&covered, checksum);
  put(&covered, content);
  Bytes stored;
  put_varint(&stored, content.size());
  put(&stored, checksum);
  put(&stored, content);
  return {covered, stored};
}

// A bundle of variables l-0, l-1 and a slot of the first, with this graph.
struct Model {
  explicit Model(const Bytes& graph_content, bool sound = true) {
    const auto [covered, stored] = string_tensor(graph_content);
    std::vector<BundleTensor> tensors = {{"l-0/embeddings" + kValue, 1, {1}, bytes_of<float>({1})},
                                         {kSlot, 1, {1}, bytes_of<float>({2})},
                                         {"l-1/kernel" + kValue, 1, {1}, bytes_of<float>({3})}};
    bundle.data.resize(1);
    std::vector<KeyValue> entries = {{"", header_message()}};
    Bytes entry = varint_field(1, 7);
    put(&entry, bytes_field(2, shape_message({})));
    put(&entry, varint_field(5, stored.size()));
    put(&entry, fixed32_field(6, slow_masked_crc32c(sound ? covered : stored)));
    entries.emplace_back(kGraph, entry);
    put(&bundle.data[0], stored);
    for (const BundleTensor& tensor : tensors) {
      entries.emplace_back(tensor.name, entry_message(tensor, bundle.data[0].size()));
      put(&bundle.data[0], tensor.values);
    }
    std::sort(entries.begin(), entries.end());
    bundle.index = table_bytes(entries);
  }
  std::unique_ptr<Checkpoint> open() const {
    return open_tf_bundle(view(bundle.index, "m.index"),
                          [this](uint32_t, uint32_t) { return view(bundle.data[0], "m.data"); });
  }
  Bundle bundle;
};

Bytes sound_graph() {
  return graph({node("sparse_emb_item/embeddings", "l-0/embeddings" + kValue),
                node("Adam/sparse_emb_item/embeddings/m", kSlot),
                node("gru1/gru_cell/gates/kernel", "l-1/kernel" + kValue), node("", "l-9")});
}

bool knows_gru(const Checkpoint& checkpoint) {
  return checkpoint.find("gru1/gru_cell/gates/kernel") != nullptr;
}

}  // namespace

TEST_CASE("object graph: it gives the variables' full names") {
  const Model model(sound_graph());
  const auto weights = model.open();
  const std::vector<std::string> names = weights->full_names();
  REQUIRE(names.size() == 4);
  CHECK(names[0].empty());  // the graph itself
  CHECK(names[1] == "sparse_emb_item/embeddings");
  CHECK(names[2] == "Adam/sparse_emb_item/embeddings/m");
  CHECK(names[3] == "gru1/gru_cell/gates/kernel");
}

TEST_CASE("object graph: a layout sees the full names, and slots stay those of training") {
  const Model model(sound_graph());
  const NamedCheckpoint found =
      under_known_names(model.open(), knows_gru, NameOrder::kProgramFirst);
  const Checkpoint& weights = *found.checkpoint;
  CHECK(found.note == "variables called by the names in the object graph");
  CHECK(weights.read(weights.get("gru1/gru_cell/gates/kernel")) == std::vector<float>{3});
  CHECK(weights.get("sparse_emb_item/embeddings").stored_name == "l-0/embeddings" + kValue);
  CHECK(is_training_only(weights.get(kSlot).name));
}

TEST_CASE("object graph: a description that names the keys gets the keys, else the full names") {
  const Model model(sound_graph());
  const auto knows_key = [](const Checkpoint& weights) {
    return weights.find("l-1/kernel" + kValue) != nullptr;
  };
  CHECK(under_known_names(model.open(), knows_key, NameOrder::kStoredFirst).note.empty());
  CHECK_FALSE(under_known_names(model.open(), knows_gru, NameOrder::kStoredFirst).note.empty());
}

TEST_CASE("object graph: variables of one name keep their keys") {
  const Model model(graph(
      {node("variable", "l-0/embeddings" + kValue), node("variable", "l-1/kernel" + kValue)}));
  const NamedCheckpoint found =
      under_known_names(model.open(), knows_gru, NameOrder::kProgramFirst);
  CHECK(found.note.empty());
  CHECK(found.checkpoint->find("l-1/kernel" + kValue) != nullptr);
}

TEST_CASE("object graph: a damaged one is refused, and the tensors can be listed without it") {
  const auto refused = [](const Model& model, const std::string& reason) {
    const auto weights = model.open();
    CHECK(weights->tensors().size() == 4);
    CHECK_REFUSED(weights->full_names(), reason);
  };
  refused(Model(sound_graph(), false), "does not match its CRC-32C");
  refused(Model({0x0a, 0x7f}), "is not a graph of objects");
  refused(Model({0x08, 0x01}), "is not a graph of objects");
  refused(Model(bytes_field(1, varint_field(2, 1))), "is not a graph of objects");
  refused(Model(bytes_field(1, bytes_field(2, varint_field(3, 1)))), "is not a graph of objects");
  Model cut(sound_graph());
  cut.bundle.data[0].resize(20);
  refused(cut, "m.data, which has only 20");
  Model longer(sound_graph());
  longer.bundle.data[0][0] = 0xff;  // the length
  refused(longer, "does not match its CRC-32C");
  const Bundle junk = bundle_of({{kGraph, 7, {}, {9, 9, 9}}});
  CHECK_REFUSED(open_tf_bundle(view(junk.index, "m.index"),
                               [&](uint32_t, uint32_t) { return view(junk.data[0], "d"); })
                    ->full_names(),
                "does not match its CRC-32C");
}

TEST_CASE("object graph: checkpoints without one have no full names") {
  const Bundle bundle = bundle_of({{"a", 1, {1}, bytes_of<float>({1})}});
  const auto weights = open_tf_bundle(
      view(bundle.index, "m.index"), [&](uint32_t, uint32_t) { return view(bundle.data[0], "d"); });
  CHECK(weights->full_names().empty());
}
