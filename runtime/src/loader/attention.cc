// Loads the attention.
#include <cmath>

#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

// The MLP's first layer.
augur_status load_pair(Reader& reader, const fb::PairDense* file, Attention* attention) {
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
  const std::uint32_t query_width = attention->query_width;
  const std::uint32_t key_width = attention->key_width;
  PairMlp& mlp = attention->mlp;
  if (units > kMaxWidth) return reader.bad("%u units are too many", units);
  mlp.units = units;
  mlp.widest = units;
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", units, &bias));
  // The bias is added once: it belongs to the first part that is present.
  if (file->query() != nullptr) {
    AUGUR_TRY(load_product(reader, file->query(), "query", {units, query_width}, bias,
                           &attention->pair_query));
    bias = nullptr;
  }
  if (file->key() != nullptr) {
    AUGUR_TRY(load_pair_layer(reader, file->key(), "key", {units, key_width}, InputRange::kAny,
                              &mlp.key.weight, &mlp.key.integer));
    mlp.key.bias = bias;
    mlp.key.inputs = key_width;
    mlp.key.units = units;
    bias = nullptr;
  }
  if (file->product() != nullptr) {
    if (query_width != key_width) {
      return reader.bad("query ∘ key needs equal widths; the query has %u, the interest state %u",
                        query_width, key_width);
    }
    AUGUR_TRY(load_pair_layer(reader, file->product(), "product", {units, key_width},
                              InputRange::kAny, &mlp.product, &mlp.integer_product));
    mlp.width = key_width;
    if (bias != nullptr) mlp.bias = bias;
  }
  return load_activation(reader, file->activation(), units, &mlp.activation);
}

// The MLP's other layers.
augur_status load_layers(Reader& reader, const DenseList* file, PairMlp* mlp) {
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "layers"));
  const Span<PairLayer> layers = reader.arena().array<PairLayer>(count);
  if (layers.size() != count) return reader.no_memory();
  auto inputs = static_cast<std::uint32_t>(mlp->units);
  InputRange range = output_range(mlp->activation);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Reader::Part part(reader, "layer %u", i);
    PairLayer& layer = layers[i];
    const fb::Dense* from = file->Get(i);
    Shape shape;
    AUGUR_TRY(reader.matrix_shape(from->weight(), "weight", &shape));
    if (shape.rows > kMaxWidth)
      return reader.bad("tensor 'weight' has %u outputs, too many", shape.rows);
    AUGUR_TRY(reader.optional_vector(from->bias(), "bias", shape.rows, &layer.bias));
    AUGUR_TRY(load_pair_layer(reader, from->weight(), "weight", {shape.rows, inputs}, range,
                              &layer.weight, &layer.integer));
    AUGUR_TRY(load_activation(reader, from->activation(), shape.rows, &layer.activation));
    range = output_range(layer.activation);
    layer.inputs = inputs;
    layer.units = shape.rows;
    if (layer.units > mlp->widest) mlp->widest = layer.units;
    inputs = shape.rows;
  }
  mlp->layers = layers.data();
  mlp->layer_count = count;
  if (inputs == 1) return AUGUR_OK;
  return reader.bad("its last layer has %u outputs, expected 1", inputs);
}

}  // namespace

augur_status load_attention(Reader& reader, const fb::Attention* file, std::uint32_t key_width,
                            std::uint32_t embedding_width, Attention* attention) {
  const Reader::Part part(reader, "attention");
  attention->key_width = key_width;
  attention->embedding_width = embedding_width;
  attention->query_width = embedding_width;
  attention->scale = file->score_scale();
  if (!std::isfinite(attention->scale)) return reader.bad("score_scale is not finite");
  if (file->normalisation() != fb::Normalisation::Softmax &&
      file->normalisation() != fb::Normalisation::None) {
    return reader.bad("unknown normalisation %u", static_cast<unsigned>(file->normalisation()));
  }
  attention->softmax = file->normalisation() == fb::Normalisation::Softmax;
  AUGUR_TRY(reader.expect(embedding_width > 0, "the stack has no query"));
  if (file->query_projection() != nullptr) {
    const Reader::Part projection(reader, "query_projection");
    AUGUR_TRY(load_dense(reader, file->query_projection(), embedding_width, Arithmetic::kIntegers,
                         &attention->query_projection));
    attention->query_width = attention->query_projection.outputs();
  }
  switch (file->kind()) {
    case fb::AttentionKind::Bilinear:
      AUGUR_TRY(reader.need(build::kBilinear, build::kAttention, "bilinear"));
      attention->kind = AttentionKind::kBilinear;
      return load_product(reader, file->bilinear(), "bilinear", {key_width, attention->query_width},
                          nullptr, &attention->bilinear);
    case fb::AttentionKind::Dot:
      AUGUR_TRY(reader.need(build::kDot, build::kAttention, "dot"));
      attention->kind = AttentionKind::kDot;
      if (attention->query_width == key_width) return AUGUR_OK;
      return reader.bad("a dot product needs equal widths; the query has %u, the interest state %u",
                        attention->query_width, key_width);
    case fb::AttentionKind::Mlp: {
      AUGUR_TRY(reader.need(build::kMlp, build::kAttention, "mlp"));
      attention->kind = AttentionKind::kMlp;
      AUGUR_TRY(reader.expect(file->pair() != nullptr, "an MLP needs its first layer, 'pair'"));
      AUGUR_TRY(load_pair(reader, file->pair(), attention));
      return load_layers(reader, file->layers(), &attention->mlp);
    }
  }
  return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
}

}  // namespace augur
