// The fused kernels in plain loops, one candidate after the other, in the order of the formulas.
// Tests compare the vector kernels with them; they run where a processor has none of the
// instruction sets.
#include <cmath>
#include <cstring>

#include "common/half.h"
#include "kernels/elementary.h"
#include "kernels/kernel_set.h"

namespace augur {
namespace {

// -------------------------------------------------------------------------------------------
// recurrence

// The share of the candidate state c in the new state: the update gate u, changed by the attention
// a.
float attended_update_gate(ShareRule rule, float update, float attention) {
  switch (rule) {
    case ShareRule::kPlain:
      break;  // GRU, AIGRU
    case ShareRule::kScale:
      return attention * update;  // AUGRU, equation (11) of the paper: ũ' = a u'
    case ShareRule::kLift:
      return attention + (1.0f - attention) * update;  // AUGRU in the authors' code
    case ShareRule::kAttention:
      return attention;  // AGRU, equation (10)
  }
  return update;
}

// x[0] w[0] + ... over a column of a matrix in rows form.
float column_product(const float* x, const float* weight, std::size_t stride, std::size_t inputs) {
  float sum = 0.0f;
  for (std::size_t k = 0; k < inputs; ++k)
    sum += x[k] * weight[k * stride];
  return sum;
}

// As column_product(), with integers: x is 128 + 127 x, rounded.
float integer_product(const float* x, const IntegerProduct& product, std::size_t outputs,
                      std::size_t inputs, std::size_t output) {
  std::int32_t sum = product.offsets[output];
  for (std::size_t k = 0; k < inputs; ++k) {
    const auto value = static_cast<std::int32_t>(std::nearbyint(x[k] * 127.0f)) + 128;
    const std::size_t at = (k / 4 * padded_units(outputs) + output) * 4 + k % 4;
    sum += value * product.rows[at];
  }
  return static_cast<float>(sum) * product.scales[output];
}

// One step of a cell, equations (2) to (5) and (9) to (12) of the paper: computes u, r, c = h̃ and
// the new h.
void step(const Cell& cell, const float* projection, float attention, float* h, float* next,
          float* reset_h) {
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = cell.share == ShareRule::kAttention ? 0 : hidden;
  const std::size_t state = reset + hidden;  // the first row of the candidate state's
  const std::size_t outputs = cell.reset_before ? state : cell.gate_rows();
  const auto input = [&](std::size_t row) {
    return cell.input_bias == nullptr
               ? projection[row]
               : attention * projection[row] + cell.input_bias[row];  // AIGRU, equation (9)
  };
  const bool integers = cell.integers != IntegerPath::kNone;
  const auto gates = [&](std::size_t row) {
    return integers ? integer_product(h, cell.integer_gates, outputs, hidden, row)
                    : column_product(h, cell.gates.rows + row, padded_units(outputs), hidden);
  };
  const auto state_products = [&](std::size_t row) {
    return integers ? integer_product(reset_h, cell.integer_state, hidden, hidden, row)
                    : column_product(reset_h, cell.state_weights.rows + row, padded_units(hidden),
                                     hidden);
  };
  const auto gate = [&](std::size_t row) { return sigmoid_f32(input(row) + gates(row)); };
  for (std::size_t j = 0; j < hidden; ++j)
    reset_h[j] = gate(reset + j) * h[j];  // r ∘ h, read only if the reset is before the product
  for (std::size_t j = 0; j < hidden; ++j) {
    const float product = cell.reset_before
                              ? state_products(j)
                              : gate(reset + j) * (cell.state_bias[j] +
                                                   gates(state + j));  // (3) and r ∘ (U h) of (4)
    const float c = tanh_f32(input(state + j) + product);              // (4)
    const float u = reset == 0 ? 0.0f : gate(j);  // (2); an AGRU has no update gate
    const float share = attended_update_gate(cell.share, u, attention);
    next[j] = h[j] + share * (c - h[j]);  // (5), (10), (12)
  }
}

void recur(const Recurrence& run) {
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  for (std::size_t row = 0; row < run.rows; ++row) {
    float* h = run.states + row * hidden;
    float* next = run.scratch;
    for (std::size_t t = 0; t < run.steps; ++t) {
      const float attention =
          run.attention == nullptr ? 0.0f : run.attention[t * run.attention_stride + row];
      step(cell, run.projections + t * cell.gate_rows(), attention, h, next, next + hidden);
      std::memcpy(h, next, hidden * sizeof(float));
      if (run.history != nullptr) std::memcpy(run.history + t * hidden, h, hidden * sizeof(float));
    }
  }
}

// --------------------------------------------------------------------------------------------
// attention

void activate(const ActivationCall& call) {
  for (std::size_t row = 0; row < call.rows; ++row) {
    float* y = call.y + row * call.stride;
    for (std::size_t unit = 0; unit < call.units; ++unit)
      y[unit] = activate_unit(*call.activation, unit,
                              y[unit] + (call.addend == nullptr ? 0.0f : call.addend[unit]));
  }
}

// The element of a matrix that pack_lanes() packed with one group.
float packed_element(const float* packed, std::size_t units, std::size_t inputs, std::size_t unit,
                     std::size_t k) {
  std::size_t first = 0;
  std::size_t block = block_units(1, units);
  while (unit >= first + block) {
    first += block;
    block = block_units(1, units - first);
  }
  return packed[first * inputs + k * block + (unit - first)];
}

// The weight of an output and an input that pack_integer_lanes() packed with one group.
std::int32_t packed_integer(const IntegerLayer& layer, std::size_t inputs, std::size_t unit,
                            std::size_t k) {
  const std::size_t together = integers_together(layer.path);
  const std::size_t first = unit / 4 * 4 * padded_inputs(layer.path, inputs);
  return layer.lanes[first + (k / together * 4 + unit % 4) * together + k % together];
}

// y[unit] += Σ_k weight x[k], x as integers.
void add_integer_layer(const IntegerLayer& layer, const float* x, std::size_t inputs,
                       std::size_t units, float* y) {
  float largest = 1e-30f;
  for (std::size_t k = 0; k < inputs; ++k)
    largest = std::fmax(largest, std::fabs(x[k]));
  const float steps = layer.unit_inputs ? 255.0f : 127.0f / largest;
  for (std::size_t unit = 0; unit < units; ++unit) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < inputs; ++k) {
      sum += packed_integer(layer, inputs, unit, k) *
             static_cast<std::int32_t>(std::nearbyint(x[k] * steps));
    }
    y[unit] += static_cast<float>(sum) * layer.scales[unit] / steps;
  }
}

