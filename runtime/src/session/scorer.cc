// The network's part for candidates, top to bottom.
#include "session/scorer.h"

#include <cstring>

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
    AUGUR_TRY(stacks_[s].create(user.stack(s), user.max_history(s), max_rows, arena, error));
  }
  return head_.create(user.head(), max_rows, arena, error);
}

augur_status Scorer::embed(Columns& columns, std::size_t rows, Fault& error) {
  const std::size_t width = network_->candidate.width;
  for (std::size_t row = 0; row < rows; ++row, columns.next())
    columns.embed(candidates_ + row * width);
  return check_finite(candidates_, rows * width, "candidates", error);
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
  AUGUR_TRY(embed(columns, rows, error));
  score_embedded(rows);
  *logits = logits_;
  return AUGUR_OK;
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
  AUGUR_TRY(embed(columns, 1, error));
  const Rows queries = gather_queries(s, 1);
  *weights = stacks_[s].weights(stacks_[s].queries(queries.data, 1), 1);
  return AUGUR_OK;
}

}  // namespace augur
