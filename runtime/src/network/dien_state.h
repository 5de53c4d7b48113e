// The DIEN's buffers, planned in a session's arena. network/dien.cc fills and reads them.
#pragma once

#include "network/attention.h"
#include "network/behaviours.h"
#include "network/chunk.h"
#include "network/evolution.h"
#include "network/head.h"
#include "network/network.h"

namespace augur::dien {

// The user's part of one sequence.
struct SequenceBuffers {
  Ring ring;  // where the steps lie in all rows below
  BehaviourBuffers behaviours;
  ExtractorBuffers extractor;
  StepRows state_rows;  // h; the behaviours, if there is no extractor
  Steps states;         // h of the steps that have attention weights
  KeyBuffers keys;
  EvolutionInputs evolution_inputs;
  // For a result that is the same for all candidates.
  EvolutionBuffers shared_evolution;
  float* padding = nullptr;  // memory for one padding row [width of the fields]
  float* result = nullptr;   // [result width]
};

struct User {
  float* features = nullptr;  // embedded, [width of the features]
  ChunkRoom room;
  Span<SequenceBuffers> sequences;
  // Of each sequence, for the head.
  Span<Behaviours> behaviours;  // if they are kept, or their sums
  Span<Rows> results;           // those that candidates share
  UserHeadBuffers head;
};

// One sequence of one thread's candidates.
struct CandidateBuffers {
  float* query_embedding = nullptr;  // e_a [rows, width]; nullptr: the candidates' rows are used
  AttentionBuffers attention;
  EvolutionBuffers evolution;
  float* result = nullptr;   // [rows, result width], the evolution's states if there is one;
                             // nullptr: the user's part has it
  float* scratch = nullptr;  // for a sum weighted by the attention
};

struct Candidates {
  float* embeddings = nullptr;  // [rows, width of a candidate]
  Span<CandidateBuffers> sequences;
  // Of each sequence, for the head.
  Span<Rows> query_embeddings;
  Span<Rows> queries;
  Span<Rows> results;
  HeadBuffers head;
};

inline User& buffers_of(const UserState& user) {
  return *static_cast<User*>(user.buffers);
}

inline Candidates& buffers_of(const CandidateState& state) {
  return *static_cast<Candidates*>(state.buffers);
}

// Described in network/network.h.
augur_status plan_user(const Model& model, Arena& arena, Fault& error, UserState* user);
augur_status plan_candidates(const Model& model, const UserState& user, Arena& arena, Fault& error,
                             CandidateState* state);

}  // namespace augur::dien
