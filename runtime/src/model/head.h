// The head: its inputs side by side, then dense layers down to one logit.
//
// It is computed in f32, whatever type its weights are stored in: 8-bit inputs of the head would
// change a ranking more than 8-bit inputs of all other layers together (docs/quantisation.md).
#pragma once

#include "model/dense.h"

namespace augur {

enum class SourceKind : std::uint8_t {
  kFeature,
  kCandidate,
  kQueryEmbedding,  // e_a of a sequence
  kQuery,           // q of a sequence: e_a after the attention's projection
  kResult,          // a sequence's result
  kPooled           // a sequence's behaviours, pooled
};

struct Source {
  SourceKind kind = SourceKind::kFeature;
  std::uint32_t index = 0;   // of the feature, the candidate's field or the sequence
  std::uint32_t offset = 0;  // kFeature, kCandidate: of the field in its group's row
  std::uint32_t width = 0;
  bool shared = false;              // the same for all candidates
  bool mean = false;                // kPooled: by mean; otherwise by sum
  std::uint32_t padded_length = 0;  // kPooled: see Sequence
};

// One part of the head's input: a source, or the element-wise product of two.
struct Slot {
  Source source;
  Source times;
  bool product = false;
  std::uint32_t column = 0;  // in the user's or in the candidates' part of the head's input

  bool shared() const { return source.shared && (!product || times.shared); }
  std::uint32_t width() const { return source.width; }
};

// The first layer is split by columns. Slots that are the same for all candidates (the user's
// features, pooled histories, ...) are multiplied with their columns once per user; the result is
// added to every candidate's product.
struct Head {
  Span<Slot> slots;
  std::uint32_t user_width = 0;       // of the shared slots together
  std::uint32_t candidate_width = 0;  // of the others
  std::uint32_t units = 0;            // of the first layer
  Product user;                       // the shared slots' columns, with the bias
  Product candidate;      // the others' columns; with the bias if there are no shared slots
  Activation activation;  // of the first layer
  Mlp layers;             // after the first

  // Whether the head reads the query q of this sequence.
  bool uses_query(std::size_t sequence) const {
    const auto reads = [sequence](const Source& source) {
      return source.kind == SourceKind::kQuery && source.index == sequence;
    };
    for (const Slot& slot : slots) {
      if (reads(slot.source) || (slot.product && reads(slot.times))) return true;
    }
    return false;
  }
};

}  // namespace augur
