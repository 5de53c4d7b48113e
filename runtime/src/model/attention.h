// The attention of a candidate (its query q) to a history's interest states (the keys h_t).
#pragma once

#include "kernels/attention.h"
#include "model/dense.h"

namespace augur {

enum class AttentionKind : std::uint8_t {
  kBilinear,  // h_t · (W q)
  kDot,       // h_t · q
  kMlp        // dense layers over [q, h_t, q - h_t, q ∘ h_t]
};

struct Attention {
  AttentionKind kind = AttentionKind::kDot;
  bool softmax = true;  // over the steps; false: the scores are the weights
  float scale = 1.0f;   // of the scores
  std::uint32_t key_width = 0;
  std::uint32_t embedding_width = 0;  // of the candidate's fields that make the query
  std::uint32_t query_width = 0;      // of q
  Dense query_projection;             // q = activation(W e_a + b); empty: q = e_a
  Product bilinear;                   // W [key width, query width]
  // The MLP's first layer, split: activation(query part + key part + product part).
  Product pair_query;
  PairMlp mlp;  // the key part, the product part, and all layers after it

  bool has_projection() const { return !query_projection.product.empty(); }
};

}  // namespace augur
