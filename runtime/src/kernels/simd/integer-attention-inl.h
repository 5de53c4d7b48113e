// A layer of a pair's MLP with int8 weights; kernels/attention.h says what is computed.
#if defined(AUGUR_SIMD_INTEGER_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#undef AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#else
#define AUGUR_SIMD_INTEGER_ATTENTION_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/rough-inl.h"

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

// x [inputs, lanes] as integers in `bytes` [quads, lanes, 4]. An integer less the zero point, times
// the lane's scale, is x again.
template <std::size_t kVectors>
HWY_NOINLINE void quantise_lanes(const IntegerLayer& layer, const float* x, std::size_t inputs,
                                 std::uint8_t* bytes, float* scales) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  Vec factors[kVectors];
  Vec shift = hn::Set(f, kToInteger);
  if (layer.unit_inputs) {
    shift = hn::Set(f, kToInteger - 128.0f);
    for (std::size_t v = 0; v < kVectors; ++v) {
      factors[v] = hn::Set(f, 255.0f);
      hn::Store(hn::Set(f, 1.0f / 255.0f), f, scales + v * kVector);
    }
  } else {
    for (std::size_t v = 0; v < kVectors; ++v) {
      Vec largest = hn::Set(f, 1e-30f);
      for (std::size_t k = 0; k < inputs; ++k)
        largest = hn::Max(largest, hn::Abs(hn::Load(f, x + k * kLanes + v * kVector)));
      factors[v] = hn::Div(hn::Set(f, 127.0f), largest);
      hn::Store(hn::Mul(largest, hn::Set(f, 1.0f / 127.0f)), f, scales + v * kVector);
    }
  }
  for (std::size_t k = 0; k < inputs; k += 4) {
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        // Beyond the inputs the weights are 0.
        const Vec value =
            k + i < inputs ? hn::Load(f, x + (k + i) * kLanes + v * kVector) : hn::Zero(f);
        quad.add(i, v, hn::BitCast(I(), hn::MulAdd(value, factors[v], shift)));
      }
    }
    quad.store(bytes + k * kLanes);
  }
}

// 4 * kBlocks units from `unit` on.
template <std::size_t kBlocks, std::size_t kVectors, class Start>
HWY_INLINE void integer_layer_block(const IntegerLayer& layer, const std::uint8_t* bytes,
                                    const float* scales, std::size_t inputs, std::size_t unit,
                                    const Start& start, float* out) {
  const F f;
  const I i32;
  constexpr std::size_t kLanes = kVectors * kVector;
  const std::size_t quad_count = quads(inputs);
  Int sums[4 * kBlocks][kVectors];
  const std::int32_t zero_point = (layer.unit_inputs ? 0 : -128) + (kSignedInputs ? 128 : 0);
  for (std::size_t m = 0; m < 4 * kBlocks; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = hn::Set(i32, zero_point * layer.sums[unit + m]);
  }
  const std::int8_t* weight = layer.lanes + unit * quad_count * 4;
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    hn::Vec<Bytes> x[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      x[v] = hn::Load(Bytes(), bytes + (quad * kLanes + v * kVector) * 4);
    for (std::size_t block = 0; block < kBlocks; ++block)
      add_four_units<kVectors>(weight + (block * quad_count + quad) * 16, x, sums + 4 * block);
  }
  for (std::size_t m = 0; m < 4 * kBlocks; ++m) {
    const Vec weight_scale = hn::Set(f, layer.scales[unit + m]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec scale = hn::Mul(weight_scale, hn::Load(f, scales + v * kVector));
      hn::Store(hn::MulAdd(hn::ConvertTo(f, sums[m][v]), scale, start(unit + m, v * kVector)), f,
                out + (unit + m) * kLanes + v * kVector);
    }
  }
}

// out[unit][lanes] = start(unit, lane) + the product with x [inputs, lanes]. bytes: as many as x
// has floats, and three rows more.
template <std::size_t kVectors, class Start>
HWY_NOINLINE void integer_layer_lanes(const IntegerLayer& layer, const float* x, std::size_t inputs,
                                      std::size_t units, const Start& start, std::uint8_t* bytes,
                                      float* out) {
  HWY_ALIGN float scales[kVectors * kVector];
  quantise_lanes<kVectors>(layer, x, inputs, bytes, scales);
  std::size_t unit = 0;
  for (; units - unit >= 8; unit += 8)
    integer_layer_block<2, kVectors>(layer, bytes, scales, inputs, unit, start, out);
  if (unit < units)
    integer_layer_block<1, kVectors>(layer, bytes, scales, inputs, unit, start, out);
}

// sigmoid or tanh of y [count], to 1e-3.
HWY_MAYBE_UNUSED static HWY_NOINLINE void activate_roughly(ActivationKind kind, std::size_t count,
                                                           float* y) {
  const F f;
  if (kind == ActivationKind::kSigmoid) {
    for (std::size_t i = 0; i < count; i += kVector)
      hn::Store(rough_sigmoid(hn::Load(f, y + i)), f, y + i);
  } else {
    for (std::size_t i = 0; i < count; i += kVector)
      hn::Store(rough_tanh(hn::Load(f, y + i)), f, y + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_INTEGERS();

#endif
