// Writes the corpora of the fuzzers of models, sidecar files, deltas, requests, descriptions and
// layouts' answers, small sound inputs that between them use the whole family: make_corpus FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "converter/support/descriptions.h"
#include "delta/make_delta.h"
#include "delta_models.h"
#include "description/node.h"
#include "error.h"
#include "reference/build.h"
#include "support/models.h"
#include "write/model_file.h"

namespace augur::fuzz {
namespace {

using convert::Json;
using convert::testing::with;
using reference::make_tensor;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& fuzzer, const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(folder_ / fuzzer);
    std::ofstream out(folder_ / fuzzer / name, std::ios::binary);
    out << text;
    if (!out.flush()) throw Error((folder_ / fuzzer / name).string() + ": cannot be written");
  }

 private:
  std::filesystem::path folder_;
};

std::unique_ptr<fb::TensorT> ramp(uint32_t rows, uint32_t columns) {
  std::vector<float> values(size_t{rows} * columns);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 7) * 0.25f - 0.75f;
  return make_tensor(rows, columns, values);
}

std::unique_ptr<fb::TensorT> ramp(uint32_t size) {
  return make_tensor(std::vector<float>(size, 0.25f));
}

std::unique_ptr<fb::ActivationT> activation(fb::ActivationKind kind, uint32_t units) {
  auto result = std::make_unique<fb::ActivationT>();
  result->kind = kind;
  result->alpha = ramp(kind == fb::ActivationKind::DiceRowwise ? 1 : units);
  if (kind == fb::ActivationKind::Dice) {
    result->scale = ramp(units);
    result->shift = ramp(units);
  }
  if (kind == fb::ActivationKind::DiceRowwise) result->epsilon = 1e-3f;
  return result;
}

std::unique_ptr<fb::DenseT> dense(uint32_t outputs, uint32_t inputs) {
  auto result = std::make_unique<fb::DenseT>();
  result->weight = ramp(outputs, inputs);
  result->bias = ramp(outputs);
  return result;
}

// An MLP attention with a projected query, over unmasked and dropped events.
std::unique_ptr<fb::ModelT> with_mlp() {
  auto model = tools_test::small_dien();
  fb::StackT& stack = *model->stacks[0];
  stack.mask = fb::MaskRule::NonZero;
  stack.mask_field = "item";
  auto attention = std::make_unique<fb::AttentionT>();
  attention->kind = fb::AttentionKind::Mlp;
  attention->query_projection = dense(5, 5);
  attention->query_projection->activation = activation(fb::ActivationKind::Prelu, 5);
  attention->pair = std::make_unique<fb::PairDenseT>();
  attention->pair->query = ramp(3, 5);
  attention->pair->key = ramp(3, 5);
  attention->pair->product = ramp(3, 5);
  attention->pair->bias = ramp(3);
  attention->pair->activation = activation(fb::ActivationKind::Dice, 3);
  attention->layers.push_back(dense(1, 3));
  attention->score_scale = 0.5f;
  stack.attention = std::move(attention);
  stack.evolution->form = fb::AugruForm::Lift;
  stack.evolution->cell->reset = fb::Reset::BeforeProduct;
  model->head->layers[0]->activation = activation(fb::ActivationKind::DiceRowwise, 4);
  model->calibration = std::make_unique<fb::CalibrationT>();
  model->calibration->offset = -0.5f;
  return model;
}

// AGRU without softmax, hashed ids, a padded sum and a product in the head.
std::unique_ptr<fb::ModelT> with_agru() {
  auto model = tools_test::small_dien();
  fb::StackT& stack = *model->stacks[0];
  stack.attention->normalisation = fb::Normalisation::None;
  stack.evolution->kind = fb::EvolutionKind::Agru;
  stack.evolution->cell->input = ramp(10, 5);
  stack.evolution->cell->recurrent = ramp(10, 5);
  stack.evolution->cell->bias = ramp(10);
  stack.evolution->cell->candidate_recurrent_bias = ramp(5);
  fb::EmbeddingTableT& items = *model->tables[1];
  items.out_of_table = fb::OutOfTable::Hash;
  items.hash = std::make_unique<fb::HashT>();
  items.hash->first_row = 1;
  items.hash->buckets = 9;
  model->head->slots[1]->times = reference::make_source(fb::SourceKind::Pooled, "clicks");
  model->head->slots[1]->times->padded_length = 6;
  return model;
}

// Padding ids, masks by them and the oldest events kept: what format 3 knows of histories.
std::unique_ptr<fb::ModelT> with_padding() {
  auto model = tools_test::small_dien();
  for (const auto& table : model->tables)
    table->out_of_table = fb::OutOfTable::PaddingId;
  fb::StackT& stack = *model->stacks[0];
  stack.mask = fb::MaskRule::NotPadding;
  stack.mask_field = "item";
  stack.truncation = fb::Truncation::Oldest;
  return model;
}

