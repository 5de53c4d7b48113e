// Names as other programs spell them: bars for slashes, parts of a variable, outputs' numbers.
#include "checkpoint/names.h"

#include <doctest/doctest.h>

#include "checkpoint/numpy.h"
#include "checkpoint/wrappers.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// An .npz of one value a name, 0, 1, 2, ...
struct Npz {
  explicit Npz(const std::vector<std::string>& names) {
    std::vector<ZipMember> members;
    float value = 0;
    for (const std::string& name : names) {
      Bytes content(sizeof value);
      std::memcpy(content.data(), &value, sizeof value);
      members.push_back({name + ".npy", npy_bytes(npy_dictionary("<f4", false, "(1,)"), content)});
      ++value;
    }
    bytes = zip_bytes(members);
  }
  std::unique_ptr<Checkpoint> open() const { return open_npz(view(bytes, "w.npz")); }
  Bytes bytes;
};

bool is_model(const Checkpoint& checkpoint) {
  return checkpoint.find("gru/kernel") != nullptr;
}

NamedCheckpoint named(const std::vector<std::string>& names,
                      NameOrder order = NameOrder::kProgramFirst) {
  static std::vector<std::unique_ptr<Npz>> kept;  // the checkpoints read from their bytes
  kept.push_back(std::make_unique<Npz>(names));
  return under_known_names(kept.back()->open(), is_model, order);
}

std::string names_of(const NamedCheckpoint& found) {
  std::string text;
  for (const TensorInfo& tensor : found.checkpoint->tensors())
    text += tensor.name + " ";
  return text;
}

}  // namespace

TEST_CASE("spelling: bars for slashes are read as slashes, and the note says so") {
  for (const NameOrder order : {NameOrder::kProgramFirst, NameOrder::kStoredFirst}) {
    const NamedCheckpoint found = named({"gru|kernel", "emb|a|table", "step"}, order);
    CHECK(names_of(found) == "emb/a/table gru/kernel step ");
    CHECK(found.note == "'|' in names read as '/'");
    CHECK(found.checkpoint->get("gru/kernel").stored_name == "gru|kernel");
    CHECK(found.checkpoint->read(found.checkpoint->get("emb/a/table")) == std::vector<float>{1});
  }
  CHECK(named({"model|gru|kernel", "model|emb"}).note ==
        "'|' in names read as '/'; taken off every tensor's name: 'model/'");
}

TEST_CASE("spelling: a bar in names that have slashes stays") {
  const NamedCheckpoint found = named({"gru/kernel", "a|b"});
  CHECK(names_of(found) == "a|b gru/kernel ");
  CHECK(found.note.empty());
  CHECK(named({"a|b", "a/b"}).note.empty());
}

TEST_CASE("spelling: a variable in one part is the variable, one in several is to be joined") {
  const NamedCheckpoint found = named({"gru/kernel/part_0", "emb/part_0", "emb/part_0/Adam"});
  CHECK(names_of(found) == "emb emb/part_0/Adam gru/kernel ");
  CHECK(found.note == "'/part_0' taken off names");
  CHECK(named({"gru|kernel|part_0"}).note == "'|' in names read as '/'; '/part_0' taken off names");
  CHECK(names_of(named({"gru/kernel", "emb/part_0", "emb"})) == "emb emb/part_0 gru/kernel ");
  CHECK_REFUSED(named({"gru/kernel", "emb/part_0", "emb/part_1", "emb/part_2"}),
                "w.npz: the variable 'emb' is in 3 parts, from 'emb/part_0', as TensorFlow "
                "partitions it. Join them into one tensor of that name, numpy.concatenate(");
  // A description may name the parts, and join them itself.
  CHECK(named({"gru/kernel", "emb/part_0", "emb/part_1"}, NameOrder::kStoredFirst).note.empty());
}

TEST_CASE("spelling: outputs' numbers go where the names are not known with them") {
  const NamedCheckpoint found = named({"gru/kernel:0", "emb:0", "b:1"});
  CHECK(names_of(found) == "b:1 emb gru/kernel ");
  CHECK(found.note == "':0' taken off names");
  CHECK(named({"gru/kernel", "emb:0"}).note.empty());
  CHECK(named({"gru/kernel:0", "gru/kernel:0:0"}).note == "':0' taken off names");
}

TEST_CASE("spelling: the error for Keras' numbered variables says how to save them by name") {
  for (const char* name : {"layers/dense/vars/0", "_layer_checkpoint_dependencies/gru/vars/12"}) {
    CHECK_REFUSED(named({name, "layers/dense_1/vars/1"}), "as Keras writes .weights.h5 and .keras");
    CHECK_REFUSED(named({name}), "numpy.savez(\"model.npz\", **{v.path: v.numpy()");
    CHECK(named({"gru/kernel", name}).note.empty());
  }
  CHECK(names_of(named({"optimizer/vars/0", "a/vars/b", "vars/0"})) ==
        "a/vars/b optimizer/vars/0 vars/0 ");
}
