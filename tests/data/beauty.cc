// The trained models, built by hand.
#include "data/beauty.h"

#include <cmath>
#include <functional>
#include <vector>

#include "reference/build.h"

namespace augur::data {
namespace {

using reference::make_field;
using reference::make_slot;
using reference::make_tensor;

constexpr char kStack[] = "history";

// Reads tensors by name.
class Weights {
 public:
  explicit Weights(const checkpoint::Checkpoint& file) : file_(file) {}

  std::vector<float> values(const std::string& name) const { return file_.read(file_.get(name)); }
  std::uint32_t size(const std::string& name, std::size_t axis) const {
    return static_cast<std::uint32_t>(file_.get(name).shape.at(axis));
  }
  std::unique_ptr<fb::TensorT> tensor(const std::string& name) const {
    if (file_.get(name).shape.size() == 1) return make_tensor(values(name));
    return make_tensor(size(name, 0), size(name, 1), values(name));
  }
  // Columns [first, first + count) of a matrix, plus `factor` times those from `other`.
  std::unique_ptr<fb::TensorT> columns(const std::string& name, std::uint32_t count,
                                       std::uint32_t first, std::uint32_t other,
                                       float factor) const {
    const std::vector<float> all = values(name);
    const std::uint32_t rows = size(name, 0);
    std::vector<float> picked;
    for (std::uint32_t row = 0; row < rows; ++row) {
      const float* from = all.data() + std::size_t{row} * size(name, 1);
      for (std::uint32_t k = 0; k < count; ++k) {
        picked.push_back(from[first + k] + factor * from[other + k]);
      }
    }
    return make_tensor(rows, count, picked);
  }

