// One behaviour sequence, from its events to its result, which the head reads.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "augur_generated.h"
#include "reference/attention.h"
#include "reference/embedding.h"
#include "reference/evolution.h"
#include "reference/gru.h"
#include "reference/matrix.h"
#include "reference/request.h"

namespace augur::reference {

// What a stack computes without the candidate.
struct UserPart {
  VectorSequence behaviours;  // e_t of the events
  VectorSequence rows;        // the same, or all rows of the stack's window
  VectorSequence
      interests;  // h_t of the rows: the last extractor layer's states, or e_t without one
  std::size_t unweighed = 0;  // how many rows at the beginning have the weight 0
  std::size_t evolved = 0;    // how many rows the evolution reads
};

// What it computes for one candidate. query, attention: empty if the stack has no attention.
struct CandidatePart {
  Vector embedding;  // e_a
  Vector query;      // q
  Vector attention;  // a_t
  Vector result;
};

class Stack {
 public:
  Stack(const fb::StackT& stack, const Fields& candidate, const Embedding& embedding);

  // The events in use: without masked ones, then the newest or the oldest `limit` of them (0: only
  // the stack's own limit applies).
  Rows kept(const Rows& history, std::size_t limit) const;

  UserPart user_part(const Rows& kept) const;
  // For a stream: the recurrence over all events ever given, then the newest `limit` of the states.
  UserPart streamed_part(const Rows& history, std::size_t limit) const;
  CandidatePart candidate_part(const UserPart& user, const Rows& candidates, std::size_t row) const;

  // The behaviours pooled; with padded_length shorter histories are filled up with padding.
  Vector pooled(const UserPart& user, bool mean, std::size_t padded_length) const;

 private:
  Rows happened(const Rows& history) const;
  void pad(UserPart& user) const;
  std::size_t too_old(std::size_t events, std::size_t limit) const;
  Vector result(const UserPart& user, const Vector& attention) const;

  const fb::StackT& stack_;
  const Fields& candidate_;
  Embedding embedding_;
  std::vector<GruCell> extractor_;
  std::optional<Attention> attention_;
  std::optional<Evolution> evolution_;
};

}  // namespace augur::reference
