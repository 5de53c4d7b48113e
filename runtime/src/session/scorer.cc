// The network's part for candidates, top to bottom.
#include "session/scorer.h"

#include <cmath>
#include <cstring>

#include "common/finite.h"
#include "kernels/packing.h"

namespace augur {
namespace {

bool queries_are_candidates(const Stack& stack, const FieldGroup& candidate) {
  if (stack.query().size != candidate.fields.size) return false;
  for (std::size_t i = 0; i < stack.query().size; ++i) {
    if (stack.query()[i] != &candidate.fields[i]) return false;
  }
  return true;
}

}  // namespace

augur_status Scorer::create(const Network& network, const UserPart& user, std::size_t max_rows,
                            Arena& arena, Fault& error) {
  network_ = &network;
  user_ = &user;
  max_rows_ = max_rows;
  const std::size_t stack_count = network.stacks.size;
  stacks_ = arena.array<StackRun>(stack_count);
  gathered_queries_ = arena.array<float*>(stack_count);
  results_ = arena.array<Rows>(stack_count);
  queries_ = arena.array<Rows>(stack_count);
  projected_queries_ = arena.array<Rows>(stack_count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  candidates_ = arena.reserve(max_rows, network.candidate.width);
  logits_ = arena.reserve(1, max_rows);
  for (std::size_t s = 0; s < stack_count; ++s) {
    const Stack& stack = network.stacks[s];
    if (!queries_are_candidates(stack, network.candidate))
      gathered_queries_[s] = arena.reserve(max_rows, stack.query_width());
    AUGUR_TRY(stacks_[s].create(user.stack(s), user.max_steps(s), max_rows, arena, error));
  }
  return head_.create(user.head(), max_rows, arena, error);
}

std::size_t Scorer::embed(Columns& columns, std::size_t rows) {
  const std::size_t width = network_->candidate.width;
  for (std::size_t row = 0; row < rows; ++row, columns.next())
    columns.embed(candidates_ + row * width);
  return first_not_finite(candidates_, rows, width);
}

Rows Scorer::gather_queries(std::size_t s, std::size_t rows) const {
  const Stack& stack = network_->stacks[s];
  const std::size_t candidate_width = network_->candidate.width;
  const std::size_t query_width = stack.query_width();
  float* queries = gathered_queries_[s];
  if (queries == nullptr) return {candidates_, candidate_width};
  for (std::size_t row = 0; row < rows; ++row) {
    float* to = queries + row * query_width;
    for (const Field* field : stack.query()) {
      std::memcpy(to, candidates_ + row * candidate_width + field->offset,
                  field->width * sizeof(float));
      to += field->width;
    }
  }
  return {queries, query_width};
}

augur_status Scorer::score(Columns& columns, std::size_t rows, const float** logits, Fault& error) {
  const std::size_t first = columns.row();
  const std::size_t embedded = embed(columns, rows);
  if (embedded > 0) score_embedded(embedded);
  AUGUR_TRY(check_scored(first, embedded, error));
  if (embedded < rows) {
    return error.fail(AUGUR_BAD_MODEL,
                      "candidate %zu: an embedding table of the model holds a value that is not "
                      "finite",
                      first + embedded);
  }
  *logits = logits_;
  return AUGUR_OK;
}

// A stack's result is looked at, too: activations may hide from the logit that it is no number.
augur_status Scorer::check_scored(std::size_t first, std::size_t rows, Fault& error) const {
  std::size_t failed = first_not_finite(logits_, rows, 1);
  const char* stack = nullptr;
  for (std::size_t s = 0; s < stacks_.size && failed > 0; ++s) {
    const Rows& result = results_[s];
    const bool shared = result.stride == 0;
    const std::size_t width = network_->stacks[s].result_width();
    const std::size_t found = first_not_finite(result.data, shared ? 1 : failed, width);
    if (shared ? found == 1 : found == failed) continue;
    failed = found;
    stack = network_->stacks[s].name();
  }
  if (failed == rows) return AUGUR_OK;
  constexpr const char* kWhy = "the model's numbers overflow on this input";
  if (stack == nullptr) {
    return error.fail(AUGUR_NOT_FINITE, "candidate %zu: its logit is not finite: %s",
                      first + failed, kWhy);
  }
  return error.fail(AUGUR_NOT_FINITE, "candidate %zu: what stack '%s' gives is not finite: %s",
                    first + failed, stack, kWhy);
}

void Scorer::rehearse() {
  score_embedded(max_rows_ < kMaxLanes ? max_rows_ : kMaxLanes);
  score_embedded(1);
}

void Scorer::score_embedded(std::size_t rows) {
  for (std::size_t s = 0; s < stacks_.size; ++s) {
    const Stack& stack = network_->stacks[s];
    queries_[s] = gather_queries(s, rows);
    const bool attends = !stack.shared_result() && user_->stack(s).steps() > 0;
    if (attends || network_->head.uses_projected_query(s)) {
      const float* projected = stacks_[s].queries(queries_[s].data, rows);
      projected_queries_[s] = {projected, stack.attention()->query_width()};
    }
    results_[s] = stacks_[s].result(projected_queries_[s].data, rows);
  }
  HeadInputs inputs;
  inputs.features = user_->features();
  inputs.candidates = candidates_;
  inputs.candidate_stride = network_->candidate.width;
  inputs.results = results_.data;
  inputs.queries = queries_.data;
  inputs.projected_queries = projected_queries_.data;
  const float* outputs = head_.run(inputs, rows);
  const Calibration& calibration = network_->calibration;
  for (std::size_t row = 0; row < rows; ++row)
    logits_[row] = calibration.scale * outputs[row] + calibration.offset;
}

augur_status Scorer::attend(Columns& columns, std::size_t s, AttentionWeights* weights,
                            Fault& error) {
  const std::size_t candidate = columns.row();
  const float* logits = nullptr;
  AUGUR_TRY(score(columns, 1, &logits, error));
  *weights = {};
  const std::size_t steps = user_->stack(s).steps();
  if (steps == 0) return AUGUR_OK;
  const Rows queries = gather_queries(s, 1);
  *weights = stacks_[s].weights(stacks_[s].queries(queries.data, 1), 1);
  for (std::size_t t = 0; t < steps; ++t) {
    if (std::isfinite(weights->data[t * weights->stride])) continue;
    return error.fail(AUGUR_NOT_FINITE,
                      "candidate %zu: its attention to step %zu of stack '%s' is not finite: the "
                      "model's numbers overflow on this input",
                      candidate, t, network_->stacks[s].name());
  }
  return AUGUR_OK;
}

}  // namespace augur
