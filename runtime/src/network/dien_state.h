// What a session keeps of the DIEN between calls: buffers planned in its arena, and which of their
// contents are still valid. network/dien.h fills and reads them.
#pragma once

#include "model/model.h"
#include "network/attention.h"
#include "network/evolution.h"
#include "network/head.h"

namespace augur {

// The user's part of one sequence.
struct SequenceState {
  std::size_t max_events = 0;
  std::size_t max_steps = 0;  // the most rows: the window's length where there is one

  float* behaviours = nullptr;  // e [max_steps, width of the fields]
  ExtractorBuffers extractor;
  KeyBuffers keys;
  EvolutionInputs evolution;
  // For a result that is the same for all candidates.
  EvolutionBuffers shared_evolution;
  float* padding = nullptr;  // [width of the fields]
  float* result = nullptr;   // [result width]

  // From the last forward pass: h of the steps that have attention weights, and the index of the
  // first event among them.
  Steps states;
  std::size_t first_event_step = 0;

  bool current = false;  // nothing has changed since the last forward pass
  CachedSteps cached;    // of `behaviours` and of the layers' results for them
};

// The user's part: computed once, then read by every thread that scores candidates.
struct UserState {
  bool stream = false;
  bool features_current = false;
  float* features = nullptr;  // embedded, [width of the features]
  Span<SequenceState> sequences;
  Span<Steps> behaviours;  // of each sequence, for the head: the embeddings of its events
  Span<Rows> results;      // of each sequence, for the head: those that candidates share
  UserHeadBuffers head;
};

// max_history: of the session, 0 for the model's. stream: the extractor's states stay valid when
// the oldest events are dropped (augur_session_options.streaming).
augur_status plan_user(const Model& model, std::size_t max_history, bool stream, Arena& arena,
                       Fault& error, UserState* user);

// To be called after a sequence's events were replaced.
void forget_history(SequenceState* sequence);
// To be called after events were added at the history's end and the oldest `dropped` events were
// removed.
void extend_history(std::size_t dropped, SequenceState* sequence);
// Marks all computed contents as outdated.
void forget_user(UserState* user);

// One thread's candidates.
struct CandidateState {
  struct Sequence {
    float* query = nullptr;  // e_a [rows, query width]; nullptr: the candidates' rows are used
    AttentionBuffers attention;
    EvolutionBuffers evolution;
    float* result = nullptr;   // [rows, result width]; nullptr: the user's part has it
    float* scratch = nullptr;  // for a sum weighted by the attention
  };
  std::size_t max_rows = 0;
  float* embeddings = nullptr;  // [rows, width of a candidate]
  float* logits = nullptr;      // [rows]
  Span<Sequence> sequences;
  // Of each sequence, for the head.
  Span<Rows> queries;
  Span<Rows> projected_queries;
  Span<Rows> results;
  HeadBuffers head;
};

// Room for `max_rows` candidates at a time.
augur_status plan_candidates(const Model& model, const UserState& user, std::size_t max_rows,
                             Arena& arena, Fault& error, CandidateState* candidates);

}  // namespace augur
