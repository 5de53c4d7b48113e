// Computes the steps' scores, and from them the weights.
#include "network/attention.h"

#include "kernels/kernel_set.h"
#include "network/dense.h"

namespace augur {

namespace {

const PairMlp* mlp_of(const Attention& attention) {
  return attention.kind == AttentionKind::kMlp ? &attention.mlp : nullptr;
}

// W q or the MLP's query part; empty if there is none.
const Product& query_product(const Attention& attention) {
  return attention.kind == AttentionKind::kBilinear ? attention.bilinear : attention.pair_query;
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

augur_status plan_attention(const Attention& attention, std::size_t max_rows, Arena& arena,
                            Fault& error, AttentionBuffers* buffers) {
  if (attention.has_projection()) {
    AUGUR_TRY(buffers->projection.create(attention.query_projection.product,
                                         attention.embedding_width, attention.query_width, arena,
                                         error));
    buffers->projected = arena.reserve(max_rows, attention.query_width);
  }
  const Product& product = query_product(attention);
  if (product.empty()) return AUGUR_OK;
  return buffers->query_product.create(product, attention.query_width, product.outputs(), arena,
                                       error);
}

void place_scores(std::size_t max_steps, std::size_t max_rows, Overlay* overlay,
                  AttentionBuffers* buffers) {
  buffers->stride = padded_units(max_rows);
  buffers->scores = overlay->take(max_steps, buffers->stride);
}

void place_attention(const Attention& attention, std::size_t max_rows, bool halves,
                     Overlay* overlay, AttentionBuffers* buffers) {
  const PairMlp& mlp = attention.mlp;  // empty if it is not used
  const std::size_t key_width = attention.key_width;
  const Product& product = query_product(attention);
  if (!product.empty()) buffers->query_part = overlay->take(max_rows, product.outputs());
  if (halves) buffers->keys = overlay->take(kChunk, key_width);
  buffers->scratch = overlay->take(1, pair_scratch(key_width, mlp.units, mlp.widest, max_rows));
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
  if (!query_product(attention).empty())
    buffers.query_product.run(queries, rows, buffers.query_part);
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
