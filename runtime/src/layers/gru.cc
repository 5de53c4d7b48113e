// Loading a cell's weights and running its steps.
#include "layers/gru.h"

#include <cstring>

#include "layers/dense.h"
#include "model/limits.h"

namespace augur {

augur_status Gru::load(Reader& reader, const fb::Gru* file, std::uint32_t inputs, CellKind kind) {
  kind_ = kind;
  inputs_ = inputs;
  switch (file->reset()) {
    case fb::Reset::AfterProduct:
      reset_before_ = false;
      break;
    case fb::Reset::BeforeProduct:
      reset_before_ = true;
      break;
    default:
      return reader.bad("unknown reset position %u", static_cast<unsigned>(file->reset()));
  }

  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->recurrent(), "recurrent", &shape));
  hidden_ = shape.columns;
  if (hidden_ * gate_count(kind.share) > kMaxWidth)
    return reader.bad("a hidden state of %u is too wide", hidden_);
  const std::uint32_t rows = gate_rows();
  if (shape.rows != rows) {
    return reader.bad("tensor 'recurrent' has shape [%u, %u], expected [%u, %u]", shape.rows,
                      shape.columns, rows, hidden_);
  }

  const float* bias = nullptr;
  AUGUR_TRY(reader.vector(file->bias(), "bias", rows, &bias));
  bias_ = kind.scaled_input ? bias : nullptr;
  AUGUR_TRY(load_product(reader, file->input(), "input", {rows, inputs},
                         kind.scaled_input ? nullptr : bias, &input_));

  if (reset_before_ && file->candidate_recurrent_bias() != nullptr) {
    return reader.bad("'candidate_recurrent_bias' needs the reset after the product");
  }
  const float* candidate_bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->candidate_recurrent_bias(), "candidate_recurrent_bias",
                                   hidden_, &candidate_bias));
  const std::uint32_t candidate_row = rows - hidden_;
  const Span<float> recurrent_bias = reader.arena().array<float>(rows);
  if (recurrent_bias.empty()) return reader.no_memory();
  if (candidate_bias != nullptr) {
    std::memcpy(recurrent_bias.data + candidate_row, candidate_bias, hidden_ * sizeof(float));
  }
  if (!reset_before_) {
    return load_product(reader, file->recurrent(), "recurrent", {rows, hidden_},
                        recurrent_bias.data, &recurrent_);
  }
  const Arena::Scratch scratch(reader.arena(), Reader::weight_bytes({rows, hidden_}));
  if (scratch.data() == nullptr) return reader.no_memory();
  WeightMatrix matrix;
  AUGUR_TRY(
      reader.weights(file->recurrent(), "recurrent", {rows, hidden_}, scratch.data(), &matrix));
  AUGUR_TRY(
      recurrent_.pack(matrix.rows(0, candidate_row), nullptr, reader.arena(), reader.error()));
  return candidate_.pack(matrix.rows(candidate_row, hidden_), nullptr, reader.arena(),
                         reader.error());
}

augur_status GruRun::create(const Gru& gru, std::size_t input_stride, std::size_t max_rows,
                            Arena& arena, Error& error) {
  gru_ = &gru;
  // A state that is a mix of tanh values stays within their bounds.
  const InputRange states = gru.kind_.bounded() ? InputRange::kUnit : InputRange::kAny;
  const InputRange inputs = gru.kind_.unit_input ? InputRange::kUnit : InputRange::kAny;
  AUGUR_TRY(input_.create(gru.input_, input_stride, gru.gate_rows(), arena, error, inputs));
  AUGUR_TRY(recurrent_.create(gru.recurrent_, gru.hidden_, gru.recurrent_.outputs(), arena, error,
                              states));
  product_ = arena.reserve(max_rows, gru.recurrent_.outputs());
  if (!gru.reset_before_) return AUGUR_OK;
  AUGUR_TRY(candidate_.create(gru.candidate_, gru.hidden_, gru.hidden_, arena, error, states));
  reset_state_ = arena.reserve(max_rows, gru.hidden_);
  candidate_product_ = arena.reserve(max_rows, gru.hidden_);
  return AUGUR_OK;
}

void GruRun::project(const float* x, std::size_t steps, float* projections) const {
  input_.run(x, steps, projections);
}

void GruRun::step(const float* projection, const float* attention, std::size_t attention_stride,
                  std::size_t rows, float* states) const {
  CellStep step;
  step.share = gru_->kind_.share;
  step.hidden = gru_->hidden_;
  step.rows = rows;
  step.projection = projection;
  step.projection_bias = gru_->bias_;
  step.attention = attention;
  step.attention_stride = attention_stride;
  step.state_stride = gru_->hidden_;
  const std::size_t product_stride = gru_->recurrent_.outputs();
  recurrent_.run(states, rows, product_);
  if (!gru_->reset_before_) {
    step_reset_after(step, product_, product_stride, states);
    return;
  }
  step_reset_before_gates(step, product_, product_stride, states, reset_state_);
  candidate_.run(reset_state_, rows, candidate_product_);
  step_reset_before_state(step, product_, product_stride, candidate_product_, gru_->hidden_,
                          states);
}

}  // namespace augur
