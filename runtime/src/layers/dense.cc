// Loading and running dense layers.
#include "layers/dense.h"

#include "model/limits.h"

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
      activation->kind = ActivationKind::kRelu;
      return AUGUR_OK;
    case fb::ActivationKind::Sigmoid:
      activation->kind = ActivationKind::kSigmoid;
      return AUGUR_OK;
    case fb::ActivationKind::Tanh:
      activation->kind = ActivationKind::kTanh;
      return AUGUR_OK;
    case fb::ActivationKind::Prelu:
      activation->kind = ActivationKind::kPrelu;
      return reader.vector(file->alpha(), "alpha", units, &activation->alpha);
    case fb::ActivationKind::Dice:
      activation->kind = ActivationKind::kDice;
      AUGUR_TRY(reader.vector(file->alpha(), "alpha", units, &activation->alpha));
      AUGUR_TRY(reader.vector(file->scale(), "scale", units, &activation->scale));
      return reader.vector(file->shift(), "shift", units, &activation->shift);
    case fb::ActivationKind::DiceRowwise:
      activation->kind = ActivationKind::kDiceRowwise;
      activation->epsilon = file->epsilon();
      if (!(file->epsilon() > 0.0f && file->epsilon() < 1e6f))
        return reader.bad("epsilon must be positive");
      return reader.vector(file->alpha(), "alpha", 1, &activation->alpha);
    case fb::ActivationKind::Gelu:
      return set_gate(kGeluGate, activation);
    case fb::ActivationKind::GeluTanh:
      return set_gate(kGeluTanhGate, activation);
    case fb::ActivationKind::Silu:
      return set_gate(kSiluGate, activation);
    case fb::ActivationKind::Elu:
      activation->kind = ActivationKind::kElu;
      AUGUR_TRY(reader.optional_vector(file->alpha(), "alpha", units, &activation->alpha));
      return activation->alpha != nullptr ? AUGUR_OK : reader.ones(units, &activation->alpha);
  }
  return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
}

augur_status load_product(Reader& reader, const fb::Tensor* weight, const char* name, Shape shape,
                          const float* bias, Product* product, Arithmetic arithmetic) {
  const Arena::Scratch memory(reader.arena(), Reader::weight_bytes(shape));
  if (memory.data() == nullptr) return reader.no_memory();
  WeightMatrix weights = float_weights(nullptr, shape.rows, shape.columns);
  if (arithmetic == Arithmetic::kFloats) {
    AUGUR_TRY(reader.read_matrix(weight, name, shape, memory.data(), &weights.values));
  } else {
    AUGUR_TRY(reader.weights(weight, name, shape, memory.data(), &weights));
  }
  return product->pack(weights, bias, reader.arena(), reader.error());
}

augur_status Dense::load(Reader& reader, const fb::Dense* file, std::uint32_t inputs,
                         Arithmetic arithmetic) {
  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->weight(), "weight", &shape));
  if (shape.rows > kMaxWidth)
    return reader.bad("tensor 'weight' has %u outputs, too many", shape.rows);
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", shape.rows, &bias));
  AUGUR_TRY(load_product(reader, file->weight(), "weight", {shape.rows, inputs}, bias, &product_,
                         arithmetic));
  return load_activation(reader, file->activation(), shape.rows, &activation_);
}

InputRange output_range(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kSigmoid:
      return InputRange::kShare;
    case ActivationKind::kTanh:
      return InputRange::kUnit;
    default:
      return InputRange::kAny;
  }
}

augur_status DenseRun::create(const Dense& dense, std::size_t input_stride,
                              std::size_t output_stride, Arena& arena, Fault& error,
                              InputRange range) {
  dense_ = &dense;
  output_stride_ = output_stride;
  return product_.create(dense.product(), input_stride, output_stride, arena, error, range);
}

void DenseRun::run(const float* x, std::size_t rows, float* y) const {
  product_.run(x, rows, y);
  activate(dense_->activation(), nullptr, rows, dense_->outputs(), output_stride_, y);
}

augur_status Mlp::load(Reader& reader, const DenseList* file, std::uint32_t first,
                       std::uint32_t inputs, Arithmetic arithmetic) {
  outputs_ = inputs;
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "layers"));
  if (count <= first) return AUGUR_OK;
  layers_ = reader.arena().array<Dense>(count - first);
  if (layers_.empty()) return reader.no_memory();
  for (std::uint32_t i = first; i < count; ++i) {
    const Reader::Part part(reader, "layer %u", i);
    AUGUR_TRY(layers_[i - first].load(reader, file->Get(i), outputs_, arithmetic));
    outputs_ = layers_[i - first].outputs();
  }
  return AUGUR_OK;
}

augur_status MlpRun::create(const Mlp& mlp, std::uint32_t inputs, InputRange range,
                            std::size_t max_rows, Arena& arena, Fault& error) {
  layers_ = arena.array<Layer>(mlp.layers().size);
  if (layers_.size != mlp.layers().size)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (std::size_t i = 0; i < layers_.size; ++i) {
    const Dense& dense = mlp.layers()[i];
    AUGUR_TRY(layers_[i].run.create(dense, inputs, dense.outputs(), arena, error, range));
    layers_[i].output = arena.reserve(max_rows, dense.outputs());
    inputs = dense.outputs();
    range = output_range(dense.activation());
  }
  return AUGUR_OK;
}

const float* MlpRun::run(const float* x, std::size_t rows) const {
  for (const Layer& layer : layers_) {
    layer.run.run(x, rows, layer.output);
    x = layer.output;
  }
  return x;
}

}  // namespace augur
