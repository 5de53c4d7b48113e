// Computes the steps' scores, and from them the weights.
#include "network/attention.h"

#include "kernels/kernel_set.h"
#include "network/dense.h"

namespace augur {

namespace {

const PairMlp* mlp_of(const Attention& attention) {
  return attention.kind == AttentionKind::kMlp ? &attention.mlp : nullptr;
}

}  // namespace

void plan_keys(const Attention& attention, std::size_t max_steps, bool keep, Arena& arena,
               KeyBuffers* buffers) {
  if (!keep) return;
  const std::size_t width = attention.key_width;
  buffers->kept = arena.reserve(1, kept_keys_size(width, attention.mlp.units, max_steps));
  buffers->scratch = arena.reserve(1, pair_scratch(width, 0, 0, 0));
}

void prepare_keys(const Attention& attention, const Steps& states, std::size_t done,
                  KeyBuffers* buffers) {
  buffers->states = states;
  if (buffers->kept == nullptr) return;
  KeepKeys keep;
  keep.mlp = mlp_of(attention);
  keep.keys = {states.rows.floats, attention.key_width, states.ring.count, nullptr};
  keep.kept = buffers->kept;
  keep.scratch = buffers->scratch;
  for (std::size_t step = done; step < states.ring.count;) {
    keep.first = states.ring.row(step);
    keep.end = keep.first + states.ring.together(step);
    kernels().keep_keys(keep);
    step += keep.end - keep.first;
  }
}

augur_status plan_attention(const Attention& attention, std::size_t max_steps, std::size_t max_rows,
                            bool halves, Arena& arena, Fault& error, AttentionBuffers* buffers) {
  const std::size_t key_width = attention.key_width;
  buffers->stride = padded_units(max_rows);
  buffers->scores = arena.reserve(max_steps, buffers->stride);
  if (halves) buffers->keys = arena.reserve(kChunk, key_width);
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

AttentionWeights attend(const Attention& attention, const KeyBuffers& keys,
                        const AttentionBuffers& buffers, const float* queries, std::size_t rows) {
  PairScores pairs;
  pairs.rows = rows;
  pairs.queries = queries;
  pairs.query_stride = attention.query_width;
  pairs.stride = buffers.stride;
  pairs.scratch = buffers.scratch;
  pairs.mlp = mlp_of(attention);
  if (buffers.query_part != nullptr) buffers.query_product.run(queries, rows, buffers.query_part);
  if (attention.kind == AttentionKind::kBilinear) {
    pairs.queries = buffers.query_part;
    pairs.query_stride = attention.key_width;
  } else {
    pairs.query_part = buffers.query_part;
  }
  // Rows are scored in their order; which step is the oldest makes no difference to scores.
  const Steps in_order = {keys.states.rows, {keys.states.ring.count, 0, keys.states.ring.count}};
  for_pieces(in_order, buffers.keys, [&](const float* h, std::size_t row, std::size_t count) {
    pairs.keys = {h, attention.key_width, count, keys.kept};
    pairs.scores = buffers.scores + row * buffers.stride;
    kernels().score_pairs(pairs);
  });

  Weights weights;
  weights.rows = rows;
  weights.steps = keys.states.ring.count;
  weights.first = keys.states.ring.first;
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
