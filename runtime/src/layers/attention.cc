// Loading an attention and computing its weights.
#include "layers/attention.h"

#include <cmath>

#include "kernels/kernel_set.h"
#include "layers/fused_weights.h"
#include "model/limits.h"

namespace augur {
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
      return load_layers(reader, file->layers());
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
  const std::uint32_t units = shape.rows;
  if (units > kMaxWidth) return reader.bad("%u units are too many", units);
  mlp_.units = units;
  mlp_.widest = units;
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", units, &bias));
  // The bias goes with the first part that there is, once.
  if (file->query() != nullptr) {
    AUGUR_TRY(
        load_product(reader, file->query(), "query", {units, query_width_}, bias, &pair_query_));
    bias = nullptr;
  }
  if (file->key() != nullptr) {
    AUGUR_TRY(load_product(reader, file->key(), "key", {units, key_width_}, bias, &pair_key_));
    bias = nullptr;
  }
  if (file->product() != nullptr) {
    if (query_width_ != key_width_) {
      return reader.bad("query ∘ key needs equal widths; the query has %u, the interest state %u",
                        query_width_, key_width_);
    }
    AUGUR_TRY(load_lanes(reader, file->product(), "product", {units, key_width_}, InputRange::kAny,
                         &mlp_.product, &mlp_.integer_product));
    mlp_.width = key_width_;
    if (bias != nullptr) mlp_.bias = bias;
  }
  return load_activation(reader, file->activation(), units, &mlp_.activation);
}

augur_status Attention::load_layers(Reader& reader, const DenseList* file) {
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "layers"));
  const Span<PairLayer> layers = reader.arena().array<PairLayer>(count);
  if (layers.size != count) return reader.no_memory();
  auto inputs = static_cast<std::uint32_t>(mlp_.units);
  InputRange range = output_range(mlp_.activation);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Reader::Part part(reader, "layer %u", i);
    PairLayer& layer = layers[i];
    const fb::Dense* from = file->Get(i);
    Shape shape;
    AUGUR_TRY(reader.matrix_shape(from->weight(), "weight", &shape));
    if (shape.rows > kMaxWidth)
      return reader.bad("tensor 'weight' has %u outputs, too many", shape.rows);
    AUGUR_TRY(reader.optional_vector(from->bias(), "bias", shape.rows, &layer.bias));
    AUGUR_TRY(load_lanes(reader, from->weight(), "weight", {shape.rows, inputs}, range,
                         &layer.weight, &layer.integer));
    AUGUR_TRY(load_activation(reader, from->activation(), shape.rows, &layer.activation));
    range = output_range(layer.activation);
    layer.inputs = inputs;
    layer.units = shape.rows;
    if (layer.units > mlp_.widest) mlp_.widest = layer.units;
    inputs = shape.rows;
  }
  mlp_.layers = layers.data;
  mlp_.layer_count = count;
  if (inputs == 1) return AUGUR_OK;
  return reader.bad("its last layer has %u outputs, expected 1", inputs);
}

augur_status AttentionUser::create(const Attention& attention, std::size_t max_steps, Arena& arena,
                                   Fault& error) {
  attention_ = &attention;
  padded_ = padded_units(max_steps);
  const std::size_t key_width = attention.key_width_;
  const bool mlp = attention.kind_ == AttentionKind::kMlp;
  if (!mlp || attention.mlp_.width > 0) transposed_ = arena.reserve(key_width, padded_);
  if (!mlp) packed_ = arena.reserve(max_steps, key_width);
  if (attention.pair_key_.empty()) return AUGUR_OK;
  const std::size_t units = attention.mlp_.units;
  part_ = arena.reserve(max_steps, units);
  part_transposed_ = arena.reserve(units, padded_);
  return pair_key_.create(attention.pair_key_, key_width, units, arena, error);
}

