// Loads dense layers and their activations.
#include "loader/layers.h"
#include "loader/limits.h"
#include "loader/weights.h"

namespace augur {

namespace {

augur_status set_gate(const Gate& gate, Activation* activation) {
  activation->kind = ActivationKind::kGated;
  activation->gate = gate;
  return AUGUR_OK;
}

}  // namespace

augur_status load_activation(Reader& reader, const fb::Activation* file, std::uint32_t units,
                             Activation* activation) {
  *activation = {};
  if (file == nullptr) return AUGUR_OK;
  const Reader::Part part(reader, "activation");
  switch (file->kind()) {
    case fb::ActivationKind::None:
      return AUGUR_OK;
    case fb::ActivationKind::Relu:
      AUGUR_TRY(reader.need(build::kRelu, build::kActivations, "relu"));
      activation->kind = ActivationKind::kRelu;
      return AUGUR_OK;
    case fb::ActivationKind::Sigmoid:
      AUGUR_TRY(reader.need(build::kSigmoid, build::kActivations, "sigmoid"));
      activation->kind = ActivationKind::kSigmoid;
      return AUGUR_OK;
    case fb::ActivationKind::Tanh:
      AUGUR_TRY(reader.need(build::kTanh, build::kActivations, "tanh"));
      activation->kind = ActivationKind::kTanh;
      return AUGUR_OK;
    case fb::ActivationKind::Prelu:
      AUGUR_TRY(reader.need(build::kPrelu, build::kActivations, "prelu"));
      activation->kind = ActivationKind::kPrelu;
      return reader.vector(file->alpha(), "alpha", units, &activation->alpha);
    case fb::ActivationKind::Dice:
      AUGUR_TRY(reader.need(build::kDice, build::kActivations, "dice"));
      activation->kind = ActivationKind::kDice;
      AUGUR_TRY(reader.vector(file->alpha(), "alpha", units, &activation->alpha));
      AUGUR_TRY(reader.vector(file->scale(), "scale", units, &activation->scale));
      return reader.vector(file->shift(), "shift", units, &activation->shift);
    case fb::ActivationKind::DiceRowwise:
      AUGUR_TRY(reader.need(build::kDiceRowwise, build::kActivations, "dice_rowwise"));
      activation->kind = ActivationKind::kDiceRowwise;
      activation->epsilon = file->epsilon();
      if (!(file->epsilon() > 0.0f && file->epsilon() < 1e6f))
        return reader.bad("epsilon must be positive");
      return reader.vector(file->alpha(), "alpha", 1, &activation->alpha);
    case fb::ActivationKind::Gelu:
      AUGUR_TRY(reader.need(build::kGelu, build::kActivations, "gelu"));
      return set_gate(kGeluGate, activation);
    case fb::ActivationKind::GeluTanh:
      AUGUR_TRY(reader.need(build::kGelu, build::kActivations, "gelu"));
      return set_gate(kGeluTanhGate, activation);
    case fb::ActivationKind::Silu:
      AUGUR_TRY(reader.need(build::kSilu, build::kActivations, "silu"));
      return set_gate(kSiluGate, activation);
    case fb::ActivationKind::Elu:
      AUGUR_TRY(reader.need(build::kElu, build::kActivations, "elu"));
      activation->kind = ActivationKind::kElu;
      AUGUR_TRY(reader.optional_vector(file->alpha(), "alpha", units, &activation->alpha));
      return activation->alpha != nullptr ? AUGUR_OK : reader.ones(units, &activation->alpha);
  }
  return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
}

augur_status load_dense(Reader& reader, const fb::Dense* file, std::uint32_t inputs,
                        Arithmetic arithmetic, Dense* dense) {
  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->weight(), "weight", &shape));
  if (shape.rows > kMaxWidth)
    return reader.bad("tensor 'weight' has %u outputs, too many", shape.rows);
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", shape.rows, &bias));
  AUGUR_TRY(load_product(reader, file->weight(), "weight", {shape.rows, inputs}, bias,
                         &dense->product, arithmetic));
  return load_activation(reader, file->activation(), shape.rows, &dense->activation);
}

augur_status load_mlp(Reader& reader, const DenseList* file, std::uint32_t first,
                      std::uint32_t inputs, Arithmetic arithmetic, Mlp* mlp) {
  mlp->outputs = inputs;
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "layers"));
  if (count <= first) return AUGUR_OK;
  mlp->layers = reader.arena().array<Dense>(count - first);
  if (mlp->layers.empty()) return reader.no_memory();
  for (std::uint32_t i = first; i < count; ++i) {
    const Reader::Part part(reader, "layer %u", i);
    Dense& layer = mlp->layers[i - first];
    AUGUR_TRY(load_dense(reader, file->Get(i), mlp->outputs, arithmetic, &layer));
    mlp->outputs = layer.outputs();
  }
  return AUGUR_OK;
}

}  // namespace augur
