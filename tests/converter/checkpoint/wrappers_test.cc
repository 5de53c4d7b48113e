// Wrappers' prefixes, averaged copies, and names that frameworks have numbered.
#include "checkpoint/wrappers.h"

#include <doctest/doctest.h>

#include "checkpoint/names.h"
#include "checkpoint/safetensors.h"
#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/safetensors_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

// A checkpoint of one value a name, 0, 1, 2, ...; the bytes live with it.
struct Weights {
  explicit Weights(const std::vector<std::string>& names) {
    std::vector<TensorData> tensors;
    for (const std::string& name : names)
      tensors.push_back(float_tensor(name, {1}, {static_cast<float>(tensors.size())}));
    bytes = safetensors_bytes(tensors);
  }
  std::unique_ptr<Checkpoint> open() const { return open_safetensors(view(bytes, "w")); }
  Bytes bytes;
};

bool is_model(const Checkpoint& checkpoint) {
  return checkpoint.find("fc.weight") != nullptr && checkpoint.find("gru.bias") != nullptr;
}

NamedCheckpoint named(const Weights& weights, NameOrder order = NameOrder::kProgramFirst) {
  return under_known_names(weights.open(), is_model, order);
}

std::string names(const Checkpoint& checkpoint) {
  std::string text;
  for (const TensorInfo& tensor : checkpoint.tensors())
    text += tensor.name + " ";
  return text;
}

std::vector<float> value(const Checkpoint& checkpoint, const std::string& name) {
  return checkpoint.read(checkpoint.get(name));
}

}  // namespace

TEST_CASE("wrappers: nested prefixes are taken off, and the note says so") {
  for (const std::string prefix :
       {"module.", "_orig_mod.", "model.", "model._orig_mod.module.", "module._orig_mod.model.",
        "ema_model.module.", "ctr.tower_a.", "my_model/"}) {
    CAPTURE(prefix);
    const Weights weights({prefix + "fc.weight", prefix + "gru.bias"});
    const NamedCheckpoint found = named(weights);
    CHECK(names(*found.checkpoint) == "fc.weight gru.bias ");
    CHECK(found.note == "taken off every tensor's name: '" + prefix + "'");
    CHECK(found.copies.empty());
    CHECK(value(*found.checkpoint, "gru.bias") == std::vector<float>{1});
    CHECK(found.checkpoint->get("gru.bias").stored_name == prefix + "gru.bias");
  }
}

TEST_CASE("wrappers: names that are recognised unchanged stay") {
  const Weights weights({"fc.weight", "gru.bias", "model.other"});
  const NamedCheckpoint found = named(weights);
  CHECK(names(*found.checkpoint) == "fc.weight gru.bias model.other ");
  CHECK(found.note.empty());
  CHECK(found.checkpoint->get("fc.weight").stored_name.empty());
}

TEST_CASE("wrappers: names that are not recognised in any form stay") {
  const Weights weights({"model.a", "model.b"});
  for (const NameOrder order : {NameOrder::kProgramFirst, NameOrder::kStoredFirst}) {
    const NamedCheckpoint found = named(weights, order);
    CHECK(names(*found.checkpoint) == "model.a model.b ");
    CHECK(found.note.empty());
  }
}

TEST_CASE("wrappers: tensors of other parts keep their names, those of training do not count") {
  const Weights weights({"loss.weight", "model.fc.weight", "model.gru.bias", "optimizer.m"});
  const NamedCheckpoint found = named(weights);
  CHECK(names(*found.checkpoint) == "fc.weight gru.bias loss.weight optimizer.m ");
  CHECK(found.note == "taken off the names of 2 of 3 tensors: 'model.'");
  const Weights trained({"global_step", "model/fc.weight", "model/gru.bias"});
  CHECK(named(trained).note == "taken off every tensor's name: 'model/'");
}

TEST_CASE("wrappers: a prefix stays where two tensors would get one name") {
  const Weights weights({"fc.weight", "model.fc.weight", "model.gru.bias"});
  CHECK(names(*named(weights).checkpoint) == "fc.weight model.fc.weight model.gru.bias ");
}