void activate_layer(const Activation& activation, std::size_t units, float* y) {
  if (activation.kind == ActivationKind::kDiceRowwise) {
    dice_rowwise(activation, units, 1, y);
    return;
  }
  activate({&activation, nullptr, 1, units, units, y});
}

void run_pair_layer(const PairLayer& layer, const float* x, float* y) {
  for (std::size_t unit = 0; unit < layer.units; ++unit) {
    float sum = layer.bias == nullptr ? 0.0f : layer.bias[unit];
    for (std::size_t k = 0; layer.weight != nullptr && k < layer.inputs; ++k)
      sum += packed_element(layer.weight, layer.units, layer.inputs, unit, k) * x[k];
    y[unit] = sum;
  }
  if (layer.integer.lanes != nullptr)
    add_integer_layer(layer.integer, x, layer.inputs, layer.units, y);
  activate_layer(layer.activation, layer.units, y);
}

float score_pair(const PairScores& call, std::size_t row, std::size_t t) {
  const Keys& keys = call.keys;
  const float* query = call.queries + row * call.query_stride;
  const float* key = keys.rows + t * keys.width;
  if (call.mlp == nullptr) {
    float sum = 0.0f;
    for (std::size_t k = 0; k < keys.width; ++k)
      sum += query[k] * key[k];
    return sum;
  }
  const PairMlp& mlp = *call.mlp;
  float* x = call.scratch;
  float* y = x + mlp.widest;
  float* products = y + mlp.widest;
  float* key_part = products + mlp.width;
  for (std::size_t k = 0; k < mlp.width; ++k)
    products[k] = query[k] * key[k];
  if (mlp.key.inputs > 0 && keys.kept != nullptr) {
    std::memcpy(key_part, keys.kept + t * mlp.units, mlp.units * sizeof(float));
  } else if (mlp.key.inputs > 0) {
    run_pair_layer(mlp.key, key, key_part);
  }
  for (std::size_t unit = 0; unit < mlp.units; ++unit) {
    float sum = mlp.bias == nullptr ? 0.0f : mlp.bias[unit];
    if (call.query_part != nullptr) sum += call.query_part[row * mlp.units + unit];
    if (mlp.key.inputs > 0) sum += key_part[unit];
    for (std::size_t k = 0; mlp.product != nullptr && k < mlp.width; ++k)
      sum += packed_element(mlp.product, mlp.units, mlp.width, unit, k) * products[k];
    x[unit] = sum;
  }
  if (mlp.integer_product.lanes != nullptr)
    add_integer_layer(mlp.integer_product, products, mlp.width, mlp.units, x);
  activate_layer(mlp.activation, mlp.units, x);
  for (std::size_t i = 0; i < mlp.layer_count; ++i) {
    run_pair_layer(mlp.layers[i], x, y);
    float* const swap = x;
    x = y;
    y = swap;
  }
  return x[0];
}

