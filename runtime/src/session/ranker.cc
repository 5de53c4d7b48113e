// The network of the paper, top to bottom.
#include "session/ranker.h"

#include <cmath>
#include <cstring>

namespace augur {
namespace {

// Embedding tables are too large to be read through when a model is opened; rows are checked when
// they are used.
augur_status check_finite(const float* rows, std::size_t values, const char* what, Error& error) {
  bool finite = true;
  for (std::size_t i = 0; i < values; ++i)
    finite &= std::isfinite(rows[i]);
  if (finite) return AUGUR_OK;
  return error.fail(AUGUR_BAD_MODEL,
                    "%s: an embedding table of the model holds a value that is not finite", what);
}

bool queries_are_candidates(const Stack& stack, const FieldGroup& candidate) {
  if (stack.query().size != candidate.fields.size) return false;
  for (std::size_t i = 0; i < stack.query().size; ++i) {
    if (stack.query()[i] != &candidate.fields[i]) return false;
  }
  return true;
}

}  // namespace

augur_status Ranker::create(const Network& network, std::size_t max_history, std::size_t tile,
                            Arena& arena, Error& error) {
  network_ = &network;
  tile_ = tile;
  const std::size_t stack_count = network.stacks.size;
  stacks_ = arena.array<StackRun>(stack_count);
  histories_ = arena.array<History>(stack_count);
  results_ = arena.array<Rows>(stack_count);
  queries_ = arena.array<Rows>(stack_count);
  projected_queries_ = arena.array<Rows>(stack_count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  features_ = arena.reserve(1, network.features.width);
  candidates_ = arena.reserve(tile, network.candidate.width);
  logits_ = arena.reserve(1, tile);
  for (std::size_t s = 0; s < stack_count; ++s) {
    const Stack& stack = network.stacks[s];
    History& history = histories_[s];
    history.max_steps = stack.max_history();
    if (max_history != 0 && max_history < history.max_steps) history.max_steps = max_history;
    history.behaviours = arena.reserve(history.max_steps, stack.fields().width);
    if (!queries_are_candidates(stack, network.candidate))
      history.queries = arena.reserve(tile, stack.query_width());
    AUGUR_TRY(stacks_[s].create(stack, history.max_steps, tile, arena, error));
  }
  return head_.create(network.head, tile, arena, error);
}

augur_status Ranker::prepare(const Records& features, const Records* histories, Error& error) {
  bool changed = !features_current_;
  if (!features_current_) {
    features.embed(0, features_);
    AUGUR_TRY(check_finite(features_, network_->features.width, "features", error));
  }
  for (std::size_t s = 0; s < stacks_.size; ++s) {
    History& history = histories_[s];
    if (history.current) continue;
    const StepsKept kept = {history.kept, history.slid};
    AUGUR_TRY(embed_history(s, histories[s], error));
    stacks_[s].prepare(history.behaviours, histories[s].size(), kept);
    history.kept = histories[s].size();
    if (network_->stacks[s].shared_result()) results_[s] = stacks_[s].result(nullptr, 1);
    changed = true;
  }
  if (!changed) return AUGUR_OK;
  HeadInputs inputs;
  inputs.features = features_;
  inputs.results = results_.data;
  head_.prepare(inputs, stacks_.data);
  for (History& history : histories_)
    history.current = true;
  features_current_ = true;
  return AUGUR_OK;
}

void Ranker::history_changed(std::size_t stack) {
  histories_[stack].current = false;
  histories_[stack].kept = histories_[stack].slid = 0;
}

void Ranker::history_appended(std::size_t stack, std::size_t gone) {
  History& history = histories_[stack];
  history.current = false;
  // A single step is not worth keeping, and must not be: StepsKept.
  if (gone + 2 > history.kept) return history_changed(stack);
  history.kept -= gone;
  history.slid += gone;
}

// Behaviours of the history's events, as far as they are not there. If that fails, none are.
augur_status Ranker::embed_history(std::size_t s, const Records& records, Error& error) {
  History& history = histories_[s];
  const FieldGroup& fields = network_->stacks[s].fields();
  const std::size_t kept = history.kept;
  const std::size_t new_steps = records.size() - kept;
  if (history.slid > 0) {
    std::memmove(history.behaviours, history.behaviours + history.slid * fields.width,
                 kept * fields.width * sizeof(float));
  }
  history.kept = history.slid = 0;
  float* behaviours = history.behaviours + kept * fields.width;
  for (std::size_t t = 0; t < new_steps; ++t)
    records.embed(kept + t, behaviours + t * fields.width);
  return check_finite(behaviours, new_steps * fields.width, fields.description, error);
}

augur_status Ranker::embed(Columns& columns, std::size_t rows, Error& error) {
  const std::size_t width = network_->candidate.width;
  for (std::size_t row = 0; row < rows; ++row, columns.next())
    columns.embed(candidates_ + row * width);
  return check_finite(candidates_, rows * width, "candidates", error);
}

Rows Ranker::gather_queries(std::size_t s, std::size_t rows) const {
  const Stack& stack = network_->stacks[s];
  const std::size_t candidate_width = network_->candidate.width;
  const std::size_t query_width = stack.query_width();
  float* queries = histories_[s].queries;
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

augur_status Ranker::score(Columns& columns, std::size_t rows, const float** logits, Error& error) {
  AUGUR_TRY(embed(columns, rows, error));
  for (std::size_t s = 0; s < stacks_.size; ++s) {
    const Stack& stack = network_->stacks[s];
    queries_[s] = gather_queries(s, rows);
    const bool attends = !stack.shared_result() && stacks_[s].steps() > 0;
    if (attends || network_->head.uses_projected_query(s)) {
      const float* projected = stacks_[s].queries(queries_[s].data, rows);
      projected_queries_[s] = {projected, stack.attention()->query_width()};
    }
    if (!stack.shared_result()) results_[s] = stacks_[s].result(projected_queries_[s].data, rows);
  }
  HeadInputs inputs;
  inputs.features = features_;
  inputs.candidates = candidates_;
  inputs.candidate_stride = network_->candidate.width;
  inputs.results = results_.data;
  inputs.queries = queries_.data;
  inputs.projected_queries = projected_queries_.data;
  const float* outputs = head_.run(inputs, rows);
  const Calibration& calibration = network_->calibration;
  for (std::size_t row = 0; row < rows; ++row)
    logits_[row] = calibration.scale * outputs[row] + calibration.offset;
  *logits = logits_;
  return AUGUR_OK;
}

augur_status Ranker::attend(Columns& columns, std::size_t s, AttentionWeights* weights,
                            Error& error) {
  AUGUR_TRY(embed(columns, 1, error));
  const Rows queries = gather_queries(s, 1);
  *weights = stacks_[s].weights(stacks_[s].queries(queries.data, 1), 1);
  return AUGUR_OK;
}

}  // namespace augur
