// Statistics measured on requests; see calibration.h.
#include "validate/calibration.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

#include "error.h"
#include "text/file.h"
#include "text/hex.h"
#include "validate/run_model.h"
#include "write/sha256.h"

namespace augur::convert {
namespace {

std::unique_ptr<fb::TensorT> zeros(std::vector<uint32_t> shape) {
  auto tensor = std::make_unique<fb::TensorT>();
  size_t bytes = sizeof(float);
  for (const uint32_t size : shape)
    bytes *= size;
  tensor->shape = std::move(shape);
  tensor->data.assign(bytes, 0);
  return tensor;
}

// The row of a matrix, or the element of a vector, as a tensor of one row.
std::unique_ptr<fb::TensorT> row_of(const fb::TensorT* all, size_t row) {
  if (all == nullptr) return nullptr;
  std::vector<uint32_t> shape = all->shape;
  shape[0] = 1;
  auto tensor = zeros(shape);
  std::memcpy(tensor->data.data(), all->data.data() + row * tensor->data.size(),
              tensor->data.size());
  return tensor;
}

std::unique_ptr<fb::DenseT> row_of(const fb::DenseT& all, size_t row) {
  auto dense = std::make_unique<fb::DenseT>();
  dense->weight = row_of(all.weight.get(), row);
  dense->bias = row_of(all.bias.get(), row);
  return dense;
}

std::unique_ptr<fb::PairDenseT> row_of(const fb::PairDenseT& all, size_t row) {
  auto pair = std::make_unique<fb::PairDenseT>();
  pair->query = row_of(all.query.get(), row);
  pair->key = row_of(all.key.get(), row);
  pair->product = row_of(all.product.get(), row);
  pair->bias = row_of(all.bias.get(), row);
  return pair;
}

size_t units_of(const fb::PairDenseT& pair) {
  const fb::TensorT* some = pair.query ? pair.query.get()
                            : pair.key ? pair.key.get()
                                       : pair.product.get();
  return some->shape[0];
}

// The model with its end taken off, for as long as it lives. The parts are moved, not copied: the
// tables are large.
class Probe {
 public:
  Probe(fb::ModelT& model, const Place& place) : model_(model), place_(place) {
    if (model_.id.size() != 32) model_.id.assign(32, 0);
    std::swap(model_.calibration, calibration_);
    std::swap(model_.head, head_);
    model_.head = std::make_unique<fb::HeadT>();
    if (place.part == Place::Part::kHeadLayer) {
      end_at_head_layer();
      return;
    }
    shorten_stack();
    if (place.part == Place::Part::kQueryProjection) {
      end_at_projection();
    } else {
      end_at_attention();
    }
  }
  ~Probe() {
    if (place_.part == Place::Part::kHeadLayer) {
      std::swap(model_.head->slots, head_->slots);
      for (size_t i = 0; i < place_.layer; ++i)
        head_->layers[i] = std::move(model_.head->layers[i]);
    } else {
      restore_stack();
    }
    std::swap(model_.head, head_);
    std::swap(model_.calibration, calibration_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  size_t units() const { return units_; }

  std::vector<uint8_t> file_of(size_t unit) {
    set_unit(unit);
    flatbuffers::FlatBufferBuilder builder(1 << 16);
    fb::FinishModelBuffer(builder, fb::CreateModel(builder, &model_));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }

 private:
  void end_at_head_layer() {
    std::swap(model_.head->slots, head_->slots);
    for (size_t i = 0; i < place_.layer; ++i)
      model_.head->layers.push_back(std::move(head_->layers[i]));
    units_ = head_->layers[place_.layer]->weight->shape[0];
  }

  // No evolution, and no more of the head than the network must have: they cost time.
  void shorten_stack() {
    fb::StackT& stack = *model_.stacks[place_.stack];
    result_ = std::exchange(stack.result, fb::ResultKind::AttentionPool);
    std::swap(stack.evolution, evolution_);
    normalisation_ = std::exchange(stack.attention->normalisation, fb::Normalisation::None);
    scale_ = std::exchange(stack.attention->score_scale, 1.0f);
  }
  void restore_stack() {
    fb::StackT& stack = *model_.stacks[place_.stack];
    stack.result = result_;
    std::swap(stack.evolution, evolution_);
    fb::AttentionT& attention = *stack.attention;
    attention.normalisation = normalisation_;
    attention.score_scale = scale_;
    if (place_.part == Place::Part::kQueryProjection) {
      std::swap(attention.query_projection->activation, activation_);
      return;
    }
    if (pair_) std::swap(attention.pair, pair_);
    std::vector<std::unique_ptr<fb::DenseT>> kept = std::move(attention.layers);
    attention.layers = std::move(layers_);
    const size_t moved = place_.part == Place::Part::kAttentionLayer ? place_.layer : 0;
    for (size_t i = 0; i < moved; ++i)
      attention.layers[i] = std::move(kept[i]);
  }

  // The logit is the projected query's unit: a head of one row that picks it.
  void end_at_projection() {
    fb::DenseT& projection = *model_.stacks[place_.stack]->attention->query_projection;
    std::swap(projection.activation, activation_);
    units_ = projection.weight->shape[0];
    add_slot(fb::SourceKind::ProjectedQuery);
    set_head(zeros({1, static_cast<uint32_t>(units_)}));
  }

  // The attention's weight is the unit; of the head nothing is asked.
  void end_at_attention() {
    fb::StackT& stack = *model_.stacks[place_.stack];
    fb::AttentionT& attention = *stack.attention;
    std::swap(attention.layers, layers_);
    if (place_.part == Place::Part::kPair) {
      std::swap(attention.pair, pair_);
      units_ = units_of(*pair_);
    } else {
      for (size_t i = 0; i < place_.layer; ++i)
        attention.layers.push_back(std::move(layers_[i]));
      units_ = layers_[place_.layer]->weight->shape[0];
    }
    add_slot(fb::SourceKind::Result);
    // The pooled keys: as wide as the last extractor layer's state, or as the event.
    const uint32_t width = key_width(stack);
    set_head(zeros({1, width}));
  }

  uint32_t key_width(const fb::StackT& stack) const {
    if (!stack.extractor.empty()) return stack.extractor.back()->recurrent->shape[1];
    uint32_t width = 0;
    for (const auto& field : stack.fields) {
      const bool is_id = field->kind == fb::FieldKind::Id || field->kind == fb::FieldKind::Ids;
      if (field->kind == fb::FieldKind::Number) width += 1;
      if (field->kind == fb::FieldKind::Vector) width += field->dim;
      for (const auto& table : model_.tables) {
        if (is_id && table->name == field->table) width += table->weights->shape[1];
      }
    }
    return width;
  }

  void add_slot(fb::SourceKind kind) {
    auto slot = std::make_unique<fb::SlotT>();
    slot->source = std::make_unique<fb::SourceT>();
    slot->source->kind = kind;
    slot->source->name = model_.stacks[place_.stack]->name;
    model_.head->slots.push_back(std::move(slot));
  }
  void set_head(std::unique_ptr<fb::TensorT> weight) {
    auto dense = std::make_unique<fb::DenseT>();
    dense->weight = std::move(weight);
    model_.head->layers.push_back(std::move(dense));
  }

  void set_unit(size_t unit) {
    fb::AttentionT* attention = place_.part == Place::Part::kHeadLayer
                                    ? nullptr
                                    : model_.stacks[place_.stack]->attention.get();
    switch (place_.part) {
      case Place::Part::kHeadLayer:
        model_.head->layers.resize(place_.layer);
        model_.head->layers.push_back(row_of(*head_->layers[place_.layer], unit));
        break;
      case Place::Part::kQueryProjection: {
        fb::TensorT& weight = *model_.head->layers[0]->weight;
        const float one = 1;
        weight.data.assign(weight.data.size(), 0);
        std::memcpy(weight.data.data() + unit * sizeof one, &one, sizeof one);
        break;
      }
      case Place::Part::kPair:
        attention->pair = row_of(*pair_, unit);
        break;
      case Place::Part::kAttentionLayer:
        attention->layers.resize(place_.layer);
        attention->layers.push_back(row_of(*layers_[place_.layer], unit));
        break;
    }
  }

  fb::ModelT& model_;
  Place place_;
  size_t units_ = 0;
  // What was taken off.
  std::unique_ptr<fb::CalibrationT> calibration_;
  std::unique_ptr<fb::HeadT> head_;
  std::unique_ptr<fb::EvolutionT> evolution_;
  std::unique_ptr<fb::ActivationT> activation_;
  std::unique_ptr<fb::PairDenseT> pair_;
  std::vector<std::unique_ptr<fb::DenseT>> layers_;
  fb::ResultKind result_ = fb::ResultKind::Evolution;
  fb::Normalisation normalisation_ = fb::Normalisation::None;
  float scale_ = 1;
};

void add_values(const std::vector<float>& values, Moments& moments) {
  for (const float value : values)
    moments.add(static_cast<double>(value));
}

// The weights that a stack's events receive from every candidate.
void add_weights(const requests::Answer& answer, const std::string& stack, Moments& moments) {
  for (const requests::StackAttention& attention : answer.attention) {
    if (attention.stack != stack) continue;
    for (const std::vector<float>& weights : attention.weights)
      add_values(weights, moments);
  }
}

}  // namespace

void visit_activations(fb::ModelT& model, const PlaceVisitor& visit) {
  const auto see = [&visit](const Place& place, const std::unique_ptr<fb::ActivationT>& found) {
    if (found) visit(place, found.get());
  };
  for (size_t s = 0; s < model.stacks.size(); ++s) {
    const fb::AttentionT* attention = model.stacks[s]->attention.get();
    if (attention == nullptr) continue;
    if (attention->query_projection) {
      see({Place::Part::kQueryProjection, s, 0}, attention->query_projection->activation);
    }
    if (attention->pair) see({Place::Part::kPair, s, 0}, attention->pair->activation);
    for (size_t i = 0; i < attention->layers.size(); ++i)
      see({Place::Part::kAttentionLayer, s, i}, attention->layers[i]->activation);
  }
  for (size_t i = 0; i < model.head->layers.size(); ++i)
    see({Place::Part::kHeadLayer, 0, i}, model.head->layers[i]->activation);
}

Measured measure_layer(fb::ModelT& model, const Place& place, const std::string& requests,
                       const UnitVisitor& progress) {
  Probe probe(model, place);
  const bool per_event =
      place.part == Place::Part::kPair || place.part == Place::Part::kAttentionLayer;
  Measured measured;
  requests::Answer answer;
  for (size_t unit = 0; unit < probe.units(); ++unit) {
    const std::vector<uint8_t> file = probe.file_of(unit);
    const OpenModel open(file, "measuring Dice");
    Moments moments;
    measured.candidate_rows = 0;
    visit_requests(
        open.get(), requests,
        [&](const requests::Request& request, requests::Scorer& scorer) {
          scorer.rank(request, answer);
          measured.candidate_rows += answer.logits.size();
          if (per_event) {
            scorer.explain(request, answer);
            add_weights(answer, model.stacks[place.stack]->name, moments);
          } else {
            add_values(answer.logits, moments);
          }
        },
        [&](double share) {
          progress((static_cast<double>(unit) + share) / static_cast<double>(probe.units()));
        });
    measured.units.push_back(moments);
  }
  return measured;
}

namespace {

std::unique_ptr<fb::TensorT> tensor_of(const std::vector<float>& values) {
  auto tensor = std::make_unique<fb::TensorT>();
  tensor->shape = {static_cast<uint32_t>(values.size())};
  tensor->data.resize(values.size() * sizeof(float));
  std::memcpy(tensor->data.data(), values.data(), tensor->data.size());
  return tensor;
}

Digest digest_of_file(const std::string& path) {
  const std::vector<uint8_t> bytes =
      read_file(path, SIZE_MAX, " does not fit into memory; calibrate on fewer requests");
  return sha256(bytes.data(), bytes.size());
}

// p = σ((x - mean) / (sqrt(variance + epsilon) + epsilon_outside)) as σ(scale x + shift).
void freeze(const BatchDice& dice, const std::vector<Moments>& moments) {
  std::vector<float> scale;
  std::vector<float> shift;
  for (const Moments& unit : moments) {
    const double factor = 1 / (std::sqrt(unit.variance() + dice.epsilon) + dice.epsilon_outside);
    scale.push_back(static_cast<float>(factor));
    shift.push_back(static_cast<float>(-unit.mean() * factor));
    if (!std::isfinite(scale.back()) || !std::isfinite(shift.back())) {
      throw Error(dice.where + ": unit " + std::to_string(scale.size() - 1) + " has the mean " +
                  std::to_string(unit.mean()) + " and the variance " +
                  std::to_string(unit.variance()) +
                  " over these requests, of which no scale can be made that f32 holds");
    }
  }
  dice.activation->scale = tensor_of(scale);
  dice.activation->shift = tensor_of(shift);
}

void check_count(const BatchDice& dice, const std::vector<Moments>& moments,
                 const std::string& requests) {
  if (moments.at(0).count() > 1) return;
  throw Error(requests + ": has " + (moments[0].count() == 1 ? "1 row" : "no rows") + " for " +
              dice.where +
              ": a mean and a variance need two at the least, and are as good as the requests are "
              "many and typical");
}

}  // namespace

Calibration calibrate(Assembled& assembled, const std::string& requests) {
  const Digest digest = digest_of_file(requests);
  Calibration result;
  Progress bar("measuring Dice");
  const auto total = static_cast<double>(assembled.batch_dice.size());
  visit_activations(assembled.model, [&](const Place& place, const fb::ActivationT* activation) {
    for (const BatchDice& dice : assembled.batch_dice) {
      if (dice.activation != activation) continue;
      const auto before = static_cast<double>(result.layers);
      const Measured measured = measure_layer(assembled.model, place, requests, [&](double share) {
        bar.show((before + share) / total);
      });
      check_count(dice, measured.units, requests);
      freeze(dice, measured.units);
      result.candidate_rows = measured.candidate_rows;
      ++result.layers;
    }
  });
  result.note = "calibrated on " + std::to_string(result.candidate_rows) + " candidate rows of " +
                std::filesystem::path(requests).filename().string() + " (sha256 " +
                hex_text(digest.data(), digest.size()) + ")";
  assembled.model.notes.push_back(result.note);
  return result;
}

}  // namespace augur::convert
