// A layer of a pair's MLP with int8 weights and sigmoids in fp16 (half-gates-inl.h);
// kernels/attention.h says what is computed.
#if defined(AUGUR_SIMD_HALF_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_HALF_ATTENTION_INL_H
#undef AUGUR_SIMD_HALF_ATTENTION_INL_H
#else
#define AUGUR_SIMD_HALF_ATTENTION_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/gates-inl.h"
#include "kernels/simd/half-gates-inl.h"
#include "kernels/simd/lane-start-inl.h"

#if HWY_ARCH_ARM_A64

AUGUR_BEFORE_HALVES();
namespace augur {
namespace HWY_NAMESPACE {

// A unit's two sums as its outputs: start + scale * (sum - shift) * the lanes' scales. kUnit is its
// place in the vectors and after `unit`.
template <int kUnit>
HWY_INLINE void half_layer_unit(const Int (&sums)[2], float32x4_t scales, float32x4_t shifts,
                                const Vec (&lane_scales)[2], const LaneStart& start,
                                std::size_t unit, Vec* out) {
  const float32x4_t shift = vdupq_laneq_f32(shifts, kUnit);
  AUGUR_UNROLL
  for (std::size_t v = 0; v < 2; ++v) {
    const float32x4_t sum = vsubq_f32(vreinterpretq_f32_s32(sums[v].raw), shift);
    out[v] = Vec(vfmaq_laneq_f32(start(unit + kUnit, v * kVector).raw,
                                 vmulq_f32(sum, lane_scales[v].raw), scales, kUnit));
  }
}

// Writes 4 * kBlocks units from `unit` on: start(unit, lane) + the product with `bytes`, whose
// lanes have the scales `lane_scales`; to `halves` or, if that is nullptr, to `floats`.
// offset_weight: 1 if `offsets` are to be removed from the sums, else 0.
template <bool kMatrix, std::size_t kBlocks>
HWY_INLINE void half_layer_block(const IntegerLayer& layer, const std::uint8_t* bytes,
                                 const Vec (&lane_scales)[2], float offset_weight,
                                 std::size_t inputs, std::size_t unit, const LaneStart& start,
                                 float* floats, std::uint16_t* halves) {
  constexpr IntegerPath kPath = kMatrix ? IntegerPath::kMatrix : IntegerPath::kHalf;
  const std::size_t padded = padded_inputs(kPath, inputs);
  Int sums[4 * kBlocks][2];
  half_sums<kMatrix, kBlocks>(layer.lanes + unit * padded, 4 * padded, 4 * integers_together(kPath),
                              bytes, inputs, sums);
  AUGUR_UNROLL
  for (std::size_t m = 0; m < 4 * kBlocks; m += 4) {
    const std::size_t at = unit + m;
    const float32x4_t scales = vld1q_f32(layer.scales + at);
    const float32x4_t offsets = vcvtq_f32_s32(vld1q_s32(layer.offsets + at));
    const float32x4_t shifts = vfmaq_n_f32(vdupq_n_f32(kSumShift), offsets, offset_weight);
    Vec x[4 * 2];
    half_layer_unit<0>(sums[m], scales, shifts, lane_scales, start, at, x);
    half_layer_unit<1>(sums[m + 1], scales, shifts, lane_scales, start, at, x + 2);
    half_layer_unit<2>(sums[m + 2], scales, shifts, lane_scales, start, at, x + 4);
    half_layer_unit<3>(sums[m + 3], scales, shifts, lane_scales, start, at, x + 6);
    if (halves == nullptr) {
      store(x, floats + at * kHalfLanes);
    } else {
      AUGUR_UNROLL
      for (std::size_t i = 0; i < 4; ++i)
        vst1q_u16(halves + (at + i) * kHalfLanes, half_of(x[2 * i].raw, x[2 * i + 1].raw));
    }
  }
}

template <bool kMatrix>
HWY_NOINLINE void half_layer_products(const IntegerLayer& layer, const std::uint8_t* bytes,
                                      const float* lane_scales, std::size_t inputs,
                                      std::size_t units, const LaneStart& lane_start, float* floats,
                                      std::uint16_t* halves) {
  const LaneStart start = lane_start;
  // Inputs in [0, 1] are stored minus 128, which `offsets` makes good.
  const float offset_weight = layer.unit_inputs ? 1.0f : 0.0f;
  Vec scales[2] = {hn::Set(F(), kShareScale), hn::Set(F(), kShareScale)};
  if (!layer.unit_inputs) {
    scales[0] = hn::Load(F(), lane_scales);
    scales[1] = hn::Load(F(), lane_scales + kVector);
  }
  HWY_ALIGN std::uint8_t octets[kMatrix ? 8 * kMostHalfInputs : 1];
  if constexpr (kMatrix) {
    to_octets(bytes, inputs, octets);
    bytes = octets;
  }
  std::size_t unit = 0;
  for (; units - unit >= 8; unit += 8)
    half_layer_block<kMatrix, 2>(layer, bytes, scales, offset_weight, inputs, unit, start, floats,
                                 halves);
  if (unit < units)
    half_layer_block<kMatrix, 1>(layer, bytes, scales, offset_weight, inputs, unit, start, floats,
                                 halves);
}

// y = sigmoid(x) [units, lanes] as integers [units / 4, lanes, 4]: 255 y - 128.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_sigmoid_bytes(std::size_t units,
                                                             const std::uint16_t* x,
                                                             std::uint8_t* bytes) {
  constexpr std::uint16_t kSteps = 0x5BF8;  // 255
  constexpr std::uint16_t kZero =
      0x6580;  // 1408 = 1024 + 512 - 128: the integer is its lowest byte
  for (std::size_t unit = 0; unit < units; unit += 4) {
    Half y[4];
    load_halves(x + unit * kHalfLanes, y);
    half_sigmoid(y);
    AUGUR_UNROLL
    for (Half& value : y)
      value = half_mul_add(value, half_set(kSteps), half_set(kZero));
    const Half first = vsliq_n_u16(y[0], y[1], 8);
    const Half second = vsliq_n_u16(y[2], y[3], 8);
    vst1q_u8(bytes + unit * kHalfLanes, vreinterpretq_u8_u16(vzip1q_u16(first, second)));
    vst1q_u8(bytes + unit * kHalfLanes + 16, vreinterpretq_u8_u16(vzip2q_u16(first, second)));
  }
}

// y = sigmoid(x) as floats. x may lie in the second half of y's memory.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_sigmoid_floats(std::size_t units,
                                                              const std::uint16_t* x, float* y) {
  for (std::size_t unit = 0; unit < units; unit += 4) {
    Half values[4];
    load_halves(x + unit * kHalfLanes, values);
    half_sigmoid(values);
    AUGUR_UNROLL
    for (std::size_t i = 0; i < 4; ++i) {
      const float16x8_t value = vreinterpretq_f16_u16(values[i]);
      vst1q_f32(y + (unit + i) * kHalfLanes, vcvt_f32_f16(vget_low_f16(value)));
      vst1q_f32(y + (unit + i) * kHalfLanes + kVector, vcvt_high_f32_f16(value));
    }
  }
}

// A layer without its activation, to `floats` [units, lanes]; or its sigmoids: as integers to
// `to_bytes` or, if that is nullptr, to `floats`, whose memory is used in any case.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_layer(const IntegerLayer& layer,
                                                     const std::uint8_t* bytes,
                                                     const float* lane_scales, std::size_t inputs,
                                                     std::size_t units, const LaneStart& start,
                                                     bool sigmoid, float* floats,
                                                     std::uint8_t* to_bytes) {
  std::uint16_t* const halves =
      sigmoid ? reinterpret_cast<std::uint16_t*>(floats + units * kHalfLanes / 2) : nullptr;
  if (layer.path == IntegerPath::kMatrix) {
    half_layer_products<true>(layer, bytes, lane_scales, inputs, units, start, floats, halves);
  } else {
    half_layer_products<false>(layer, bytes, lane_scales, inputs, units, start, floats, halves);
  }
  if (!sigmoid) return;
  if (to_bytes != nullptr) return half_sigmoid_bytes(units, halves, to_bytes);
  half_sigmoid_floats(units, halves, floats);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_HALVES();

#endif  // HWY_ARCH_ARM_A64

#endif
