// A behaviour sequence (a `stack` in model files and in the C API): the fields of an event, and the
// layers that compute the user's interest from the events.
#pragma once

#include "model/attention.h"
#include "model/embedding_table.h"
#include "model/gru.h"

namespace augur {

// What a sequence hands to the head. "Outputs" are the last extractor layer's states, or the
// behaviours' embeddings if there is no extractor.
enum class ResultKind : std::uint8_t {
  kLastState,      // the last output
  kSumPool,        // the outputs' sum
  kMeanPool,       // the outputs' mean
  kAttentionPool,  // the outputs' sum, weighted by the attention
  kEvolution       // the interest evolution's last state
};

// A history as the training library padded it: the events and padding rows, `length` rows in total.
struct Window {
  std::uint32_t length = 0;  // 0: there is no window; the rows are the events
  bool padding_after = false;
  // true: with n events, the extractor reads the window's first n rows, and the attention weighs
  // the rows of the events. false: both treat every row of the window as an event.
  bool reads_first = false;
  bool evolves_first = false;  // the evolution reads the first n rows, too

  std::size_t rows(std::size_t events) const { return length == 0 ? events : length; }
  // The row of the first event.
  std::size_t first_event(std::size_t events) const {
    return length == 0 || padding_after ? 0 : length - events;
  }
};

struct Sequence {
  const char* name = "";
  FieldGroup fields;  // of one event
  std::uint32_t max_history = 0;
  // Events whose id in this field is the one of masked_row are dropped; nullptr: none is dropped.
  const Field* mask_field = nullptr;
  std::uint32_t masked_row = 0;
  std::size_t mask_index() const {
    return static_cast<std::size_t>(mask_field - fields.fields.data());
  }
  bool keeps_oldest = false;  // a full history drops new events, not its oldest ones
  Window window;

  Span<const Field*> query;                 // the candidate's fields that make the query
  std::uint32_t query_embedding_width = 0;  // of e_a
  Span<Gru> extractor;                      // the interest extractor's layers
  std::uint32_t state_width = 0;            // of the extractor's outputs
  Attention* attention = nullptr;           // may be absent
  Evolution* evolution = nullptr;           // only with ResultKind::kEvolution
  ResultKind result = ResultKind::kEvolution;
  std::uint32_t result_width = 0;
  bool shared_result = false;  // the result is the same for all candidates
  // Pooled behaviours: histories shorter than this are filled up with padding rows.
  std::uint32_t padded_length = 0;
};

}  // namespace augur
