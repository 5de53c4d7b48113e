// Attention: bilinear, dot, or a small network on every pair of query and key.
#include "reference/attention.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace augur::reference {

Attention::Attention(const fb::AttentionT& attention)
    : kind_(attention.kind),
      normalisation_(attention.normalisation),
      score_scale_(attention.score_scale),
      bilinear_(matrix(attention.bilinear.get())),
      pair_activation_(attention.pair == nullptr ? nullptr : attention.pair->activation.get()),
      layers_(dense_layers(attention.layers)) {
  if (attention.query_projection != nullptr) {
    projection_.emplace_back(*attention.query_projection);
  }
  if (attention.pair != nullptr) {
    pair_query_ = matrix(attention.pair->query.get());
    pair_key_ = matrix(attention.pair->key.get());
    pair_product_ = matrix(attention.pair->product.get());
    pair_bias_ = vector(attention.pair->bias.get());
  }
}

Vector Attention::project(const Vector& embedding) const {
  return projection_.empty() ? embedding : projection_[0](embedding);
}

Vector Attention::weights(const Vector& query, const VectorSequence& keys) const {
  Vector scores;
  for (const Vector& key : keys)
    scores.push_back(score_scale_ * score(query, key));
  return normalisation_ == fb::Normalisation::Softmax ? softmax(scores) : scores;
}

double Attention::score(const Vector& query, const Vector& key) const {
  switch (kind_) {
    case fb::AttentionKind::Bilinear:
      return dot(key, product(bilinear_, query));
    case fb::AttentionKind::Dot:
      return dot(key, query);
    case fb::AttentionKind::Mlp: {
      Vector x = pair(query, key);
      for (const Dense& layer : layers_)
        x = layer(x);
      return x.at(0);
    }
  }
  throw std::invalid_argument("unknown attention kind");
}

Vector Attention::pair(const Vector& query, const Vector& key) const {
  const std::size_t units = std::max({pair_query_.rows, pair_key_.rows, pair_product_.rows});
  Vector x(units, 0.0);
  if (!pair_query_.empty()) add(x, product(pair_query_, query));
  if (!pair_key_.empty()) add(x, product(pair_key_, key));
  if (!pair_product_.empty()) add(x, product(pair_product_, times(query, key)));
  add(x, pair_bias_);
  return pair_activation_(x);
}

Vector softmax(const Vector& scores) {
  if (scores.empty()) return {};
  const double highest = *std::max_element(scores.begin(), scores.end());
  Vector weights;
  double sum = 0.0;
  for (const double score : scores) {
    weights.push_back(std::exp(score - highest));
    sum += weights.back();
  }
  for (double& weight : weights)
    weight /= sum;
  return weights;
}

}  // namespace augur::reference
