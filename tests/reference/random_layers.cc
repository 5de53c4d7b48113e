// Random layers.
#include "reference/random_layers.h"

#include <cmath>

#include "reference/build.h"

namespace augur::reference {

std::unique_ptr<fb::TensorT> random_weight(Generator& generator, std::uint32_t rows,
                                           std::uint32_t columns, double gain) {
  // A uniform value in [-w, w] has the variance w²/3.
  const double width = gain * std::sqrt(3.0 / columns);
  return make_tensor(rows, columns, generator.symmetric(width, std::size_t{rows} * columns));
}

std::unique_ptr<fb::ActivationT> random_activation(Generator& generator, fb::ActivationKind kind,
                                                   std::uint32_t units) {
  auto activation = std::make_unique<fb::ActivationT>();
  activation->kind = kind;
  const bool rowwise = kind == fb::ActivationKind::DiceRowwise;
  if (rowwise || kind == fb::ActivationKind::Prelu || kind == fb::ActivationKind::Dice ||
      (kind == fb::ActivationKind::Elu && generator.one_in(2))) {
    activation->alpha = make_tensor(generator.symmetric(0.5, rowwise ? 1 : units));
  }
  if (kind == fb::ActivationKind::Dice) {
    activation->scale = make_tensor(generator.symmetric(2.0, units));
    activation->shift = make_tensor(generator.symmetric(1.0, units));
  }
  if (rowwise) activation->epsilon = 1e-3f;
  return activation;
}

std::unique_ptr<fb::DenseT> random_dense(Generator& generator, std::uint32_t outputs,
                                         std::uint32_t inputs, fb::ActivationKind activation,
                                         bool bias) {
  auto dense = std::make_unique<fb::DenseT>();
  dense->weight = random_weight(generator, outputs, inputs, 1.5);
  if (bias) dense->bias = make_tensor(generator.symmetric(0.5, outputs));
  // None is also said by leaving the activation out: both must be understood.
  if (activation != fb::ActivationKind::None || generator.one_in(2)) {
    dense->activation = random_activation(generator, activation, outputs);
  }
  return dense;
}

std::unique_ptr<fb::GruT> random_gru(Generator& generator, std::uint32_t gates,
                                     std::uint32_t hidden, std::uint32_t inputs, fb::Reset reset,
                                     bool state_bias) {
  auto gru = std::make_unique<fb::GruT>();
  gru->reset = reset;
  gru->input = random_weight(generator, gates * hidden, inputs, 2.0);
  gru->recurrent = random_weight(generator, gates * hidden, hidden, 1.2);
  gru->bias = make_tensor(generator.symmetric(0.5, std::size_t{gates} * hidden));
  if (state_bias && reset == fb::Reset::AfterProduct) {
    gru->candidate_recurrent_bias = make_tensor(generator.symmetric(0.5, hidden));
  }
  return gru;
}

std::unique_ptr<fb::AttentionT> random_attention(Generator& generator, const AttentionSpec& spec,
                                                 std::uint32_t query_width,
                                                 std::uint32_t key_width) {
  auto attention = std::make_unique<fb::AttentionT>();
  attention->kind = spec.kind;
  attention->normalisation = spec.normalisation;
  attention->score_scale = spec.score_scale;
  if (spec.projection != 0) {
    attention->query_projection =
        random_dense(generator, spec.projection, query_width, spec.projection_activation);
    query_width = spec.projection;
  }
  if (spec.kind == fb::AttentionKind::Bilinear) {
    // The sum over the key's units adds up √H-fold; bring the scores back to order 1.
    attention->bilinear =
        random_weight(generator, key_width, query_width, 4.0 / std::sqrt(1.0 * key_width));
  }
  if (spec.kind != fb::AttentionKind::Mlp) return attention;

  const std::uint32_t units = spec.units.at(0);
  attention->pair = std::make_unique<fb::PairDenseT>();
  fb::PairDenseT& pair = *attention->pair;
  if (spec.pair_query) pair.query = random_weight(generator, units, query_width, 1.0);
  if (spec.pair_key) pair.key = random_weight(generator, units, key_width, 1.5);
  if (spec.pair_product) pair.product = random_weight(generator, units, key_width, 1.5);
  pair.bias = make_tensor(generator.symmetric(0.5, units));
  pair.activation = random_activation(generator, spec.activation, units);
  for (std::size_t i = 1; i < spec.units.size(); ++i) {
    attention->layers.push_back(
        random_dense(generator, spec.units[i], spec.units[i - 1], spec.activation));
  }
  attention->layers.push_back(
      random_dense(generator, 1, spec.units.back(), fb::ActivationKind::None));
  return attention;
}

}  // namespace augur::reference
