// A layer of a pair's MLP with int8 weights; kernels/attention.h says what is computed.
#if defined(AUGUR_SIMD_INTEGER_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#undef AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#else
#define AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/gates-inl.h"
#include "kernels/simd/half-attention-inl.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/lane-start-inl.h"
#include "kernels/simd/products-inl.h"
#include "kernels/simd/rough-inl.h"

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

// A layer's inputs: floats, or values in [0, 1] that are integers already.
struct IntegerInput {
  const float* floats;        // [inputs, lanes]
  const std::uint8_t* bytes;  // [quads, lanes, 4], instead of `floats`; or nullptr
  std::uint8_t* room;         // memory for `floats` as integers: one byte each, and three rows more
};

// How a layer's outputs are written.
struct IntegerOutput {
  bool sigmoid;         // apply it to the outputs
  float* floats;        // [units, lanes]
  std::uint8_t* bytes;  // instead of `floats`: values in [0, 1] as integers; or nullptr
};

inline constexpr float kUnitSteps = 255.0f;

// 255 x as an integer, for x in [0, 1]; minus 128 where inputs are signed.
HWY_INLINE Int unit_integer(Vec x) {
  const F f;
  return hn::BitCast(I(), hn::MulAdd(x, hn::Set(f, kUnitSteps), hn::Set(f, kToInteger - 128.0f)));
}

// Writes x [inputs, lanes] as integers to `bytes` [quads, lanes, 4]:
// x ≈ (integer - zero point) * scale of the lane.
template <std::size_t kVectors>
HWY_NOINLINE void quantise_lanes(const IntegerLayer& layer, const float* x, std::size_t inputs,
                                 std::uint8_t* bytes, float* scales) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  Vec factors[kVectors];
  for (std::size_t v = 0; v < kVectors && !layer.unit_inputs; ++v) {
    Vec largest = hn::Set(f, 1e-30f);
    for (std::size_t k = 0; k < inputs; ++k)
      largest = hn::Max(largest, hn::Abs(hn::Load(f, x + k * kLanes + v * kVector)));
    factors[v] = hn::Div(hn::Set(f, 127.0f), largest);
    hn::Store(hn::Mul(largest, hn::Set(f, 1.0f / 127.0f)), f, scales + v * kVector);
  }
  for (std::size_t k = 0; k < inputs; k += 4) {
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        // Inputs are padded to whole quads; the padding has weights of 0.
        const Vec value =
            k + i < inputs ? hn::Load(f, x + (k + i) * kLanes + v * kVector) : hn::Zero(f);
        quad.add(i, v,
                 layer.unit_inputs
                     ? unit_integer(value)
                     : hn::BitCast(I(), hn::MulAdd(value, factors[v], hn::Set(f, kToInteger))));
      }
    }
    quad.store(bytes + k * kLanes);
  }
}

// The initial value of a unit's sum, which removes the part that comes from the inputs' zero point.
HWY_INLINE Int first_layer_sum(const IntegerLayer& layer, std::size_t unit) {
  const I i32;
  if (layer.unit_inputs == kSignedInputs) {
    const Int offset = hn::Set(i32, layer.offsets[unit]);
    return kSignedInputs ? hn::Neg(offset) : offset;
  }
  return hn::Zero(i32);
}

// Computes 4 * kBlocks units from `unit` on.
template <std::size_t kBlocks, std::size_t kVectors>
HWY_INLINE void integer_layer_block(const IntegerLayer& layer, const std::uint8_t* bytes,
                                    const float* scales, std::size_t inputs, std::size_t unit,
                                    const LaneStart& start, const IntegerOutput& out) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  constexpr std::size_t kUnits = 4 * kBlocks;
  const std::size_t quad_count = quads(inputs);
  Int sums[kUnits][kVectors];
  AUGUR_UNROLL
  for (std::size_t m = 0; m < kUnits; ++m) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = first_layer_sum(layer, unit + m);
  }
  const std::int8_t* weight = layer.lanes + unit * quad_count * 4;
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    hn::Vec<Bytes> x[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      x[v] = hn::Load(Bytes(), bytes + (quad * kLanes + v * kVector) * 4);
    for (std::size_t block = 0; block < kBlocks; ++block)
      add_four_units<kVectors>(weight + (block * quad_count + quad) * 16, x, sums + 4 * block);
  }
  AUGUR_UNROLL
  for (std::size_t block = 0; block < kBlocks; ++block) {
    Vec values[4 * kVectors];
    AUGUR_UNROLL
    for (std::size_t n = 0; n < 4 * kVectors; ++n) {
      const std::size_t m = 4 * block + n / kVectors;
      const std::size_t v = n % kVectors;
      const Vec of_lanes =
          layer.unit_inputs ? hn::Set(f, 1.0f / kUnitSteps) : hn::Load(f, scales + v * kVector);
      const Vec scale = hn::Mul(hn::Set(f, layer.scales[unit + m]), of_lanes);
      values[n] = hn::MulAdd(hn::ConvertTo(f, sums[m][v]), scale, start(unit + m, v * kVector));
    }
    if (out.sigmoid) rough_sigmoid(values);
    const std::size_t at = (unit + 4 * block) * kLanes;
    if (out.bytes == nullptr) {
      store(values, out.floats + at);
      continue;
    }
    Quad<kVectors> quad;
    for (std::size_t n = 0; n < 4 * kVectors; ++n)
      quad.add(n / kVectors, n % kVectors, unit_integer(values[n]));
    quad.store(out.bytes + at);
  }
}

// out[unit][lanes] = start(unit, lane) + the product with the input.
template <std::size_t kVectors>
HWY_NOINLINE void integer_layer_lanes(const IntegerLayer& layer, const IntegerInput& input,
                                      std::size_t inputs, std::size_t units, const LaneStart& start,
                                      const IntegerOutput& out) {
  HWY_ALIGN float scales[kVectors * kVector];
  const std::uint8_t* bytes = input.bytes;
  if (bytes == nullptr) {
    quantise_lanes<kVectors>(layer, input.floats, inputs, input.room, scales);
    bytes = input.room;
  }
#if HWY_ARCH_ARM_A64
  if (layer.path != IntegerPath::kDot) {
    half_layer(layer, bytes, scales, inputs, units, start, out.sigmoid, out.floats, out.bytes);
    return;
  }
#endif
  std::size_t unit = 0;
  if constexpr (!HWY_ARCH_ARM_A64) {  // where few layers come here
    for (; units - unit >= 8; unit += 8)
      integer_layer_block<2, kVectors>(layer, bytes, scales, inputs, unit, start, out);
  }
  for (; unit < units; unit += 4)
    integer_layer_block<1, kVectors>(layer, bytes, scales, inputs, unit, start, out);
}

// y = tanh(y) for y [count], in place. Absolute error <= 1e-3.
HWY_MAYBE_UNUSED static HWY_NOINLINE void rough_tanh_of(std::size_t count, float* y) {
  const F f;
  for (std::size_t i = 0; i < count; i += kVector)
    hn::Store(rough_tanh(hn::Load(f, y + i)), f, y + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_INTEGERS();

#endif
