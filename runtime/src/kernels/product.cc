// Product and ProductRun over XNNPACK's f32 and int8 operators, and the narrow dot product.
#include "kernels/product.h"

#include <cmath>
#include <cstring>

#include "kernels/kernel_set.h"
#include "kernels/xnnpack_memory.h"

namespace augur {
namespace {

// Rows that are quantised and multiplied together: enough for a fast product, few enough for the
// cache.
constexpr std::size_t kIntegerRows = 64;
// XNNPACK computes rows in blocks of up to 16. In the last block, it computes the last row again in
// place of missing rows, and reads a scale for each; these must equal the last row's scale.
constexpr std::size_t kExtraScales = 15;
static_assert(kExtraScales >= XNN_EXTRA_QUANTIZATION_PARAMS, "XNNPACK reads more than that");

// Weights of so many floats are read from the nearest cache by every block of rows.
constexpr std::size_t kMostSmallFloats = 8192;

// Eight partial sums, so that the compiler can keep them in one or two vectors; added up pairwise.
float dot(const float* a, const float* b, std::size_t size) {
  constexpr std::size_t kLanes = 8;
  float sums[kLanes] = {};
  std::size_t k = 0;
  for (; k + kLanes <= size; k += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += a[k + lane] * b[k + lane];
  }
  for (std::size_t lane = 0; k < size; ++k, ++lane)
    sums[lane] += a[k] * b[k];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

// Whether our kernels are faster than XNNPACK's. For larger matrices they are not.
bool small(const WeightMatrix& weights) {
  const KernelSet& set = kernels();
  if (!kSmallProducts || set.multiply_small == nullptr) return false;
  if (weights.quantised())
    return set.integers != IntegerPath::kNone && weights.inputs <= kMostSmallInputs;
  return std::size_t{weights.inputs} * padded_units(weights.outputs) <= kMostSmallFloats;
}

}  // namespace

augur_status Product::pack(const WeightMatrix& weights, const float* bias, Arena& arena,
                           Fault& error) {
  inputs_ = weights.inputs;
  outputs_ = weights.outputs;
  if (narrow()) return pack_narrow(weights, bias, arena, error);
  quantised_ = weights.quantised();
  if (small(weights)) return pack_small(weights, bias, arena, error);
  shared_.context = this;
  shared_.look_up = look_up;
  shared_.reserve_space = reserve_space;
  shared_.look_up_or_insert = insert;
  shared_.is_finalized = is_finalized;
  shared_.offset_to_addr = address;
  shared_.delete_cache = delete_cache;

  // XNNPACK packs the weights when it creates the first operator, which is itself not used.
  packing_arena_ = &arena;
  Arena operators;
  xnn_operator_t op = nullptr;
  const augur_status status =
      create_operator(weights, bias, inputs_, outputs_, operators, &op, error);
  packing_arena_ = nullptr;
  return status;
}

augur_status Product::pack_narrow(const WeightMatrix& weights, const float* bias, Arena& arena,
                                  Fault& error) {
  const std::size_t values = std::size_t{outputs_} * inputs_;
  const Span<float> copy = arena.array<float>(values + outputs_);
  if (copy.empty()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for packed weights");
  if (weights.quantised()) {
    for (std::size_t i = 0; i < values; ++i)
      copy[i] = weights.scales[i / inputs_] * static_cast<float>(weights.integers[i]);
  } else {
    // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it is not empty
    std::memcpy(copy.data(), weights.values, values * sizeof(float));
  }
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it is not empty
  if (bias != nullptr) std::memcpy(copy.data() + values, bias, outputs_ * sizeof(float));
  narrow_weight_ = copy.data();
  narrow_bias_ = copy.data() + values;
  packed_bytes_ = copy.size() * sizeof(float);
  return AUGUR_OK;
}

augur_status Product::pack_small(const WeightMatrix& weights, const float* bias, Arena& arena,
                                 Fault& error) {
  const std::size_t outputs = weights.outputs;
  const std::size_t inputs = weights.inputs;
  const std::size_t padded = padded_units(outputs);
  const auto no_memory = [&] {
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for packed weights");
  };
  const Span<float> added = arena.array<float>(padded);
  if (added.empty()) return no_memory();
  if (bias != nullptr) std::memcpy(added.data(), bias, outputs * sizeof(float));
  small_.inputs = inputs;
  small_.outputs = outputs;
  small_.bias = added.data();
  if (weights.quantised()) {
    const Span<std::int8_t> packed = arena.array<std::int8_t>(4 * quads(inputs) * padded);
    const Span<float> scales = arena.array<float>(padded);
    const Span<std::int32_t> sums = arena.array<std::int32_t>(padded);
    if (packed.empty() || scales.empty() || sums.empty()) return no_memory();
    pack_integer_rows(weights.integers, outputs, inputs, packed.data());
    std::memcpy(scales.data(), weights.scales, outputs * sizeof(float));
    for (std::size_t i = 0; i < outputs * inputs; ++i)
      sums[i / inputs] += weights.integers[i];
    small_.integers = packed.data();
    small_.scales = scales.data();
    small_.sums = sums.data();
    packed_bytes_ = packed.size() + 3 * padded * sizeof(float);
  } else {
    const Span<float> packed = arena.array<float>(inputs * padded);
    if (packed.empty()) return no_memory();
    pack_rows(weights.values, inputs, outputs, inputs, packed.data());
    small_.floats = packed.data();
    packed_bytes_ = (packed.size() + padded) * sizeof(float);
  }
  multiply_ = kernels().multiply_small;
  return AUGUR_OK;
}

augur_status Product::create_operator(const WeightMatrix& weights, const float* bias,
                                      std::size_t input_stride, std::size_t output_stride,
                                      Arena& arena, xnn_operator_t* op, Fault& error) const {
  const XnnpackScope scope(arena);
  const xnn_status status =
      quantised() ? xnn_create_fully_connected_nc_qd8_f32_qc8w(
                        inputs_, outputs_, input_stride, output_stride, weights.scales,
                        weights.integers, bias, -INFINITY, INFINITY, 0, nullptr, &shared_, op)
                  : xnn_create_fully_connected_nc_f32(
                        inputs_, outputs_, input_stride, output_stride, weights.values, bias,
                        -INFINITY, INFINITY, 0, nullptr, &shared_, op);
  if (status == xnn_status_success) return AUGUR_OK;
  if (status == xnn_status_out_of_memory)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for packed weights");
  return error.fail(AUGUR_UNSUPPORTED,
                    "XNNPACK refuses a product of %u inputs and %u outputs (status %d)", inputs_,
                    outputs_, static_cast<int>(status));
}

std::size_t Product::look_up(void* product, const xnn_weights_cache_look_up_key*) {
  return static_cast<Product*>(product)->packed_ == nullptr ? SIZE_MAX : 0;
}

void* Product::reserve_space(void* product, std::size_t bytes) {
  auto* self = static_cast<Product*>(product);
  if (self->packing_arena_ == nullptr) return nullptr;
  self->packed_ = self->packing_arena_->take(bytes + XNN_EXTRA_BYTES);
  self->packed_bytes_ = bytes;
  return self->packed_;
}

std::size_t Product::insert(void*, const xnn_weights_cache_look_up_key*, void*, std::size_t) {
  return 0;
}

bool Product::is_finalized(void*) {
  return true;
}

void* Product::address(void* product, std::size_t) {
  return static_cast<Product*>(product)->packed_;
}

xnn_status Product::delete_cache(void*) {
  return xnn_status_success;
}

augur_status ProductRun::create(const Product& product, std::size_t input_stride,
                                std::size_t output_stride, Arena& arena, Fault& error,
                                InputRange range) {
  product_ = &product;
  input_stride_ = input_stride;
  output_stride_ = output_stride;
  range_ = range;
  if (product.empty() || product.narrow() || product.multiply_ != nullptr) return AUGUR_OK;
  // The packed weights are found in the cache, so that the pointers given here are never read.
  WeightMatrix packed;
  packed.values = static_cast<const float*>(product.packed_);
  packed.integers = static_cast<const std::int8_t*>(product.packed_);
  packed.scales = static_cast<const float*>(product.packed_);
  if (!product.quantised())
    return product.create_operator(packed, nullptr, input_stride, output_stride, arena, &op_,
                                   error);
  // Four integers are stored in the memory of one float.
  integers_ = reinterpret_cast<std::int8_t*>(
      arena.reserve(kIntegerRows, (std::size_t{product.inputs_} + 3) / 4));
  const Span<xnn_quantization_params> scales =
      arena.array<xnn_quantization_params>(kIntegerRows + kExtraScales);
  if (scales.empty()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  scales_ = scales.data();
  return product.create_operator(packed, nullptr, product.inputs_, output_stride, arena, &op_,
                                 error);
}

void ProductRun::run(const float* x, std::size_t rows, float* y) const {
  if (product_->multiply_ != nullptr) {
    return product_->multiply_(
        {product_->small_, range_, x, input_stride_, rows, y, output_stride_});
  }
  if (op_ == nullptr) return run_narrow(x, rows, y);
  if (product_->quantised()) return run_integers(x, rows, y);
  // None of these can fail for an operator that was created: its type, state and sizes are right by
  // then.
  xnn_reshape_fully_connected_nc_f32(op_, rows, nullptr);
  xnn_setup_fully_connected_nc_f32(op_, x, y);
  xnn_run_operator(op_, nullptr);
}

void ProductRun::run_narrow(const float* x, std::size_t rows, float* y) const {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::uint32_t output = 0; output < product_->outputs_; ++output) {
      y[row * output_stride_ + output] =
          product_->narrow_bias_[output] +
          dot(x + row * input_stride_,
              product_->narrow_weight_ + std::size_t{output} * product_->inputs_,
              product_->inputs_);
    }
  }
}

void ProductRun::run_integers(const float* x, std::size_t rows, float* y) const {
  for (std::size_t first = 0; first < rows; first += kIntegerRows) {
    const std::size_t count = rows - first < kIntegerRows ? rows - first : kIntegerRows;
    kernels().quantise_rows(range_, x + first * input_stride_, input_stride_, count,
                            product_->inputs_, integers_, scales_);
    for (std::size_t i = 0; i < kExtraScales; ++i)
      scales_[count + i] = scales_[count - 1];
    xnn_reshape_fully_connected_nc_qd8_f32_qc8w(op_, count, nullptr);
    xnn_setup_fully_connected_nc_qd8_f32_qc8w(op_, integers_, y + first * output_stride_, scales_);
    xnn_run_operator(op_, nullptr);
  }
}

}  // namespace augur