// A history that is filled up with padding events.
std::unique_ptr<fb::ModelT> with_window(fb::WindowRead reads, fb::WindowRead evolves) {
  auto model = tools_test::small_dien();
  model->stacks[0]->window = std::make_unique<fb::WindowT>();
  fb::WindowT& window = *model->stacks[0]->window;
  window.length = 6;
  window.reads = reads;
  window.evolves = evolves;
  return model;
}

// The functions of format 3 and the largest of several ids' values, in a regression.
std::unique_ptr<fb::ModelT> with_functions() {
  auto model = tools_test::every_kind();
  for (auto* fields : {&model->features, &model->candidate, &model->stacks[1]->fields}) {
    for (const auto& field : *fields) {
      if (field->kind != fb::FieldKind::Ids) continue;
      field->pooling = fb::Pooling::Max;
      field->skip_padding = true;
    }
  }
  model->output = fb::OutputKind::Identity;
  auto& layers = model->head->layers;
  for (const auto kind : {fb::ActivationKind::Gelu, fb::ActivationKind::GeluTanh,
                          fb::ActivationKind::Elu, fb::ActivationKind::Silu}) {
    const uint32_t inputs = layers[layers.size() - 2]->weight->shape[0];
    auto layer = dense(inputs, inputs);
    layer->activation = std::make_unique<fb::ActivationT>();
    layer->activation->kind = kind;
    layers.insert(layers.end() - 1, std::move(layer));
  }
  return model;
}

void add_models(const Corpus& corpus) {
  const auto add = [&corpus](const std::string& name, const std::unique_ptr<fb::ModelT>& model) {
    const std::vector<uint8_t> file = tools_test::packed(*model);
    corpus.add("model", name, {file.begin(), file.end()});
  };
  add("dien", tools_test::small_dien());
  add("every_kind", tools_test::every_kind());
  add("mlp", with_mlp());
  add("agru", with_agru());
  auto aigru = tools_test::small_dien();
  aigru->stacks[0]->evolution->kind = fb::EvolutionKind::Aigru;
  aigru->stacks[0]->attention->kind = fb::AttentionKind::Dot;
  aigru->stacks[0]->attention->bilinear.reset();
  add("aigru", aigru);
  using Read = fb::WindowRead;
  add("padding", with_padding());
  add("window", with_window(Read::FirstEvents, Read::FirstEvents));
  add("window_all", with_window(Read::All, Read::All));
  add("functions", with_functions());
}

// Rows of small_dien()'s items, as sidecar files of several types.
void add_tables(const Corpus& corpus) {
  fb::ModelT model;
  model.id = reference::unpack(tools_test::packed(*tools_test::small_dien()))->id;
  const auto add = [&](const std::string& name, std::unique_ptr<fb::TensorT> rows) {
    const std::vector<uint8_t> file = convert::pack_table(model, "items", std::move(rows));
    corpus.add("table", name, {file.begin(), file.end()});
  };
  add("f32", ramp(10, 3));
  const auto integers = [](fb::TensorType type, uint32_t row_bytes) {
    auto rows = std::make_unique<fb::TensorT>();
    rows->type = type;
    rows->shape = {6, 3};
    rows->data.assign(size_t{6} * row_bytes, 0x21);
    rows->scale_type = fb::ScaleType::F16;
    rows->scales.assign(size_t{6} * 2, 0x2c);
    return rows;
  };
  add("int8", integers(fb::TensorType::I8, 3));
  add("int4", integers(fb::TensorType::I4, 2));
}

