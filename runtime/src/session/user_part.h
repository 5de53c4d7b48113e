// The network run for one user as far as no candidate enters: computed once, then read by every
// thread that ranks.
#pragma once

#include "model/network.h"
#include "session/records.h"

namespace augur {

// Embedding tables are too large to be read through when a model is opened; rows are checked when
// they are used. `what` is for the message.
augur_status check_finite(const float* rows, std::size_t values, const char* what, Fault& error);

class UserPart {
 public:
  // streaming: the extractor's states go on when the window slides, see augur_session_options.
  augur_status create(const Network& network, std::size_t max_history, bool streaming, Arena& arena,
                      Fault& error);

  // The most events.
  std::size_t max_history(std::size_t stack) const { return histories_[stack].max_events; }
  // The most steps: rows of the window where there is one.
  std::size_t max_steps(std::size_t stack) const { return histories_[stack].max_steps; }

  // What must be computed again before the next candidate.
  void features_changed() { features_current_ = false; }
  void history_changed(std::size_t stack);
  // Events were added at the history's end, and the oldest `gone` dropped.
  void history_appended(std::size_t stack, std::size_t gone);

  // In a stream: that the embedding of the columns' current row is finite, so that it can be
  // computed later. AUGUR_BAD_MODEL if not.
  augur_status check_event(std::size_t stack, const Columns& columns, Fault& error);

  // To be called before `events` are added to the history: in a stream, every event must be
  // computed before it goes.
  augur_status before_append(std::size_t stack, const Records& history, std::size_t events,
                             Fault& error);

  // Computes what changed. AUGUR_BAD_MODEL if a table holds a value that is not finite.
  augur_status prepare(const Records& features, const Records* histories, Fault& error);

  // Of all stacks' histories.
  std::size_t steps() const;

  // The same work on a history of two events of zeros, and forgotten.
  void rehearse();
  void forget();

  const StackUser& stack(std::size_t index) const { return stacks_[index]; }
  const HeadUser& head() const { return head_; }
  const float* features() const { return features_; }

 private:
  struct History {
    float* behaviours = nullptr;  // [steps, width of the stack's fields]
    std::size_t max_events = 0;
    std::size_t max_steps = 0;
    bool current = false;
    // Of `behaviours`: the first `slid` rows are of events that are gone, `kept` rows after them
    // are of the history's first events.
    std::size_t slid = 0;
    std::size_t kept = 0;
    bool continued = false;  // StepsKept
  };

  augur_status prepare_history(std::size_t stack, const Records& records, Fault& error);
  void prepare_head();
  augur_status embed_history(std::size_t stack, const Records& records, Fault& error);

  const Network* network_ = nullptr;
  bool streaming_ = false;
  bool features_current_ = false;
  Span<StackUser> stacks_;
  Span<History> histories_;
  HeadUser head_;
  float* features_ = nullptr;  // [width of the features]
  float* event_ = nullptr;     // in a stream: [width of the widest stack's fields]
  Span<Rows> results_;         // one for each stack, for the head: those that candidates share
};

}  // namespace augur
