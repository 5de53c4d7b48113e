// Attention of a candidate (the query) over a history's steps (the keys): bilinear, dot, or MLP.
#pragma once

#include "kernels/sequence.h"
#include "layers/dense.h"

namespace augur {

enum class AttentionKind : std::uint8_t { kBilinear, kDot, kMlp };

class Attention {
 public:
  // Keys are `key_width` wide, candidates' embeddings `query_width`.
  augur_status load(Reader& reader, const fb::Attention* file, std::uint32_t key_width,
                    std::uint32_t query_width);

  bool has_projection() const { return !projection_.product().empty(); }
  std::uint32_t query_width() const { return query_width_; }  // after the projection
  bool softmax() const { return softmax_; }

 private:
  friend class AttentionRun;

  augur_status load_pair(Reader& reader, const fb::PairDense* file);

  AttentionKind kind_ = AttentionKind::kDot;
  bool softmax_ = true;
  float scale_ = 1.0f;
  std::uint32_t key_width_ = 0;
  std::uint32_t embedding_width_ = 0;  // before the projection
  std::uint32_t query_width_ = 0;
  Dense projection_;
  Product bilinear_;  // W [key width, query width]
  // The MLP's first layer, split: activation(query part + key part + product part).
  std::uint32_t units_ = 0;
  Product pair_query_;
  Product pair_key_;
  Product pair_product_;
  Activation pair_activation_;
  Mlp layers_;
};

// One session's attention over one stack. Scores and weights are [rows, padded_steps(steps)].
class AttentionRun {
 public:
  augur_status create(const Attention& attention, std::size_t max_steps, std::size_t max_rows,
                      Arena& arena, Error& error);

  // The user's part: what of the scores depends on the history alone. keys [steps, key width] must
  // stay.
  void prepare(const float* keys, std::size_t steps);

  // Queries [rows, query width] from the candidates' embeddings [rows, embedding width], projected
  // if the attention does that.
  const float* project(const float* embeddings, std::size_t rows) const;

  // Attention weights of `rows` candidates.
  const float* weigh(const float* queries, std::size_t rows) const;

 private:
  void score_pairs(const float* queries, std::size_t rows) const;

  const Attention* attention_ = nullptr;
  DenseRun projection_;
  ProductRun bilinear_;
  ProductRun pair_query_;
  ProductRun pair_key_;
  ProductRun pair_product_;
  MlpRun layers_;
  const float* keys_ = nullptr;
  std::size_t steps_ = 0;
  float* key_part_ = nullptr;      // bilinear, dot: keys transposed; MLP: [steps, units]
  float* projected_ = nullptr;     // [rows, query width]
  float* query_part_ = nullptr;    // bilinear: [rows, key width]; MLP: [rows, units]
  float* pair_inputs_ = nullptr;   // [steps of a chunk, key width]
  float* pair_outputs_ = nullptr;  // [steps of a chunk, units]
  float* scores_ = nullptr;
};

}  // namespace augur
