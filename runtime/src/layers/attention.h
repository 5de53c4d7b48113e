// Attention of a candidate (the query) over a history's steps (the keys): bilinear, dot, or MLP.
#pragma once

#include "kernels/attention.h"
#include "layers/attention_weights.h"
#include "layers/dense.h"
#include "layers/steps_kept.h"

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
  friend class AttentionUser;
  friend class AttentionRun;

  augur_status load_pair(Reader& reader, const fb::PairDense* file);
  augur_status load_layers(Reader& reader, const DenseList* file);

  AttentionKind kind_ = AttentionKind::kDot;
  bool softmax_ = true;
  float scale_ = 1.0f;
  std::uint32_t key_width_ = 0;
  std::uint32_t embedding_width_ = 0;  // before the projection
  std::uint32_t query_width_ = 0;
  Dense projection_;
  Product bilinear_;  // W [key width, query width]
  // The MLP's first layer, split: activation(query part + key part + product part).
  Product pair_query_;
  Product pair_key_;
  PairMlp mlp_;  // the product part, and all that follows
};

// The user's part: what of the scores depends on the history alone.
class AttentionUser {
 public:
  augur_status create(const Attention& attention, std::size_t max_steps, Arena& arena,
                      Fault& error);

  // keys [steps, key width] must stay; of `kept` no product is computed again.
  void prepare(const float* keys, std::size_t steps, StepsKept kept);

  const Keys& keys() const { return keys_; }

 private:
  const Attention* attention_ = nullptr;
  ProductRun pair_key_;
  Keys keys_;
  // What keys_ points to: the keys transposed, and packed for lanes of candidates; the MLP's key
  // part, and its transpose.
  float* transposed_ = nullptr;       // [key width, padded_]
  float* packed_ = nullptr;           // [steps, key width]; bilinear, dot
  float* part_ = nullptr;             // [steps, units]
  float* part_transposed_ = nullptr;  // [units, padded_]
  std::size_t padded_ = 0;            // the most steps, in whole vectors
};

// One thread's candidates.
class AttentionRun {
 public:
  augur_status create(const Attention& attention, const AttentionUser& user, std::size_t max_steps,
                      std::size_t max_rows, Arena& arena, Fault& error);

  // Queries [rows, query width] from the candidates' embeddings [rows, embedding width], projected
  // if the attention does that.
  const float* project(const float* embeddings, std::size_t rows) const;

  // Attention weights of `rows` candidates.
  AttentionWeights weigh(const float* queries, std::size_t rows) const;

 private:
  const Attention* attention_ = nullptr;
  const AttentionUser* user_ = nullptr;
  DenseRun projection_;
  ProductRun bilinear_;
  ProductRun pair_query_;
  float* projected_ = nullptr;   // [rows, query width]
  float* query_part_ = nullptr;  // bilinear: [rows, key width]; MLP: [rows, units]
  float* scores_ = nullptr;      // [steps, stride_]
  std::size_t stride_ = 0;
  float* scratch_ = nullptr;
};

}  // namespace augur
