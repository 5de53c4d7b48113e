// Computes the steps' scores, and from them the weights.
#include "network/attention.h"

#include "kernels/kernel_set.h"
#include "network/dense.h"

namespace augur {

void plan_keys(const Attention& attention, std::size_t max_steps, Arena& arena,
               KeyBuffers* buffers) {
  const std::size_t width = attention.key_width;
  const std::size_t units = attention.mlp.units;
  buffers->kept = arena.reserve(1, kept_keys_size(width, units, max_steps));
  buffers->scratch = arena.reserve(1, pair_scratch(width, 0, 0, 0));
}

void prepare_keys(const Attention& attention, const Steps& states, const CachedSteps& cached,
                  KeyBuffers* buffers) {
  KeepKeys keep;
  keep.mlp = attention.kind == AttentionKind::kMlp ? &attention.mlp : nullptr;
  keep.keys = {states.rows, attention.key_width, states.count, nullptr};
  // If steps were dropped, the others have moved.
  keep.first = cached.states_slid() == 0 ? cached.states() : 0;
  keep.kept = buffers->kept;
  keep.scratch = buffers->scratch;
  kernels().keep_keys(keep);
  buffers->keys = keep.keys;
  buffers->keys.kept = buffers->kept;
}

augur_status plan_attention(const Attention& attention, std::size_t max_steps, std::size_t max_rows,
                            Arena& arena, Fault& error, AttentionBuffers* buffers) {
  const std::size_t key_width = attention.key_width;
  buffers->stride = padded_units(max_rows);
  buffers->scores = arena.reserve(max_steps, buffers->stride);
  if (attention.has_projection()) {
    AUGUR_TRY(buffers->projection.create(attention.query_projection.product,
                                         attention.embedding_width, attention.query_width, arena,
                                         error));
    buffers->projected = arena.reserve(max_rows, attention.query_width);
  }
  const Product* query_product = nullptr;
  std::size_t part_width = 0;
  switch (attention.kind) {
    case AttentionKind::kBilinear:
      query_product = &attention.bilinear;
      part_width = key_width;
      break;
    case AttentionKind::kDot:
      break;
    case AttentionKind::kMlp:
      if (!attention.pair_query.empty()) query_product = &attention.pair_query;
      part_width = attention.mlp.units;
      break;
  }
  const bool mlp = attention.kind == AttentionKind::kMlp;
  buffers->scratch = arena.reserve(
      1, mlp ? pair_scratch(key_width, attention.mlp.units, attention.mlp.widest, max_rows)
             : pair_scratch(key_width, 0, 0, max_rows));
  if (query_product == nullptr) return AUGUR_OK;
  buffers->query_part = arena.reserve(max_rows, part_width);
  return buffers->query_product.create(*query_product, attention.query_width, part_width, arena,
                                       error);
}

const float* project_query(const Attention& attention, const AttentionBuffers& buffers,
                           const float* embeddings, std::size_t rows) {
  if (buffers.projected == nullptr) return embeddings;
  run_dense(attention.query_projection, buffers.projection, embeddings, rows, buffers.projected);
  return buffers.projected;
}

AttentionWeights attend(const Attention& attention, const Keys& keys,
                        const AttentionBuffers& buffers, const float* queries, std::size_t rows) {
  PairScores pairs;
  pairs.keys = keys;
  pairs.rows = rows;
  pairs.queries = queries;
  pairs.query_stride = attention.query_width;
  pairs.scores = buffers.scores;
  pairs.stride = buffers.stride;
  pairs.scratch = buffers.scratch;
  if (buffers.query_part != nullptr) buffers.query_product.run(queries, rows, buffers.query_part);
  switch (attention.kind) {
    case AttentionKind::kBilinear:
      pairs.queries = buffers.query_part;
      pairs.query_stride = attention.key_width;
      break;
    case AttentionKind::kDot:
      break;
    case AttentionKind::kMlp:
      pairs.query_part = buffers.query_part;
      pairs.mlp = &attention.mlp;
      break;
  }
  kernels().score_pairs(pairs);

  Weights weights;
  weights.rows = rows;
  weights.steps = keys.steps;
  weights.stride = buffers.stride;
  weights.scale = attention.scale;
  weights.scores = buffers.scores;
  if (attention.softmax) {
    kernels().softmax(weights);
  } else if (attention.scale != 1.0f) {
    kernels().scale_scores(weights);
  }
  return {buffers.scores, buffers.stride};
}

}  // namespace augur
