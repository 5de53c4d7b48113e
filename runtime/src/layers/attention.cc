// Loading an attention and computing its weights.
#include "layers/attention.h"

#include <cmath>
#include <cstring>

#include "model/limits.h"

namespace augur {
namespace {

// Pairs of one candidate with so many steps go through the MLP together: enough rows for a fast
// product, few enough for the cache.
constexpr std::size_t kPairChunk = 64;

}  // namespace

augur_status Attention::load(Reader& reader, const fb::Attention* file, std::uint32_t key_width,
                             std::uint32_t query_width) {
  const Reader::Part part(reader, "attention");
  key_width_ = key_width;
  embedding_width_ = query_width;
  query_width_ = query_width;
  scale_ = file->score_scale();
  if (!std::isfinite(scale_)) return reader.bad("score_scale is not finite");
  if (file->normalisation() != fb::Normalisation::Softmax &&
      file->normalisation() != fb::Normalisation::None) {
    return reader.bad("unknown normalisation %u", static_cast<unsigned>(file->normalisation()));
  }
  softmax_ = file->normalisation() == fb::Normalisation::Softmax;
  AUGUR_TRY(reader.expect(query_width > 0, "the stack has no query"));
  if (file->query_projection() != nullptr) {
    const Reader::Part projection(reader, "query_projection");
    AUGUR_TRY(projection_.load(reader, file->query_projection(), query_width));
    query_width_ = projection_.outputs();
  }
  switch (file->kind()) {
    case fb::AttentionKind::Bilinear:
      kind_ = AttentionKind::kBilinear;
      return load_product(reader, file->bilinear(), "bilinear", {key_width, query_width_}, nullptr,
                          &bilinear_);
    case fb::AttentionKind::Dot:
      kind_ = AttentionKind::kDot;
      if (query_width_ == key_width) return AUGUR_OK;
      return reader.bad("a dot product needs equal widths; the query has %u, the interest state %u",
                        query_width_, key_width);
    case fb::AttentionKind::Mlp: {
      kind_ = AttentionKind::kMlp;
      AUGUR_TRY(reader.expect(file->pair() != nullptr, "an MLP needs its first layer, 'pair'"));
      AUGUR_TRY(load_pair(reader, file->pair()));
      AUGUR_TRY(layers_.load(reader, file->layers(), 0, units_));
      if (layers_.outputs() == 1) return AUGUR_OK;
      return reader.bad("its last layer has %u outputs, expected 1", layers_.outputs());
    }
  }
  return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
}

augur_status Attention::load_pair(Reader& reader, const fb::PairDense* file) {
  const Reader::Part part(reader, "pair");
  Shape shape;
  if (file->query() != nullptr) {
    AUGUR_TRY(reader.matrix_shape(file->query(), "query", &shape));
  } else if (file->key() != nullptr) {
    AUGUR_TRY(reader.matrix_shape(file->key(), "key", &shape));
  } else {
    AUGUR_TRY(reader.matrix_shape(file->product(), "product", &shape));
  }
  units_ = shape.rows;
  if (units_ > kMaxWidth) return reader.bad("%u units are too many", units_);
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", units_, &bias));
  // The bias goes with the first part that there is, once.
  if (file->query() != nullptr) {
    AUGUR_TRY(
        load_product(reader, file->query(), "query", {units_, query_width_}, bias, &pair_query_));
    bias = nullptr;
  }
  if (file->key() != nullptr) {
    AUGUR_TRY(load_product(reader, file->key(), "key", {units_, key_width_}, bias, &pair_key_));
    bias = nullptr;
  }
  if (file->product() != nullptr) {
    if (query_width_ != key_width_) {
      return reader.bad("query ∘ key needs equal widths; the query has %u, the interest state %u",
                        query_width_, key_width_);
    }
    AUGUR_TRY(load_product(reader, file->product(), "product", {units_, key_width_}, bias,
                           &pair_product_));
  }
  return load_activation(reader, file->activation(), units_, &pair_activation_);
}

augur_status AttentionRun::create(const Attention& attention, std::size_t max_steps,
                                  std::size_t max_rows, Arena& arena, Error& error) {
  attention_ = &attention;
  const std::size_t padded = padded_steps(max_steps);
  scores_ = arena.reserve(max_rows, padded);
  if (attention.has_projection()) {
    AUGUR_TRY(projection_.create(attention.projection_, attention.embedding_width_,
                                 attention.query_width_, arena, error));
    projected_ = arena.reserve(max_rows, attention.query_width_);
  }
  if (attention.kind_ != AttentionKind::kMlp) {
    key_part_ = arena.reserve(attention.key_width_, padded);
    if (attention.kind_ == AttentionKind::kDot) return AUGUR_OK;
    query_part_ = arena.reserve(max_rows, attention.key_width_);
    return bilinear_.create(attention.bilinear_, attention.query_width_, attention.key_width_,
                            arena, error);
  }
  const std::size_t units = attention.units_;
  const std::size_t chunk = max_steps < kPairChunk ? max_steps : kPairChunk;
  pair_outputs_ = arena.reserve(chunk, units);
  if (!attention.pair_query_.empty()) {
    query_part_ = arena.reserve(max_rows, units);
    AUGUR_TRY(
        pair_query_.create(attention.pair_query_, attention.query_width_, units, arena, error));
  }
  if (!attention.pair_key_.empty()) {
    key_part_ = arena.reserve(max_steps, units);
    AUGUR_TRY(pair_key_.create(attention.pair_key_, attention.key_width_, units, arena, error));
  }
  if (!attention.pair_product_.empty()) {
    pair_inputs_ = arena.reserve(chunk, attention.key_width_);
    AUGUR_TRY(
        pair_product_.create(attention.pair_product_, attention.key_width_, units, arena, error));
  }
  return layers_.create(attention.layers_, attention.units_,
                        output_range(attention.pair_activation_), chunk, arena, error);
}

void AttentionRun::prepare(const float* keys, std::size_t steps) {
  keys_ = keys;
  steps_ = steps;
  if (attention_->kind_ != AttentionKind::kMlp) {
    transpose_steps(keys, attention_->key_width_, steps, attention_->key_width_, key_part_);
  } else if (key_part_ != nullptr) {
    pair_key_.run(keys, steps, key_part_);
  }
}

const float* AttentionRun::project(const float* embeddings, std::size_t rows) const {
  if (projected_ == nullptr) return embeddings;
  projection_.run(embeddings, rows, projected_);
  return projected_;
}

const float* AttentionRun::weigh(const float* queries, std::size_t rows) const {
  const std::size_t key_width = attention_->key_width_;
  switch (attention_->kind_) {
    case AttentionKind::kBilinear:
      bilinear_.run(queries, rows, query_part_);
      dot_scores(query_part_, key_width, rows, key_width, key_part_, steps_, scores_);
      break;
    case AttentionKind::kDot:
      dot_scores(queries, key_width, rows, key_width, key_part_, steps_, scores_);
      break;
    case AttentionKind::kMlp:
      score_pairs(queries, rows);
      break;
  }
  if (attention_->scale_ != 1.0f) scale_scores(attention_->scale_, rows, steps_, scores_);
  if (attention_->softmax_) softmax(rows, steps_, scores_);
  return scores_;
}

void AttentionRun::score_pairs(const float* queries, std::size_t rows) const {
  const std::size_t units = attention_->units_;
  const std::size_t key_width = attention_->key_width_;
  const std::size_t padded = padded_steps(steps_);
  if (query_part_ != nullptr) pair_query_.run(queries, rows, query_part_);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t first = 0; first < steps_; first += kPairChunk) {
      const std::size_t steps = steps_ - first < kPairChunk ? steps_ - first : kPairChunk;
      if (pair_inputs_ != nullptr) {
        multiply_rows(queries + row * key_width, keys_ + first * key_width, key_width, steps,
                      key_width, pair_inputs_);
        pair_product_.run(pair_inputs_, steps, pair_outputs_);
      } else {
        std::memset(pair_outputs_, 0, steps * units * sizeof(float));
      }
      if (key_part_ != nullptr) add_row(key_part_ + first * units, steps * units, pair_outputs_);
      activate(attention_->pair_activation_,
               query_part_ == nullptr ? nullptr : query_part_ + row * units, steps, units, units,
               pair_outputs_);
      const float* scores = layers_.run(pair_outputs_, steps);
      std::memcpy(scores_ + row * padded + first, scores, steps * sizeof(float));
    }
  }
}

}  // namespace augur
