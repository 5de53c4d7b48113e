// What a session asks of a network, whichever network it is: plan buffers, compute the user's part,
// score candidates. DIEN is one network (dien.h); another is another file beside it.
#pragma once

#include "memory/arena.h"
#include "model/model.h"
#include "network/cached_steps.h"
#include "network/embedding.h"
#include "network/rows.h"

namespace augur {

// What a session knows of the network's part for one sequence.
struct SequenceState {
  std::size_t max_events = 0;  // the session's limit, or the model's
  std::size_t max_steps = 0;   // the most rows: the window's length where there is one
  bool current = false;        // nothing has changed since the last forward pass
  CachedSteps cached;          // steps whose results are still valid

  // From the last forward pass: how many steps have attention weights, and the index of the first
  // event among them.
  std::size_t steps = 0;
  std::size_t first_event_step = 0;
};

// The user's part: computed once, then read by every thread that scores candidates.
struct UserState {
  bool stream = false;  // states stay valid when the oldest events are dropped
  bool features_current = false;
  Span<SequenceState> sequences;
  void* buffers = nullptr;  // the network's own
};

// One thread's candidates.
struct CandidateState {
  std::size_t max_rows = 0;
  // At least this many rows are computed together, if any are: 1, or 2 if max_rows allows it. With
  // 2, a row that is the only usable one gets the bits that it has beside others
  // (kernels/product.h).
  std::size_t min_rows = 1;
  float* logits = nullptr;      // [max_rows]
  Span<augur_status> statuses;  // [max_rows]
  void* buffers = nullptr;      // the network's own
};

struct Network {
  // Reserves the user's buffers in the arena; `user->sequences` is there.
  augur_status (*plan_user)(const Model& model, Arena& arena, Fault& error, UserState* user);

  // Computes the outdated parts of the user's part. `features` has one row; `histories` has one
  // element for each sequence. AUGUR_BAD_MODEL if a table holds a value that is not finite.
  augur_status (*forward_user)(const Model& model, const InputRows& features,
                               const InputRows* histories, UserState* user, Fault& error);

  // The user's part of one sequence alone. A session calls it for a stream, whose events must be
  // computed before they are dropped. If it fails, no step of the sequence is cached.
  augur_status (*forward_sequence)(const Model& model, std::size_t sequence,
                                   const InputRows& events, UserState* user, Fault& error);

  // Reserves room for state->max_rows candidates at a time.
  augur_status (*plan_candidates)(const Model& model, const UserState& user, Arena& arena,
                                  Fault& error, CandidateState* state);

  // Statuses and logits of the next candidates.size rows, 1 to max_rows, into state->statuses
  // and state->logits. A row is unusable if its embed() fails (with that status), if its embedding
  // is not finite (AUGUR_BAD_MODEL), or if its logit or a sequence's result for it is not finite
  // (AUGUR_NOT_FINITE). Its logit is then not-a-number, and the other rows get the same bits as
  // without it, if min_rows is 2.
  //
  // Returns the status of the first unusable row, AUGUR_OK if there is none. The error describes
  // that row, unless its embed() has failed: then the caller, which has the input, can tell more.
  // first_candidate: the index of the first row in the call, for messages.
  augur_status (*forward_candidates)(const Model& model, const UserState& user,
                                     const InputRows& candidates, std::size_t first_candidate,
                                     CandidateState* state, Fault& error);

  // Attention weights of one candidate over the steps of a sequence that has an attention; none if
  // there are no steps. Fails where forward_candidates() would, and if a weight is not finite.
  augur_status (*attend)(const Model& model, const UserState& user, const InputRows& candidate,
                         std::size_t first_candidate, std::size_t sequence, CandidateState* state,
                         AttentionWeights* weights, Fault& error);
};

// The network that runs this model.
const Network& network_of(const Model& model);

// Reserves the user's part. max_history: the session's limit of events, 0 for the model's. stream:
// see augur_session_options.streaming.
augur_status plan_user(const Model& model, std::size_t max_history, bool stream, Arena& arena,
                       Fault& error, UserState* user);
// Reserves room for `max_rows` candidates at a time.
augur_status plan_candidates(const Model& model, const UserState& user, std::size_t max_rows,
                             Arena& arena, Fault& error, CandidateState* state);

// To be called after a sequence's events were replaced.
void forget_history(SequenceState* sequence);
// To be called after events were added at the history's end and the oldest `dropped` events were
// removed.
void extend_history(std::size_t dropped, SequenceState* sequence);
// Marks all computed contents as outdated.
void forget_user(UserState* user);

}  // namespace augur
