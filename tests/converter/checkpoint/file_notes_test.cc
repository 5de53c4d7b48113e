// What augur_rank notes in the metadata of its .safetensors.
#include "checkpoint/file_notes.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "checkpoint/checkpoint.h"
#include "checkpoint/wrappers.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/safetensors_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

constexpr char kWhole[] =
    R"({"file": "dien.h5", "keras_names": true, "idle_layers": ["hist_item", "multiply"],
        "model_config": "{}", "layout": "deepctr-keras", "answers": {"gru_type": "GRU"},
        "told_by": "its model_config", "later": [1]})";

std::unique_ptr<Checkpoint> with_notes(const TemporaryFolder& folder, const std::string& notes,
                                       const std::vector<std::string>& names = {"a"}) {
  std::vector<TensorData> tensors;
  for (size_t i = 0; i < names.size(); ++i)
    tensors.push_back(float_tensor(names[i], {1}, {static_cast<float>(i + 1)}));
  return open_checkpoint(
      folder.write("w.safetensors", safetensors_bytes(tensors, {{"augur.notes", notes}})));
}

}  // namespace

TEST_CASE("file notes: all members are read, and unknown ones skipped") {
  const TemporaryFolder folder;
  const auto weights = with_notes(folder, kWhole);
  CHECK(weights->file() == "dien.h5");
  const FileNotes& notes = weights->notes();
  CHECK(notes.has_keras_names);
  CHECK(notes.idle_layers == std::vector<std::string>{"hist_item", "multiply"});
  CHECK(notes.model_config == "{}");
  CHECK(notes.layout == "deepctr-keras");
  CHECK(notes.answers == R"({"gru_type":"GRU"})");
  CHECK(notes.told_by == "its model_config");
  CHECK(weights->tensors().size() == 1);
}

TEST_CASE("file notes: a file without them has its own name, and tells nothing") {
  const TemporaryFolder folder;
  const auto weights = open_checkpoint(
      folder.write("w.safetensors", safetensors_bytes({float_tensor("a", {}, {1})})));
  CHECK(weights->file() == (folder / "w.safetensors"));
  CHECK(!weights->notes().has_keras_names);
  CHECK(weights->notes().answers.empty());
}

TEST_CASE("file notes: damaged ones are refused by their place") {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* notes, const char* why) {
    CAPTURE(notes);
    CHECK_REFUSED(with_notes(folder, notes), why);
    CHECK_REFUSED(with_notes(folder, notes), "w.safetensors: '__metadata__': augur.notes: ");
  };
  refuse("[]", "expected an object");
  refuse("{", "parse error");
  refuse(R"({"file": 3})", "file: expected a text");
  refuse(R"({"keras_names": "yes"})", "keras_names: expected true or false");
  refuse(R"({"idle_layers": "hist_item"})", "idle_layers: expected a list");
  refuse(R"({"idle_layers": [1]})", "idle_layers: expected a list of texts");
  refuse(R"({"answers": []})", "answers: expected an object");
  refuse(R"({"file": "a", "file": "b"})", "stands twice");
}

TEST_CASE("file notes: a checkpoint under other names keeps them") {
  const TemporaryFolder folder;
  const NamedCheckpoint renamed = under_prefix(with_notes(folder, kWhole, {"module.w"}), "module.");
  CHECK(renamed.checkpoint->find("w") != nullptr);
  CHECK(renamed.checkpoint->notes().model_config == "{}");
  CHECK(renamed.checkpoint->file() == "dien.h5");
}

TEST_CASE("file notes: the second model of a Keras process is seen without Keras' numbers") {
  const TemporaryFolder folder;
  for (const std::string root : {"", "model_weights/"}) {
    const std::vector<std::string> names = {root + "emb_user/emb_user_1/embeddings:0",
                                            root + "gru1/gru1/kernel:0",
                                            root + "emb_1/emb_x/kernel:0"};
    const auto knows = [&root](const Checkpoint& weights) {
      return weights.find(root + "gru1/gru1/kernel:0") != nullptr;
    };
    const NamedCheckpoint found =
        under_known_names(with_notes(folder, kWhole, names), knows, NameOrder::kProgramFirst);
    CHECK(found.note == "numbers that Keras added to variables' names taken off");
    const TensorInfo& table = found.checkpoint->get(root + "emb_user/emb_user/embeddings:0");
    CHECK(found.checkpoint->read(table) == std::vector<float>{1});
    CHECK(table.stored_name == names[0]);
    CHECK(found.checkpoint->find(names[2]) != nullptr);
    const NamedCheckpoint described =
        under_known_names(with_notes(folder, kWhole, names), knows, NameOrder::kStoredFirst);
    CHECK(described.note.empty());
  }
}