TEST_CASE("wrappers: of two copies the averaged one is recommended") {
  const auto copies = [](const std::string& raw, const std::string& average) {
    return Weights({raw + "fc.weight", raw + "gru.bias", average + "fc.weight",
                    average + "gru.bias", average + "n_averaged"});
  };
  CHECK_REFUSED(named(copies("model.", "ema_model.module.")),
                "w: holds 2 copies of the model's tensors, under 'ema_model.module.' and 'model.'. "
                "An average of the weights (EMA) is what is meant to score: --prefix "
                "ema_model.module., or --prefix model.");
  CHECK_REFUSED(named(copies("module.", "module_ema.")), "--prefix module_ema., or");
  CHECK_REFUSED(named(copies("model.", "model.ema.")), "--prefix model.ema., or --prefix model.");
  CHECK_REFUSED(named(copies("model.", "net.")), "State which is meant: --prefix model., or");
  const NamedCheckpoint beside = named(copies("", "ema."));
  CHECK(beside.note.empty());
  CHECK(beside.copies ==
        "those under 'ema.' are a copy of the model's tensors. An average of the weights (EMA) is "
        "what is meant to score: --prefix ema.");
}

TEST_CASE("wrappers: a stated prefix picks its tensors and leaves the others out") {
  const Weights weights({"model.fc.weight", "ema_model.fc.weight", "ema_model.gru.bias"});
  for (const std::string prefix : {"ema_model.", "ema_model"}) {
    const NamedCheckpoint found = under_prefix(weights.open(), prefix);
    CHECK(names(*found.checkpoint) == "fc.weight gru.bias ");
    CHECK(value(*found.checkpoint, "fc.weight") == std::vector<float>{1});
    CHECK(found.note == "taken off as stated: 'ema_model.', 1 tensors without it left out");
  }
  CHECK_REFUSED(under_prefix(weights.open(), "ema."),
                "w: --prefix 'ema.': no tensor's name begins so; names begin with 'ema_model.', "
                "'model.'");
}

TEST_CASE(
    "wrappers: averages stored with their tensors are reported, and replace them if asked for") {
  for (const std::string suffix : {"_ema", "/ExponentialMovingAverage"}) {
    const Weights weights({"fc.weight", "fc.weight" + suffix, "gru.bias"});
    const NamedCheckpoint raw = named(weights);
    CHECK(value(*raw.checkpoint, "fc.weight") == std::vector<float>{0});
    CHECK(raw.copies == "'fc.weight" + suffix +
                            "' and its like are averages (EMA) of 'fc.weight' and its like, and "
                            "are what is meant to score: --suffix " +
                            suffix);
    const NamedCheckpoint average = under_suffix(weights.open(), suffix);
    CHECK(names(*average.checkpoint) == "fc.weight gru.bias ");
    CHECK(value(*average.checkpoint, "fc.weight") == std::vector<float>{1});
    CHECK(value(*average.checkpoint, "gru.bias") == std::vector<float>{2});
    CHECK(average.note == "taken off as stated: '" + suffix +
                              "' at the end of 1 names, in the place of 1 tensors without it");
  }
  const Weights none({"a"});
  CHECK_REFUSED(under_suffix(none.open(), "_ema"), "w: --suffix '_ema': no tensor's name ends so");
}

TEST_CASE("wrappers: messages name the tensor in the file, too") {
  Weights weights({"model.fc.weight", "model.gru.bias"});
  const NamedCheckpoint found = named(weights);
  CHECK_REFUSED(found.checkpoint->read_int64(found.checkpoint->get("gru.bias")),
                "w: tensor 'gru.bias' (in the file: 'model.gru.bias') has type 'F32'");
  CHECK_REFUSED(found.checkpoint->get("model.gru.bias"), "has no tensor 'model.gru.bias'");
}

TEST_CASE("renamed: two tensors of one name are refused") {
  const Weights weights({"a", "b"});
  CHECK_REFUSED(renamed(std::shared_ptr<const Checkpoint>(weights.open()), {"x", "x"}),
                "occurs twice");
}
