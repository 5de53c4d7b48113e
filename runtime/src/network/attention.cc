// Computes the steps' scores, and from them the weights.
#include "network/attention.h"

#include "kernels/kernel_set.h"
#include "network/dense.h"

namespace augur {

augur_status plan_keys(const Attention& attention, std::size_t max_steps, Arena& arena,
                       Fault& error, KeyBuffers* buffers) {
  buffers->padded = padded_units(max_steps);
  const std::size_t key_width = attention.key_width;
  const bool mlp = attention.kind == AttentionKind::kMlp;
  if (!mlp || attention.mlp.width > 0)
    buffers->transposed = arena.reserve(key_width, buffers->padded);
  if (!mlp) buffers->packed = arena.reserve(max_steps, key_width);
  if (attention.pair_key.empty()) return AUGUR_OK;
  const std::size_t units = attention.mlp.units;
  buffers->part = arena.reserve(max_steps, units);
  buffers->part_transposed = arena.reserve(units, buffers->padded);
  return buffers->pair_key.create(attention.pair_key, key_width, units, arena, error);
}

void prepare_keys(const Attention& attention, const Steps& states, const CachedSteps& cached,
                  KeyBuffers* buffers) {
  const float* h = states.rows;
  const std::size_t steps = states.count;
  const std::size_t key_width = attention.key_width;
  const std::size_t padded = buffers->padded;
  // If steps were dropped, the others have moved, and all copies have to be made again.
  const std::size_t copied = cached.states_slid() == 0 ? cached.states() : 0;
  Keys keys;
  keys.steps = steps;
  keys.width = key_width;
  keys.rows = h;
  keys.transposed_stride = padded;
  if (buffers->transposed != nullptr) {
    transpose(h + copied * key_width, key_width, steps - copied, key_width,
              buffers->transposed + copied, padded);
    keys.transposed = buffers->transposed;
  }
  if (buffers->packed != nullptr) {
    // Steps are packed in blocks of 8. A block whose steps are all cached stays as it is.
    pack_more_lanes(h, key_width, copied / 8 * 8, steps, key_width, buffers->packed);
    keys.packed = buffers->packed;
  }
  if (attention.kind == AttentionKind::kMlp) {
    keys.width = attention.mlp.width;  // of the product with the query; 0: there is none
    if (buffers->part != nullptr) {
      const std::size_t units = attention.mlp.units;
      move_cached_states(cached, units, buffers->part);
      buffers->pair_key.run_from(h, cached.states(), steps, buffers->part);
      transpose(buffers->part + copied * units, units, steps - copied, units,
                buffers->part_transposed + copied, padded);
      keys.part = buffers->part;
      keys.part_transposed = buffers->part_transposed;
    }
  }
  buffers->keys = keys;
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
  buffers->scratch =
      arena.reserve(1, mlp ? pair_scratch(attention.mlp.width, attention.mlp.widest, max_steps)
                           : pair_scratch(key_width, 0, max_steps));
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
      pairs.query_stride = keys.width;
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