void keep_keys(const KeepKeys& call) {
  if (call.mlp == nullptr || call.mlp->key.inputs == 0) return;
  const PairLayer& key = call.mlp->key;
  for (std::size_t t = call.first; t < call.end; ++t)
    run_pair_layer(key, call.keys.rows + t * call.keys.width, call.kept + t * key.units);
}

void score_pairs(const PairScores& call) {
  for (std::size_t row = 0; row < call.rows; ++row) {
    for (std::size_t t = 0; t < call.keys.steps; ++t)
      call.scores[t * call.stride + row] = score_pair(call, row, t);
  }
}

void scale_scores(const Weights& call) {
  for (std::size_t t = 0; t < call.steps; ++t) {
    for (std::size_t row = 0; row < call.rows; ++row)
      call.scores[t * call.stride + row] *= call.scale;
  }
}

void softmax(const Weights& call) {
  scale_scores(call);
  for (std::size_t row = 0; row < call.rows; ++row) {
    float* const scores = call.scores + row;
    float largest = *scores;
    for (std::size_t t = 0; t < call.steps; ++t)
      largest = std::fmax(largest, scores[t * call.stride]);
    float sum = 0.0f;
    for (std::size_t i = 0; i < call.steps; ++i) {
      float* s = scores + (call.first + i) % call.steps * call.stride;
      *s = exp_f32(*s - largest);
      sum += *s;
    }
    const float inverse = 1.0f / sum;
    for (std::size_t t = 0; t < call.steps; ++t)
      scores[t * call.stride] *= inverse;
  }
}

void weighted_sum(const WeightedSum& call) {
  for (std::size_t row = 0; row < call.rows; ++row) {
    for (std::size_t k = 0; k < call.width; ++k) {
      float sum = call.add ? call.out[row * call.width + k] : 0.0f;
      for (std::size_t t = 0; t < call.steps; ++t)
        sum += call.weights[t * call.stride + row] * call.x[t * call.width + k];
      call.out[row * call.width + k] = sum;
    }
  }
}

// --------------------------------------------------------------------------------------------
// fp16

void to_halves(const float* x, std::size_t count, std::uint16_t* halves) {
  for (std::size_t i = 0; i < count; ++i)
    halves[i] = float_to_half(std::fmin(std::fmax(x[i], -kLargestHalf), kLargestHalf));
}

void to_floats(const std::uint16_t* halves, std::size_t count, float* x) {
  for (std::size_t i = 0; i < count; ++i)
    x[i] = half_to_float(halves[i]);
}

}  // namespace

const KernelSet kReferenceKernels = {
    "plain loops", IntegerPath::kDot, 1,        recur,         keep_keys, score_pairs, scale_scores,
    softmax,       weighted_sum,      activate, quantise_rows, to_halves, to_floats,   nullptr};

}  // namespace augur
