// Statistics of Dice activations, measured on requests; see calibration.h.
#include "validate/calibration.h"

#include <cmath>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "common/sha256.h"
#include "error.h"
#include "text/file.h"
#include "text/text.h"
#include "validate/run_model.h"

namespace augur::convert {
namespace {

// Where an activation is in a model.
struct LayerPlace {
  enum class Part { kQueryProjection, kPair, kAttentionLayer, kHeadLayer };
  Part part = Part::kHeadLayer;
  size_t sequence = 0;  // of an attention's parts
  size_t layer = 0;     // of kAttentionLayer and kHeadLayer
};

// Visits all activations, in the order in which the network computes them.
void visit_activations(
    const fb::ModelT& model,
    const std::function<void(const LayerPlace&, const fb::ActivationT*)>& visit) {
  using Part = LayerPlace::Part;
  const auto see = [&visit](const LayerPlace& place,
                            const std::unique_ptr<fb::ActivationT>& found) {
    if (found) visit(place, found.get());
  };
  for (size_t s = 0; s < model.stacks.size(); ++s) {
    const fb::AttentionT* attention = model.stacks[s]->attention.get();
    if (attention == nullptr) continue;
    if (attention->query_projection)
      see({Part::kQueryProjection, s, 0}, attention->query_projection->activation);
    if (attention->pair) see({Part::kPair, s, 0}, attention->pair->activation);
    for (size_t i = 0; i < attention->layers.size(); ++i)
      see({Part::kAttentionLayer, s, i}, attention->layers[i]->activation);
  }
  for (size_t i = 0; i < model.head->layers.size(); ++i)
    see({Part::kHeadLayer, 0, i}, model.head->layers[i]->activation);
}

// How many units the layer has.
size_t units_at(const fb::ModelT& model, const LayerPlace& place) {
  if (place.part == LayerPlace::Part::kHeadLayer)
    return model.head->layers[place.layer]->weight->shape[0];
  const fb::AttentionT& attention = *model.stacks[place.sequence]->attention;
  if (place.part == LayerPlace::Part::kQueryProjection)
    return attention.query_projection->weight->shape[0];
  if (place.part == LayerPlace::Part::kAttentionLayer)
    return attention.layers[place.layer]->weight->shape[0];
  const fb::PairDenseT& pair = *attention.pair;
  return (pair.query ? pair.query : pair.key ? pair.key : pair.product)->shape[0];
}

// The width of the attention's keys: of the extractor's last state, or of the event.
uint32_t key_width(const fb::ModelT& model, const fb::StackT& sequence) {
  if (!sequence.extractor.empty()) return sequence.extractor.back()->recurrent->shape[1];
  uint32_t width = 0;
  for (const auto& field : sequence.fields) {
    const bool is_id = field->kind == fb::FieldKind::Id || field->kind == fb::FieldKind::Ids;
    if (field->kind == fb::FieldKind::Number) width += 1;
    if (field->kind == fb::FieldKind::Vector) width += field->dim;
    for (const auto& table : model.tables) {
      if (is_id && table->name == field->table) width += table->weights->shape[1];
    }
  }
  return width;
}

// Leaves one row of a matrix, or one element of a vector.
void keep_row(const std::unique_ptr<fb::TensorT>& tensor, size_t row) {
  if (!tensor) return;
  const auto bytes = static_cast<std::ptrdiff_t>(tensor->data.size() / tensor->shape[0]);
  const auto begin = tensor->data.begin() + static_cast<std::ptrdiff_t>(row) * bytes;
  tensor->data = std::vector<uint8_t>(begin, begin + bytes);
  tensor->shape[0] = 1;
}

// Makes the layer the last one, with one unit and without its activation.
void end_at_layer(std::vector<std::unique_ptr<fb::DenseT>>& layers, size_t layer, size_t unit) {
  layers.resize(layer + 1);
  keep_row(layers.back()->weight, unit);
  keep_row(layers.back()->bias, unit);
  layers.back()->activation = nullptr;
}

// A head of one source and one layer, of these weights.
std::unique_ptr<fb::HeadT> make_head(fb::SourceKind kind, const std::string& sequence,
                                     const std::vector<float>& weights) {
  auto slot = std::make_unique<fb::SlotT>();
  slot->source = std::make_unique<fb::SourceT>();
  slot->source->kind = kind;
  slot->source->name = sequence;
  auto dense = std::make_unique<fb::DenseT>();
  dense->weight = make_tensor(weights, {1, static_cast<uint32_t>(weights.size())});
  auto head = std::make_unique<fb::HeadT>();
  head->slots.push_back(std::move(slot));
  head->layers.push_back(std::move(dense));
  return head;
}

// Turns a model into the probe of one unit. The parts that the unit does not need are taken out or
// made trivial, because they cost time; `keys` is the width of the attention's keys.
void end_at_unit(fb::ModelT& model, const LayerPlace& place, size_t unit, uint32_t keys) {
  if (model.id.size() != 32) model.id.assign(32, 0);
  model.calibration = nullptr;
  if (place.part == LayerPlace::Part::kHeadLayer) {
    end_at_layer(model.head->layers, place.layer, unit);
    return;
  }
  fb::StackT& sequence = *model.stacks[place.sequence];
  fb::AttentionT& attention = *sequence.attention;
  sequence.result = fb::ResultKind::AttentionPool;
  sequence.evolution = nullptr;
  attention.normalisation = fb::Normalisation::None;
  attention.score_scale = 1;
  if (place.part == LayerPlace::Part::kQueryProjection) {
    // The logit is the unit: the head picks it from the projected query.
    attention.query_projection->activation = nullptr;
    std::vector<float> weights(attention.query_projection->weight->shape[0], 0);
    weights[unit] = 1;
    model.head = make_head(fb::SourceKind::ProjectedQuery, sequence.name, weights);
    return;
  }
  // The attention's weight is the unit; the head's result is not used.
  if (place.part == LayerPlace::Part::kPair) {
    fb::PairDenseT& pair = *attention.pair;
    for (const auto* tensor : {&pair.query, &pair.key, &pair.product, &pair.bias})
      keep_row(*tensor, unit);
    pair.activation = nullptr;
    attention.layers.clear();
  } else {
    end_at_layer(attention.layers, place.layer, unit);
  }
  model.head = make_head(fb::SourceKind::Result, sequence.name, std::vector<float>(keys, 0));
}

void add_values(const std::vector<float>& values, Moments& moments) {
  for (const float value : values)
    moments.add(static_cast<double>(value));
}

struct MeasuredLayer {
  std::vector<Moments> units;
  uint64_t candidate_rows = 0;
};

// The moments of every unit of the layer at `place`, before its activation. Only the tables of
// `model` are moved, and put back. `progress` gets the share of the work that is done.
MeasuredLayer measure_layer(fb::ModelT& model, const LayerPlace& place, const std::string& requests,
                            const std::function<void(double share)>& progress) {
  const bool per_event =
      place.part == LayerPlace::Part::kPair || place.part == LayerPlace::Part::kAttentionLayer;
  const uint32_t keys = per_event ? key_width(model, *model.stacks[place.sequence]) : 0;
  const size_t units = units_at(model, place);
  MeasuredLayer measured;
  requests::Answer answer;
  for (size_t unit = 0; unit < units; ++unit) {
    const std::vector<uint8_t> file =
        file_with_change(model, [&](fb::ModelT& probe) { end_at_unit(probe, place, unit, keys); });
    const LoadedModel loaded(file, "measuring Dice");
    Moments moments;
    measured.candidate_rows = 0;
    visit_requests(
        loaded.get(), requests,
        [&](const requests::Request& request, requests::RequestRanker& ranker) {
          ranker.rank(request, answer);
          measured.candidate_rows += answer.logits.size();
          if (!per_event) return add_values(answer.logits, moments);
          ranker.explain(request, answer);
          for (const requests::SequenceAttention& attention : answer.attention) {
            if (attention.sequence != model.stacks[place.sequence]->name) continue;
            for (const std::vector<float>& weights : attention.weights)
              add_values(weights, moments);
          }
        },
        [&](double share) {
          progress((static_cast<double>(unit) + share) / static_cast<double>(units));
        });
    measured.units.push_back(moments);
  }
  return measured;
}

Digest digest_of_file(const std::string& path) {
  const std::vector<uint8_t> bytes =
      read_file(path, SIZE_MAX, " does not fit into memory; calibrate on fewer requests");
  return sha256(bytes.data(), bytes.size());
}

// Sets p = σ((x - mean) / (sqrt(variance + epsilon) + epsilon_outside)) as σ(scale x + shift).
void set_statistics(const BatchDice& dice, const std::vector<Moments>& moments) {
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
  const auto size = static_cast<uint32_t>(moments.size());
  dice.activation->scale = make_tensor(scale, {size});
  dice.activation->shift = make_tensor(shift, {size});
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

DiceCalibration calibrate(Assembled& assembled, const std::string& requests) {
  const Digest digest = digest_of_file(requests);
  DiceCalibration result;
  ProgressBar bar("measuring Dice");
  const auto total = static_cast<double>(assembled.batch_dice.size());
  visit_activations(
      assembled.model, [&](const LayerPlace& place, const fb::ActivationT* activation) {
        for (const BatchDice& dice : assembled.batch_dice) {
          if (dice.activation != activation) continue;
          const auto before = static_cast<double>(result.layers);
          const MeasuredLayer measured =
              measure_layer(assembled.model, place, requests,
                            [&](double share) { bar.show((before + share) / total); });
          check_count(dice, measured.units, requests);
          set_statistics(dice, measured.units);
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