void AttentionUser::prepare(const float* keys, std::size_t steps, StepsKept kept) {
  const std::size_t key_width = attention_->key_width_;
  // Copies in another order are made again when the steps have moved.
  const std::size_t copied = kept.states_slid() == 0 ? kept.states() : 0;
  keys_ = {};
  keys_.steps = steps;
  keys_.width = key_width;
  keys_.rows = keys;
  keys_.transposed_stride = padded_;
  if (transposed_ != nullptr) {
    transpose(keys + copied * key_width, key_width, steps - copied, key_width, transposed_ + copied,
              padded_);
    keys_.transposed = transposed_;
  }
  if (packed_ != nullptr) {
    // Whole blocks stay as they are.
    pack_more_lanes(keys, key_width, copied / 8 * 8, steps, key_width, packed_);
    keys_.packed = packed_;
  }
  if (attention_->kind_ != AttentionKind::kMlp) return;
  keys_.width = attention_->mlp_.width;  // what meets the query; 0 if nothing does
  if (part_ == nullptr) return;
  const std::size_t units = attention_->mlp_.units;
  move_kept_states(kept, units, part_);
  pair_key_.run_from(keys, kept.states(), steps, part_);
  transpose(part_ + copied * units, units, steps - copied, units, part_transposed_ + copied,
            padded_);
  keys_.part = part_;
  keys_.part_transposed = part_transposed_;
}

augur_status AttentionRun::create(const Attention& attention, const AttentionUser& user,
                                  std::size_t max_steps, std::size_t max_rows, Arena& arena,
                                  Fault& error) {
  attention_ = &attention;
  user_ = &user;
  const std::size_t key_width = attention.key_width_;
  stride_ = padded_units(max_rows);
  scores_ = arena.reserve(max_steps, stride_);
  if (attention.has_projection()) {
    AUGUR_TRY(projection_.create(attention.projection_, attention.embedding_width_,
                                 attention.query_width_, arena, error));
    projected_ = arena.reserve(max_rows, attention.query_width_);
  }
  if (attention.kind_ != AttentionKind::kMlp) {
    scratch_ = arena.reserve(1, pair_scratch(key_width, 0, max_steps));
    if (attention.kind_ == AttentionKind::kDot) return AUGUR_OK;
    query_part_ = arena.reserve(max_rows, key_width);
    return bilinear_.create(attention.bilinear_, attention.query_width_, key_width, arena, error);
  }
  const PairMlp& mlp = attention.mlp_;
  scratch_ = arena.reserve(1, pair_scratch(mlp.width, mlp.widest, max_steps));
  if (attention.pair_query_.empty()) return AUGUR_OK;
  query_part_ = arena.reserve(max_rows, mlp.units);
  return pair_query_.create(attention.pair_query_, attention.query_width_, mlp.units, arena, error);
}

const float* AttentionRun::project(const float* embeddings, std::size_t rows) const {
  if (projected_ == nullptr) return embeddings;
  projection_.run(embeddings, rows, projected_);
  return projected_;
}

AttentionWeights AttentionRun::weigh(const float* queries, std::size_t rows) const {
  PairScores pairs;
  pairs.keys = user_->keys();
  pairs.rows = rows;
  pairs.queries = queries;
  pairs.query_stride = attention_->query_width_;
  pairs.scores = scores_;
  pairs.stride = stride_;
  pairs.scratch = scratch_;
  switch (attention_->kind_) {
    case AttentionKind::kBilinear:
      bilinear_.run(queries, rows, query_part_);
      pairs.queries = query_part_;
      pairs.query_stride = pairs.keys.width;
      break;
    case AttentionKind::kDot:
      break;
    case AttentionKind::kMlp:
      if (query_part_ != nullptr) pair_query_.run(queries, rows, query_part_);
      pairs.query_part = query_part_;
      pairs.mlp = &attention_->mlp_;
      break;
  }
  kernels().score_pairs(pairs);

  Weights weights;
  weights.rows = rows;
  weights.steps = pairs.keys.steps;
  weights.stride = stride_;
  weights.scale = attention_->scale_;
  weights.scores = scores_;
  if (attention_->softmax_) {
    kernels().softmax(weights);
  } else if (attention_->scale_ != 1.0f) {
    kernels().scale_scores(weights);
  }
  return {scores_, stride_};
}

}  // namespace augur
