// Loading a cell's weights and running its steps.
#include "layers/gru.h"

#include <cstring>

#include "kernels/kernel_set.h"
#include "layers/dense.h"
#include "model/limits.h"

namespace augur {
namespace {

// A copy that vectors may read beyond `size`; all zero if `from` is nullptr.
augur_status copy_padded(Reader& reader, const float* from, std::size_t size, const float** out) {
  const Span<float> copy = reader.arena().array<float>(padded_units(size) + kMaxVector);
  if (copy.empty()) return reader.no_memory();
  if (from != nullptr) std::memcpy(copy.data, from, size * sizeof(float));
  *out = copy.data;
  return AUGUR_OK;
}

// weights: groups * units outputs.
augur_status pack_integers(Reader& reader, const WeightMatrix& weights, std::uint32_t groups,
                           IntegerProduct* product) {
  const std::uint32_t units = weights.outputs / groups;
  const std::size_t padded = padded_units(weights.outputs) + kMaxVector;
  const std::size_t lane_bytes = std::size_t{weights.outputs} * quads(weights.inputs) * 4;
  const std::size_t row_bytes = padded * quads(weights.inputs) * 4;
  const Span<std::int8_t> lanes = reader.arena().array<std::int8_t>(lane_bytes);
  const Span<std::int8_t> rows = reader.arena().array<std::int8_t>(row_bytes);
  const Span<float> scales = reader.arena().array<float>(padded);
  const Span<std::int32_t> offsets = reader.arena().array<std::int32_t>(padded);
  if (lanes.empty() || rows.empty() || scales.empty() || offsets.empty()) return reader.no_memory();
  pack_integer_lanes(weights.integers, groups, units, weights.inputs, lanes.data);
  pack_integer_rows(weights.integers, weights.outputs, weights.inputs, rows.data);
  for (std::uint32_t output = 0; output < weights.outputs; ++output) {
    scales[output] = weights.scales[output] * kUnitScale;
    for (std::uint32_t k = 0; k < weights.inputs; ++k)
      offsets[output] -= 128 * weights.integers[std::size_t{output} * weights.inputs + k];
  }
  *product = {lanes.data, rows.data, scales.data, offsets.data};
  return AUGUR_OK;
}

}  // namespace

augur_status Gru::load(Reader& reader, const fb::Gru* file, std::uint32_t inputs, CellKind kind) {
  kind_ = kind;
  inputs_ = inputs;
  cell_.share = kind.share;
  switch (file->reset()) {
    case fb::Reset::AfterProduct:
      cell_.reset_before = false;
      break;
    case fb::Reset::BeforeProduct:
      cell_.reset_before = true;
      break;
    default:
      return reader.bad("unknown reset position %u", static_cast<unsigned>(file->reset()));
  }

  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->recurrent(), "recurrent", &shape));
  hidden_ = shape.columns;
  cell_.hidden = hidden_;
  if (hidden_ * gate_count(kind.share) > kMaxWidth)
    return reader.bad("a hidden state of %u is too wide", hidden_);
  const std::uint32_t rows = gate_rows();
  if (shape.rows != rows) {
    return reader.bad("tensor 'recurrent' has shape [%u, %u], expected [%u, %u]", shape.rows,
                      shape.columns, rows, hidden_);
  }

  const float* bias = nullptr;
  AUGUR_TRY(reader.vector(file->bias(), "bias", rows, &bias));
  if (kind.scaled_input) {
    AUGUR_TRY(copy_padded(reader, bias, rows, &cell_.input_bias));
    bias = nullptr;
  }
  AUGUR_TRY(load_product(reader, file->input(), "input", {rows, inputs}, bias, &input_));

  if (cell_.reset_before && file->candidate_recurrent_bias() != nullptr) {
    return reader.bad("'candidate_recurrent_bias' needs the reset after the product");
  }
  const float* candidate_bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->candidate_recurrent_bias(), "candidate_recurrent_bias",
                                   hidden_, &candidate_bias));
  AUGUR_TRY(copy_padded(reader, candidate_bias, hidden_, &cell_.candidate_bias));
  return load_recurrent(reader, file);
}

augur_status Gru::load_recurrent(Reader& reader, const fb::Gru* file) {
  const Shape shape = {gate_rows(), hidden_};
  const std::uint32_t gates = shape.rows / hidden_ - (cell_.reset_before ? 1 : 0);
  const std::uint32_t candidate = gates * hidden_;
  const Arena::Scratch scratch(reader.arena(), Reader::weight_bytes(shape));
  if (scratch.data() == nullptr) return reader.no_memory();
  WeightMatrix matrix;
  AUGUR_TRY(reader.weights(file->recurrent(), "recurrent", shape, scratch.data(), &matrix));
  // A state that is a mix of tanh values stays within their bounds, so that its integers have a
  // scale.
  cell_.integers =
      matrix.quantised() && kernels().integer_products && hidden_ % 4 == 0 && kind_.bounded();
  if (cell_.integers) {
    AUGUR_TRY(pack_integers(reader, matrix.rows(0, candidate), gates, &cell_.integer_gates));
    if (!cell_.reset_before) return AUGUR_OK;
    return pack_integers(reader, matrix.rows(candidate, hidden_), 1, &cell_.integer_candidate);
  }
  auto* values = static_cast<float*>(scratch.data());
  AUGUR_TRY(reader.read_matrix(file->recurrent(), "recurrent", shape, values));
  AUGUR_TRY(pack_product(reader, values, gates, hidden_, hidden_, &cell_.gates));
  if (!cell_.reset_before) return AUGUR_OK;
  return pack_product(reader, values + std::size_t{candidate} * hidden_, 1, hidden_, hidden_,
                      &cell_.candidate);
}

augur_status GruRun::create(const Gru& gru, std::size_t input_stride, Arena& arena, Error& error) {
  gru_ = &gru;
  scratch_ = arena.reserve(1, recurrence_scratch(gru.hidden_));
  const InputRange inputs = gru.kind_.unit_input ? InputRange::kUnit : InputRange::kAny;
  return input_.create(gru.input_, input_stride, gru.gate_rows(), arena, error, inputs);
}

void GruRun::project(const float* x, std::size_t first, std::size_t steps,
                     float* projections) const {
  input_.run_from(x, first, steps, projections);
}

void GruRun::run(const float* projections, std::size_t steps, AttentionWeights weights,
                 std::size_t rows, float* states, float* history) const {
  Recurrence run;
  run.cell = &gru_->cell_;
  run.steps = steps;
  run.projections = projections;
  run.attention = weights.data;
  run.attention_stride = weights.stride;
  run.rows = rows;
  run.states = states;
  run.history = history;
  run.scratch = scratch_;
  kernels().recur(run);
}

}  // namespace augur
