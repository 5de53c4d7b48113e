// The attention: a weight of each step of the history for a candidate.
#pragma once

#include <vector>

#include "augur_generated.h"
#include "reference/dense.h"
#include "reference/matrix.h"

namespace augur::reference {

class Attention {
 public:
  explicit Attention(const fb::AttentionT& attention);

  // q from the candidate's embedding e_a.
  Vector project(const Vector& embedding) const;
  // The weight of every step.
  Vector weights(const Vector& query, const VectorSequence& keys) const;

 private:
  double score(const Vector& query, const Vector& key) const;
  Vector pair(const Vector& query, const Vector& key) const;

  fb::AttentionKind kind_;
  fb::Normalisation normalisation_;
  double score_scale_;
  std::vector<Dense> projection_;  // none or one
  Matrix bilinear_;
  Matrix pair_query_;
  Matrix pair_key_;
  Matrix pair_product_;
  Vector pair_bias_;
  Activation pair_activation_;
  std::vector<Dense> layers_;
};

Vector softmax(const Vector& scores);

}  // namespace augur::reference
