// Dice by batch statistics, measured on requests; see calibrate.h.
#include "calibrate/calibrate.h"

#include <cmath>
#include <cstring>
#include <filesystem>

#include "calibrate/probe.h"
#include "error.h"
#include "text/file.h"
#include "text/text.h"
#include "validate/progress.h"
#include "write/sha256.h"

namespace augur::convert {
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
