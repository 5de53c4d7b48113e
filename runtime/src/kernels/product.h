// The one matrix-product interface: y[rows, outputs] = x[rows, inputs] · Wᵀ + b.
//
// A Product is packed once per model and shared by all its sessions; a ProductRun is what one
// session needs to run it. They use XNNPACK's fully connected operators, for f32 and for int8
// weights; for small matrices the kernel set's own product (kernels/small_product.h), where it has
// one; and, for one or two outputs, for which XNNPACK has no fast kernel, a dot product of our
// own in f32. int8 weights are multiplied with int8 inputs, which the run quantises row by row
// (kernels/quantise.h); sums of integers are exact. In f32 every kernel adds up a row's terms in an
// order that depends on the shape of W alone, but XNNPACK may take another kernel for one row than
// for several, whose order differs (it does on ARM).
#pragma once

#include <xnnpack.h>

#include <cstddef>
#include <cstdint>

#include "common/error.h"
#include "kernels/quantise.h"
#include "kernels/small_product.h"
#include "kernels/weight_matrix.h"
#include "memory/arena.h"

namespace augur {

class Product {
 public:
  // bias [outputs] or nullptr. Weights and bias may be freed after the call. Integers must be
  // readable for kReadPastEnd bytes past their end, floats need not.
  augur_status pack(const WeightMatrix& weights, const float* bias, Arena& arena, Fault& error);
  augur_status pack(const float* weight, const float* bias, std::uint32_t outputs,
                    std::uint32_t inputs, Arena& arena, Fault& error) {
    return pack(float_weights(weight, outputs, inputs), bias, arena, error);
  }

  std::uint32_t inputs() const { return inputs_; }
  std::uint32_t outputs() const { return outputs_; }
  bool empty() const { return outputs_ == 0; }
  // int8 inputs; never with one or two outputs
  bool quantised() const { return build::kIntegers && quantised_; }
  std::size_t packed_bytes() const { return packed_bytes_; }

 private:
  friend class ProductRun;

  // The weights cache through which the operators of all sessions share packed_.
  static std::size_t look_up(void* product, const xnn_weights_cache_look_up_key*);
  static void* reserve_space(void* product, std::size_t bytes);
  static std::size_t insert(void* product, const xnn_weights_cache_look_up_key*, void*,
                            std::size_t);
  static bool is_finalized(void*);
  static void* address(void* product, std::size_t);
  static xnn_status delete_cache(void*);
  augur_status create_operator(const WeightMatrix& weights, const float* bias,
                               std::size_t input_stride, std::size_t output_stride, Arena& arena,
                               xnn_operator_t* op, Fault& error) const;
  augur_status pack_narrow(const WeightMatrix& weights, const float* bias, Arena& arena,
                           Fault& error);

  // Packs into small_.
  augur_status pack_small(const WeightMatrix& weights, const float* bias, Arena& arena,
                          Fault& error);

  bool narrow() const { return outputs_ <= 2; }

  std::uint32_t inputs_ = 0;
  std::uint32_t outputs_ = 0;
  bool quantised_ = false;
  void* packed_ = nullptr;
  std::size_t packed_bytes_ = 0;
  Arena* packing_arena_ = nullptr;  // while pack() runs
  mutable xnn_weights_cache_provider shared_ = {};
  const float* narrow_weight_ = nullptr;
  const float* narrow_bias_ = nullptr;
  void (*multiply_)(const SmallProduct&) = nullptr;  // instead of XNNPACK's operators
  SmallWeights small_;
};

class ProductRun {
 public:
  // Strides in floats, at least the row's width. The product must outlive the run. `range` must
  // hold for every input of run().
  augur_status create(const Product& product, std::size_t input_stride, std::size_t output_stride,
                      Arena& arena, Fault& error, InputRange range = InputRange::kAny);

  // x must be readable for kReadPastEnd bytes past its end. x and y must not overlap.
  void run(const float* x, std::size_t rows, float* y) const;

 private:
  void run_narrow(const float* x, std::size_t rows, float* y) const;
  void run_integers(const float* x, std::size_t rows, float* y) const;

  const Product* product_ = nullptr;
  xnn_operator_t op_ = nullptr;
  std::size_t input_stride_ = 0;
  std::size_t output_stride_ = 0;
  InputRange range_ = InputRange::kAny;
  std::int8_t* integers_ = nullptr;            // of one block of rows
  xnn_quantization_params* scales_ = nullptr;  // of the same rows
};

}  // namespace augur
