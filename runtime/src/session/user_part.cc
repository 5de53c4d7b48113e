// The user's part: features, histories, and what the layers compute of them.
#include "session/user_part.h"

#include <algorithm>
#include <cstring>

#include "common/finite.h"

namespace augur {

augur_status check_finite(const float* rows, std::size_t values, const char* what, Fault& error) {
  if (all_finite(rows, values)) return AUGUR_OK;
  return error.fail(AUGUR_BAD_MODEL,
                    "%s: an embedding table of the model holds a value that is not finite", what);
}

augur_status UserPart::create(const Network& network, std::size_t max_history, bool streaming,
                              Arena& arena, Fault& error) {
  network_ = &network;
  streaming_ = streaming;
  const std::size_t stack_count = network.stacks.size;
  stacks_ = arena.array<StackUser>(stack_count);
  histories_ = arena.array<History>(stack_count);
  results_ = arena.array<Rows>(stack_count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  features_ = arena.reserve(1, network.features.width);
  std::size_t widest = 0;
  for (std::size_t s = 0; s < stack_count; ++s) {
    const Stack& stack = network.stacks[s];
    widest = std::max<std::size_t>(widest, stack.fields().width);
    History& history = histories_[s];
    history.max_events = stack.max_history();
    if (max_history != 0 && max_history < history.max_events) history.max_events = max_history;
    history.max_steps = stack.window().rows(history.max_events);
    history.behaviours = arena.reserve(history.max_steps, stack.fields().width);
    AUGUR_TRY(stacks_[s].create(stack, history.max_steps, arena, error));
    results_[s] = stacks_[s].shared_result();
  }
  if (streaming) event_ = arena.reserve(1, widest);
  return head_.create(network.head, arena, error);
}

augur_status UserPart::prepare(const Records& features, const Records* histories, Fault& error) {
  bool changed = !features_current_;
  if (!features_current_) {
    features.embed(0, features_);
    AUGUR_TRY(check_finite(features_, network_->features.width, "features", error));
  }
  for (std::size_t s = 0; s < stacks_.size; ++s) {
    History& history = histories_[s];
    if (history.current) continue;
    AUGUR_TRY(prepare_history(s, histories[s], error));
    changed = true;
  }
  if (!changed) return AUGUR_OK;
  prepare_head();
  for (History& history : histories_)
    history.current = true;
  features_current_ = true;
  return AUGUR_OK;
}

std::size_t UserPart::steps() const {
  std::size_t steps = 0;
  for (const StackUser& stack : stacks_)
    steps += stack.steps();
  return steps;
}

void UserPart::prepare_head() {
  HeadInputs inputs;
  inputs.features = features_;
  inputs.results = results_.data;
  head_.prepare(inputs, stacks_.data);
}

void UserPart::rehearse() {
  constexpr std::size_t kSteps = 2;
  for (std::size_t s = 0; s < stacks_.size; ++s) {
    const History& history = histories_[s];
    stacks_[s].prepare(history.behaviours,
                       history.max_events < kSteps ? history.max_events : kSteps, {});
  }
  prepare_head();
}

void UserPart::forget() {
  for (std::size_t s = 0; s < stacks_.size; ++s)
    history_changed(s);
  features_changed();
}

void UserPart::history_changed(std::size_t stack) {
  histories_[stack].current = false;
  histories_[stack].kept = histories_[stack].slid = 0;
  histories_[stack].continued = false;
}

augur_status UserPart::check_event(std::size_t stack, const Columns& columns, Fault& error) {
  const FieldGroup& fields = network_->stacks[stack].fields();
  columns.embed(event_);
  return check_finite(event_, fields.width, fields.description, error);
}

augur_status UserPart::before_append(std::size_t stack, const Records& history, std::size_t events,
                                     Fault& error) {
  const std::size_t all = history.size() + events;
  const std::size_t gone = all > history.capacity() ? all - history.capacity() : 0;
  if (!streaming_ || gone <= histories_[stack].kept) return AUGUR_OK;
  return prepare_history(stack, history, error);
}

augur_status UserPart::prepare_history(std::size_t s, const Records& records, Fault& error) {
  History& history = histories_[s];
  const StepsKept kept = {history.kept, history.slid, history.continued};
  AUGUR_TRY(embed_history(s, records, error));
  stacks_[s].prepare(history.behaviours, records.size(), kept);
  // A window's rows stand elsewhere after the next event.
  history.kept = network_->stacks[s].window().length == 0 ? records.size() : 0;
  history.continued = streaming_;
  return AUGUR_OK;
}

void UserPart::history_appended(std::size_t stack, std::size_t gone) {
  History& history = histories_[stack];
  history.current = false;
  // A single step is not worth keeping, and must not be: StepsKept.
  if (!history.continued && gone + 2 > history.kept) return history_changed(stack);
  history.kept -= gone;
  history.slid += gone;
}

// Behaviours of the history's events, as far as they are not there. If that fails, none are.
augur_status UserPart::embed_history(std::size_t s, const Records& records, Fault& error) {
  History& history = histories_[s];
  const FieldGroup& fields = network_->stacks[s].fields();
  const std::size_t kept = history.kept;
  const std::size_t new_steps = records.size() - kept;
  if (history.slid > 0) {
    std::memmove(history.behaviours, history.behaviours + history.slid * fields.width,
                 kept * fields.width * sizeof(float));
  }
  history.kept = history.slid = 0;
  history.continued = false;
  const Window& window = network_->stacks[s].window();
  const std::size_t first = window.first_event(records.size());
  for (std::size_t row = 0; row < window.length; ++row) {
    const bool padding = row < first || row >= first + records.size();
    if (padding) fields.embed_padding(history.behaviours + row * fields.width);
  }
  float* behaviours = history.behaviours + (first + kept) * fields.width;
  for (std::size_t t = 0; t < new_steps; ++t)
    records.embed(kept + t, behaviours + t * fields.width);
  return check_finite(behaviours, new_steps * fields.width, fields.description, error);
}

}  // namespace augur
