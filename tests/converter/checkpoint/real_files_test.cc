// Files that were not written by these tests: NumPy's in data/, and those in AUGUR_TEST_DATA.
#include <doctest/doctest.h>

#include <cstdlib>

#include "checkpoint/checkpoint.h"
#include "checkpoint/names.h"
#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

std::vector<float> read(const Checkpoint& weights, const char* name) {
  return weights.read(weights.get(name));
}

// The folder of external data, or "" with a message.
std::filesystem::path external_data() {
  const char* folder = std::getenv("AUGUR_TEST_DATA");
  if (folder == nullptr || *folder == '\0') {
    MESSAGE("skipped: AUGUR_TEST_DATA is not set");
    return {};
  }
  return folder;
}

}  // namespace

// data/make_numpy_files.py wrote these.
TEST_CASE("real files: numpy.savez and numpy.savez_compressed") {
  for (const char* name : {"data/numpy.npz", "data/numpy_compressed.npz"}) {
    const auto weights = open_checkpoint(name);
    CHECK(weights->tensors().size() == 9);
    CHECK(read(*weights, "f32") == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(weights->get("f32").shape == std::vector<int64_t>{2, 3});
    CHECK(read(*weights, "fortran") == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(read(*weights, "f64be") == std::vector<float>{0.5f, -1});
    CHECK(read(*weights, "f16") == std::vector<float>{0.25f, 65504});
    CHECK(weights->read_int64(weights->get("scope/step")) == std::vector<int64_t>{1234567890123});
    CHECK(weights->get("scope/step").shape.empty());
    CHECK(read(*weights, "flags") == std::vector<float>{1, 0, 1});
    CHECK(read(*weights, "empty").empty());
    CHECK(weights->get("empty").shape == std::vector<int64_t>{0, 3});
    CHECK_REFUSED(weights->read(weights->get("names")), "tensor 'names' has type '<U5'");
    CHECK_REFUSED(weights->read(weights->get("records")),
                  "tensor 'records' has type '(structured)'");
  }
}

TEST_CASE("real files: a TensorFlow DIEN's index") {
  const auto folder = external_data();
  if (folder.empty()) return;
  const auto index = open_checkpoint(folder / "tf1_dien_amazon_books.index");
  using Shape = std::vector<int64_t>;
  const std::vector<std::pair<const char*, Shape>> weights = {
      {"cat_embedding_var", {1601, 18}},
      {"dien//prelu_", {36}},
      {"dien/f11_1/bias", {36}},
      {"dien/f11_1/kernel", {36, 36}},
      {"dien/f1_att1_1/bias", {80}},
      {"dien/f1_att1_1/kernel", {144, 80}},
      {"dien/f2_att1_1/bias", {40}},
      {"dien/f2_att1_1/kernel", {80, 40}},
      {"dien/f3_att1_1/bias", {1}},
      {"dien/f3_att1_1/kernel", {40, 1}},
      {"dien/fcn/bn1/beta", {162}},
      {"dien/fcn/bn1/gamma", {162}},
      {"dien/fcn/bn1/moving_mean", {162}},
      {"dien/fcn/bn1/moving_variance", {162}},
      {"dien/fcn/dice_1/alphadice_1", {200}},
      {"dien/fcn/dice_2/alphadice_2", {80}},
      {"dien/fcn/f1/bias", {200}},
      {"dien/fcn/f1/kernel", {162, 200}},
      {"dien/fcn/f2/bias", {80}},
      {"dien/fcn/f2/kernel", {200, 80}},
      {"dien/fcn/f3/bias", {2}},
      {"dien/fcn/f3/kernel", {80, 2}},
      {"dien/gru1/gru_cell/candidate/bias", {36}},
      {"dien/gru1/gru_cell/candidate/kernel", {72, 36}},
      {"dien/gru1/gru_cell/gates/bias", {72}},
      {"dien/gru1/gru_cell/gates/kernel", {72, 72}},
      {"dien/gru2/candidate/bias", {36}},
      {"dien/gru2/candidate/kernel", {72, 36}},
      {"dien/gru2/gates/bias", {72}},
      {"dien/gru2/gates/kernel", {72, 72}},
      {"mid_embedding_var", {367983, 18}},
      {"uid_embedding_var", {543060, 18}},
  };
  size_t found = 0;
  for (const TensorInfo& tensor : index->tensors()) {
    CHECK(tensor.dtype == DType::kF32);
    if (is_training_only(tensor.name)) continue;
    REQUIRE(found < weights.size());
    CHECK(tensor.name == weights[found].first);
    CHECK(tensor.shape == weights[found].second);
    ++found;
  }
  CHECK(found == weights.size());
  CHECK(index->tensors().size() == 120);  // Adam's slots and the auxiliary network are the rest
  CHECK_REFUSED(index->read(index->tensors()[0]),
                "tf1_dien_amazon_books.data-00000-of-00001' is missing");
}

TEST_CASE("real files: PyTorch checkpoints in safetensors") {
  const auto folder = external_data();
  if (folder.empty()) return;
  for (const char* kind : {"base", "din", "aigru", "agru", "augru", "dien"}) {
    const auto path = folder / "checkpoints" / ("beauty_T50_" + std::string(kind) + ".safetensors");
    const auto weights = open_checkpoint(path);
    CHECK(weights->get("item_emb.weight").shape == std::vector<int64_t>{12102, 18});
    const std::vector<float> users = read(*weights, "user_emb.weight");
    CHECK(users.size() == 22364 * 18);
    CHECK(std::vector<float>(users.begin(), users.begin() + 18) == std::vector<float>(18));
    CHECK(users[18] != 0);
    for (const TensorInfo& tensor : weights->tensors()) {
      CHECK(weights->read(tensor).size() == tensor.count());
    }
  }
}

TEST_CASE("real files: NumPy archives") {
  const auto folder = external_data();
  if (folder.empty()) return;
  const auto data = open_checkpoint(folder / "beauty.npz");
  CHECK(data->get("ev_item").shape == std::vector<int64_t>{198502});
  const std::vector<int64_t> starts = data->read_int64(data->get("ev_ptr"));
  CHECK(starts.back() == 198502);
  CHECK(data->get("rank_item").shape == std::vector<int64_t>{200, 100});
  const auto golden = open_checkpoint(folder / "golden" / "beauty_T50_dien.npz");
  for (const TensorInfo& tensor : golden->tensors()) {
    CHECK(golden->read(tensor).size() == tensor.count());
  }
}
