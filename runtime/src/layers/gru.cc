// Loading a cell's weights and running its steps.
#include "layers/gru.h"

#include <cstring>

#include "kernels/kernel_set.h"
#include "layers/dense.h"
#include "layers/fused_weights.h"
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
  const Shape shape{gate_rows(), hidden_};
  const Arena::Scratch scratch(reader.arena(), Reader::weight_bytes(shape));
  if (scratch.data() == nullptr) return reader.no_memory();
  WeightMatrix matrix;
  AUGUR_TRY(reader.weights(file->recurrent(), "recurrent", shape, scratch.data(), &matrix));
  cell_.integers = matrix.quantised() && kernels().integer_products && kind_.bounded() &&
                   hidden_ % kIntegerUnits == 0;
  if (matrix.quantised() && !cell_.integers) {
    matrix = float_weights(nullptr, shape.rows, shape.columns);
    AUGUR_TRY(
        reader.read_matrix(file->recurrent(), "recurrent", shape, scratch.data(), &matrix.values));
  }
  const std::uint32_t groups = shape.rows / hidden_;
  const std::uint32_t gates = cell_.reset_before ? groups - 1 : groups;
  AUGUR_TRY(pack_product(reader, matrix.rows(0, gates * hidden_), gates, &cell_.gates,
                         &cell_.integer_gates));
  if (!cell_.reset_before) return AUGUR_OK;
  return pack_product(reader, matrix.rows(gates * hidden_, hidden_), 1, &cell_.candidate,
                      &cell_.integer_candidate);
}

augur_status GruInputs::create(const Gru& gru, std::size_t input_stride, Arena& arena,
                               Fault& error) {
  const InputRange inputs = gru.kind_.unit_input ? InputRange::kUnit : InputRange::kAny;
  return input_.create(gru.input_, input_stride, gru.gate_rows(), arena, error, inputs);
}

void GruInputs::project(const float* x, std::size_t first, std::size_t steps,
                        float* projections) const {
  input_.run_from(x, first, steps, projections);
}

void GruRun::create(const Gru& gru, Arena& arena) {
  gru_ = &gru;
  scratch_ = arena.reserve(1, recurrence_scratch(gru.hidden_));
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
