// Dense layers: y = activation(W x + b), singly and in chains.
#pragma once

#include "kernels/activation.h"
#include "kernels/product.h"
#include "model/reader.h"

namespace augur {

augur_status load_activation(Reader& reader, const fb::Activation* file, std::uint32_t units,
                             Activation* activation);

// What is known of an activation's outputs.
InputRange output_range(const Activation& activation);

// How weights that are stored as integers are multiplied: with integer inputs, or expanded to f32.
enum class Arithmetic : std::uint8_t { kIntegers, kFloats };

// Packs a weight matrix that must have exactly this shape, [outputs, inputs].
augur_status load_product(Reader& reader, const fb::Tensor* weight, const char* name, Shape shape,
                          const float* bias, Product* product,
                          Arithmetic arithmetic = Arithmetic::kIntegers);

class Dense {
 public:
  augur_status load(Reader& reader, const fb::Dense* file, std::uint32_t inputs,
                    Arithmetic arithmetic = Arithmetic::kIntegers);

  const Product& product() const { return product_; }
  const Activation& activation() const { return activation_; }
  std::uint32_t outputs() const { return product_.outputs(); }

 private:
  Product product_;
  Activation activation_;
};

class DenseRun {
 public:
  // x rows have `input_stride` floats, y rows `output_stride`.
  augur_status create(const Dense& dense, std::size_t input_stride, std::size_t output_stride,
                      Arena& arena, Fault& error, InputRange range = InputRange::kAny);
  void run(const float* x, std::size_t rows, float* y) const;

 private:
  const Dense* dense_ = nullptr;
  ProductRun product_;
  std::size_t output_stride_ = 0;
};

using DenseList = flatbuffers::Vector<flatbuffers::Offset<fb::Dense>>;

// A chain of dense layers.
class Mlp {
 public:
  // Layers `first` ... of the list; `inputs` is the first one's width.
  augur_status load(Reader& reader, const DenseList* file, std::uint32_t first,
                    std::uint32_t inputs, Arithmetic arithmetic = Arithmetic::kIntegers);

  const Span<Dense>& layers() const { return layers_; }
  std::uint32_t outputs() const { return outputs_; }

 private:
  Span<Dense> layers_;
  std::uint32_t outputs_ = 0;  // the last layer's, or the inputs if there is none
};

class MlpRun {
 public:
  // `inputs` floats a row, of which `range` is known.
  augur_status create(const Mlp& mlp, std::uint32_t inputs, InputRange range, std::size_t max_rows,
                      Arena& arena, Fault& error);
  // [rows, outputs], dense; x itself if there are no layers.
  const float* run(const float* x, std::size_t rows) const;

 private:
  struct Layer {
    DenseRun run;
    float* output = nullptr;
  };
  Span<Layer> layers_;
};

}  // namespace augur