// Deltas of the model's items: rows and keys, rows alone, keys alone.
void add_deltas(const Corpus& corpus) {
  const DeltaModels files = delta_models();
  convert::KeyFile keys[2];
  for (const bool after : {false, true}) {
    for (const auto& [key, row] : keys_of(after))
      keys[after ? 1 : 0].entries.push_back({key, row, row + 1});
  }
  const convert::Delta whole =
      convert::make_delta({"before", files.before}, {"after", files.after}, &keys[0], &keys[1]);
  const auto add = [&](const std::string& name, auto edit) {
    fb::TableDeltaT parts;
    flatbuffers::GetRoot<fb::TableDelta>(whole.file.data())->UnPackTo(&parts);
    edit(parts);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::TableDelta::Pack(builder, &parts), convert::kDeltaIdentifier);
    corpus.add("delta", name,
               {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  };
  add("whole", [](fb::TableDeltaT&) {});
  add("rows", [](fb::TableDeltaT& parts) { parts.vocabulary.reset(); });
  add("keys", [](fb::TableDeltaT& parts) {
    parts.rows = 10;
    parts.changed.clear();
    parts.weights.reset();
    parts.vocabulary->slots.clear();
    parts.vocabulary->pilots.clear();
    parts.vocabulary->size = parts.vocabulary->slot_count = 0;
  });
}

void add_requests(const Corpus& corpus) {
  const char* const kFields =
      R"({"item": [1, -2], "tags": [[], [3, 4]], "price": [0.5, 1e3], "look": [[1, 2], [3, 4]], )"
      R"("sku": ["a", "\u0000b"], "words": [["", "c"], []]})";
  corpus.add("request", "one_stack",
             R"({"id": "r1", "features": {"user": 3}, "history": {"item": [1], "time": [0.5]}, )"
             R"("candidates": {"item": [4, 5]}})");
  corpus.add("request", "named_stack",
             R"({"id": "r\u00e9", "candidates": {"item": []}, "history": {"clicks": {}}, )"
             R"("features": {"user": 9223372036854775807}})");
  corpus.add("request", "every_kind",
             std::string(R"({"id": "", "features": {"item": 1, "tags": [2], "price": -3, )"
                         R"("look": [4, 5], "sku": "d", "words": ["e"]}, )"
                         R"("history": {"clicks": {}, "skips": )") +
                 kFields + R"(}, "candidates": )" + kFields + "}");
}

void add_descriptions(const Corpus& corpus) {
  const Json base = convert::testing::small_description();
  const auto add = [&corpus](const std::string& name, const Json& description) {
    corpus.add("description", name, description.dump());
  };
  add("augru", base);
  Json din = with(base, "/stacks/0/extractor", Json::array());
  din["stacks"][0].erase("evolution");
  din["stacks"][0]["result"] = "attention_pool";
  din["stacks"][0]["attention"] = Json::parse(
      R"({"kind": "mlp", "query_projection": null, "input": ["q", "k"], "softmax": false,
          "score_scale": {"one_over_sqrt": 5}, "orientation": "in_out", "layers": [
            {"weight": {"tensor": "fc1.w", "columns": [0, 10], "orientation": "out_in"},
             "bias": {"constant": 0}, "activation": "tanh"},
            {"weight": {"tensor": "fc2.w", "rows": [0, 1], "orientation": "out_in"}, "bias": null,
             "activation": "none"}]})");
  din["head"]["input"] = Json::parse(
      R"([{"feature": "user"}, {"candidate": "item"}, {"result": "clicks"},
          {"product": [{"query": "clicks"}, {"pooled": "clicks", "pooling": "mean",
           "padding": "masked"}]}, {"feature": "user"}])");
  din["head"]["layers"][0]["weight"] = Json::parse(
      R"({"concat": ["fc1.w", {"tensor": "fc1.w", "columns": [0, 3]}], "along": "inputs"})");
  add("din", din);
  Json softmax = with(base, "/head/layers/0/batch_norm",
                      Json::parse(R"({"place": "before_activation", "mean": "act1.mean",
                         "variance": "act1.var", "gamma": null, "beta": "fc1.b", "epsilon": 1e-3})"));
  softmax["head"]["layers"][0]["activation"] =
      Json::parse(R"({"kind": "dice_rowwise", "alpha": 0.5, "epsilon": 1e-3})");
  softmax["head"]["layers"][2]["weight"] =
      Json::parse(R"({"concat": ["fc3.w", {"sum": ["fc3.w", "fc3.w"]}], "along": "outputs"})");
  softmax["head"]["layers"][2]["bias"] = Json::parse(R"({"constant": 0.5})");
  softmax["output"] = Json::parse(R"({"kind": "softmax", "click_column": 0})");
  softmax["calibration"] = Json::parse(R"({"scale": 1, "offset": -0.5})");
  softmax["ignore"] = {"fc*"};
  add("softmax", softmax);
}

void add_answers(const Corpus& corpus) {
  corpus.add("layout_answers", "augru", R"({"kind": "augru", "max_history": 50})");
  corpus.add("layout_answers", "aigru",
             R"({"kind": "aigru", "max_history": 1, "out_of_table": "padding_row", )"
             R"("stack": "s", "item": "i", "category": "c", "user": "u"})");
}

}  // namespace
}  // namespace augur::fuzz

int main(int argc, char** argv) {
  using namespace augur::fuzz;
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_corpus FOLDER\n");
    return 2;
  }
  try {
    const Corpus corpus(argv[1]);
    add_models(corpus);
    add_tables(corpus);
    add_deltas(corpus);
    add_requests(corpus);
    add_descriptions(corpus);
    add_answers(corpus);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_corpus: %s\n", error.what());
    return 1;
  }
  return 0;
}