 private:
  const checkpoint::Checkpoint& file_;
};

void add_table(fb::ModelT& model, const Weights& weights, const std::string& name,
               const std::string& tensor) {
  auto table = std::make_unique<fb::EmbeddingTableT>();
  table->name = name;
  table->weights = weights.tensor(tensor);
  model.tables.push_back(std::move(table));
}

std::unique_ptr<fb::DenseT> dense(const Weights& weights, const std::string& name) {
  auto layer = std::make_unique<fb::DenseT>();
  layer->weight = weights.tensor(name + ".weight");
  layer->bias = weights.tensor(name + ".bias");
  return layer;
}

std::unique_ptr<fb::ActivationT> prelu(const Weights& weights, const std::string& name) {
  auto activation = std::make_unique<fb::ActivationT>();
  activation->kind = fb::ActivationKind::Prelu;
  activation->alpha = weights.tensor(name + ".alpha");
  return activation;
}

// p = σ((x - mean) / √(variance + 1e-8))
std::unique_ptr<fb::ActivationT> dice(const Weights& weights, const std::string& name) {
  std::vector<float> scale;
  std::vector<float> shift;
  const std::vector<float> mean = weights.values(name + ".bn.running_mean");
  for (const float variance : weights.values(name + ".bn.running_var")) {
    const double factor = 1.0 / std::sqrt(static_cast<double>(variance) + 1e-8);
    shift.push_back(static_cast<float>(-factor * mean[scale.size()]));
    scale.push_back(static_cast<float>(factor));
  }
  auto activation = std::make_unique<fb::ActivationT>();
  activation->kind = fb::ActivationKind::Dice;
  activation->alpha = weights.tensor(name + ".alpha");
  activation->scale = make_tensor(scale);
  activation->shift = make_tensor(shift);
  return activation;
}

// torch.nn.GRU: rows r, z, n, where z is the share of the old state; u = 1 - z negates z's rows.
std::unique_ptr<fb::GruT> extractor(const Weights& weights) {
  const std::uint32_t hidden = weights.size("gru.weight_hh_l0", 1);
  const auto reorder = [](const std::vector<float>& from) {
    const std::size_t block = from.size() / 3;
    std::vector<float> rows(from.size());
    for (std::size_t i = 0; i < block; ++i) {
      rows[i] = -from[block + i];
      rows[block + i] = from[i];
      rows[2 * block + i] = from[2 * block + i];
    }
    return rows;
  };
  auto gru = std::make_unique<fb::GruT>();
  gru->input = make_tensor(3 * hidden, weights.size("gru.weight_ih_l0", 1),
                           reorder(weights.values("gru.weight_ih_l0")));
  gru->recurrent = make_tensor(3 * hidden, hidden, reorder(weights.values("gru.weight_hh_l0")));
  std::vector<float> bias = reorder(weights.values("gru.bias_ih_l0"));
  const std::vector<float> recurrent_bias = reorder(weights.values("gru.bias_hh_l0"));
  for (std::size_t i = 0; i < 2 * hidden; ++i)
    bias[i] += recurrent_bias[i];
  gru->bias = make_tensor(bias);
  gru->candidate_recurrent_bias = make_tensor(
      {recurrent_bias.begin() + 2 * static_cast<std::ptrdiff_t>(hidden), recurrent_bias.end()});
  return gru;
}

std::unique_ptr<fb::EvolutionT> evolution(const Weights& weights, fb::EvolutionKind kind) {
  auto layer = std::make_unique<fb::EvolutionT>();
  layer->kind = kind;
  layer->cell = std::make_unique<fb::GruT>();
  layer->cell->input = weights.tensor("evolve.w_ih");
  layer->cell->recurrent = weights.tensor("evolve.w_hh");
  layer->cell->bias = weights.tensor("evolve.b");
  return layer;
}

// x = [e_a, e_t, e_a - e_t, e_a ∘ e_t] -> 80 -> 40 -> 1, no softmax.
std::unique_ptr<fb::AttentionT> din_attention(const Weights& weights) {
  const std::uint32_t width = weights.size("att1.weight", 1) / 4;
  auto attention = std::make_unique<fb::AttentionT>();
  attention->kind = fb::AttentionKind::Mlp;
  attention->normalisation = fb::Normalisation::None;
  attention->pair = std::make_unique<fb::PairDenseT>();
  attention->pair->query = weights.columns("att1.weight", width, 0, 2 * width, 1.0f);
  attention->pair->key = weights.columns("att1.weight", width, width, 2 * width, -1.0f);
  attention->pair->product = weights.columns("att1.weight", width, 3 * width, 3 * width, 0.0f);
  attention->pair->bias = weights.tensor("att1.bias");
  attention->pair->activation = prelu(weights, "att_act1");
  attention->layers.push_back(dense(weights, "att2"));
  attention->layers.back()->activation = prelu(weights, "att_act2");
  attention->layers.push_back(dense(weights, "att3"));
  return attention;
}

std::unique_ptr<fb::AttentionT> bilinear_attention(const Weights& weights) {
  auto attention = std::make_unique<fb::AttentionT>();
  attention->bilinear = weights.tensor("att.W");
  return attention;
}

}  // namespace

std::unique_ptr<fb::ModelT> beauty_model(const checkpoint::Checkpoint& file,
                                         const std::string& kind, unsigned max_history) {
  const Weights weights(file);
  auto model = std::make_unique<fb::ModelT>();
  add_table(*model, weights, "user", "user_emb.weight");
  add_table(*model, weights, "item", "item_emb.weight");
  add_table(*model, weights, "category", "cate_emb.weight");
  model->features.push_back(make_field("user", fb::FieldKind::Id, "user"));

  auto stack = std::make_unique<fb::StackT>();
  stack->name = kStack;
  stack->max_history = max_history;
  for (const std::string field : {"item", "category"}) {
    model->candidate.push_back(make_field(field, fb::FieldKind::Id, field));
    stack->fields.push_back(make_field(field, fb::FieldKind::Id, field));
    stack->query.push_back(field);
  }
  if (kind == "base") {
    stack->result = fb::ResultKind::SumPool;
  } else if (kind == "din") {
    stack->result = fb::ResultKind::AttentionPool;
    stack->attention = din_attention(weights);
  } else {
    stack->extractor.push_back(extractor(weights));
    stack->attention = bilinear_attention(weights);
    stack->evolution = evolution(weights, kind == "aigru"  ? fb::EvolutionKind::Aigru
                                          : kind == "agru" ? fb::EvolutionKind::Agru
                                                           : fb::EvolutionKind::Augru);
  }

  // Head input: user, e_a, Σ e_t and, but for the base model, what the stack hands over.
  model->head = std::make_unique<fb::HeadT>();
  model->head->slots.push_back(make_slot(fb::SourceKind::Feature, "user"));
  model->head->slots.push_back(make_slot(fb::SourceKind::Query, kStack));
  model->head->slots.push_back(make_slot(fb::SourceKind::Pooled, kStack));
  if (kind != "base") model->head->slots.push_back(make_slot(fb::SourceKind::Result, kStack));
  for (const std::string number : {"1", "2"}) {
    model->head->layers.push_back(dense(weights, "fc" + number));
    model->head->layers.back()->activation = dice(weights, "act" + number);
  }
  model->head->layers.push_back(dense(weights, "fc3"));
  model->stacks.push_back(std::move(stack));
  return model;
}

}  // namespace augur::data
