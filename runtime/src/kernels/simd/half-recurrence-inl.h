// The recurrence with int8 weights, lanes = candidates, and gates in fp16 (half-gates-inl.h). It
// does what integer-recurrence-inl.h does. The state is f32, stored as 127 (1 + h): 1 + tanh is
// positive, and 127 h is what becomes an integer.
#if defined(AUGUR_SIMD_HALF_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_HALF_RECURRENCE_INL_H
#undef AUGUR_SIMD_HALF_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_HALF_RECURRENCE_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/gates-inl.h"
#include "kernels/simd/half-gates-inl.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/products-inl.h"

#if HWY_ARCH_ARM_A64

AUGUR_BEFORE_HALVES();
namespace augur {
namespace HWY_NAMESPACE {

inline constexpr float kStateSteps = 127.0f;

// 127 (1 + h) from h, and h from that.
HWY_INLINE Vec shifted_state(Vec h) {
  const Vec steps = hn::Set(F(), kStateSteps);
  return hn::MulAdd(h, steps, steps);
}
HWY_INLINE Vec plain_state(Vec shifted) {
  const F f;
  return hn::MulAdd(shifted, hn::Set(f, 1.0f / kStateSteps), hn::Set(f, -1.0f));
}

// The integer of a shifted state, in the lowest byte.
HWY_INLINE Int shifted_bits(Vec shifted) {
  return hn::BitCast(I(), hn::Add(shifted, hn::Set(F(), kToInteger - kStateSteps)));
}

// The integer of r h, for r widened.
HWY_INLINE Int reset_bits(Vec shifted, Vec r) {
  const F f;
  const Vec h = hn::Mul(hn::Sub(shifted, hn::Set(f, kStateSteps)), hn::Set(f, kWidening));
  return hn::BitCast(I(), hn::MulAdd(h, r, hn::Set(f, kToInteger)));
}

// A share as share_of() gives it, for an update gate that was widened.
HWY_INLINE Share widened_share(ShareRule rule, Vec attention) {
  const Share share = share_of(rule, attention);
  return {share.p, hn::Mul(share.q, hn::Set(F(), kWidening))};
}

// The new shifted state from the share s and from 1 + tanh, which was widened.
HWY_INLINE Vec shifted_next(Vec state, Vec share, Vec one_plus_tanh) {
  // h + s (c - h) = h - s (h - c)
  const Vec away = hn::NegMulAdd(one_plus_tanh, hn::Set(F(), kStateSteps * kWidening), state);
  return hn::NegMulAdd(share, away, state);
}

// The float that is added to a sum's product with `scales`, for an input to the gate.
HWY_INLINE float32x4_t sum_start(const float* input, float32x4_t scales) {
  return vfmsq_f32(vld1q_f32(input), vdupq_n_f32(kSumShift), scales);
}

// The shares of a block's candidates. A cell without an update gate has p alone.
struct HalfShares {
  Share of[2];

  HWY_INLINE HalfShares(const Cell& cell, const float* attention) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < 2; ++v) {
      const Vec value =
          attention == nullptr ? hn::Zero(F()) : hn::LoadU(F(), attention + v * kVector);
      of[v] = cell.has_update() ? widened_share(cell.share, value) : Share{value, hn::Zero(F())};
    }
  }
};

// One step of one block of candidates.
struct HalfLaneStep {
  const Cell* cell;
  const float* projection;
  const float* attention;     // nullptr: none
  float* state;               // shifted [hidden, lanes], in place
  const std::uint8_t* bytes;  // the state as integers
  std::uint8_t* next;         // the new state as integers, in other memory than `bytes`
  std::uint8_t* reset;        // reset before: r ∘ h as integers
  std::uint16_t* gates;       // [gate rows, lanes]: the gates' inputs, then u and r
  std::uint16_t* input;       // reset after: the projection's part of the candidate state [hidden]
};

// A unit's two sums, as an input to a gate: start + scale * sum. kUnit is its place in the vectors.
template <int kUnit>
HWY_INLINE Half half_input(const Int (&sums)[2], float32x4_t scales, float32x4_t start) {
  const float32x4_t first = vdupq_laneq_f32(start, kUnit);
  return half_of(vfmaq_laneq_f32(first, vreinterpretq_f32_s32(sums[0].raw), scales, kUnit),
                 vfmaq_laneq_f32(first, vreinterpretq_f32_s32(sums[1].raw), scales, kUnit));
}

// Writes the inputs of four units to a gate: the sums of the product's rows from `row` on, and
// `input`.
HWY_INLINE void store_inputs(const IntegerProduct& product, std::size_t row, const Int (*sums)[2],
                             const float* input, std::uint16_t* out) {
  const float32x4_t scales = vld1q_f32(product.scales + row);
  const float32x4_t start = sum_start(input, scales);
  vst1q_u16(out, half_input<0>(sums[0], scales, start));
  vst1q_u16(out + kHalfLanes, half_input<1>(sums[1], scales, start));
  vst1q_u16(out + 2 * kHalfLanes, half_input<2>(sums[2], scales, start));
  vst1q_u16(out + 3 * kHalfLanes, half_input<3>(sums[3], scales, start));
}

// Computes the inputs to kGroups gates, from the product and from inputs[group][unit], into
// step.gates from row `first` on.
template <bool kMatrix, std::size_t kGroups>
HWY_NOINLINE void half_products_of(const HalfLaneStep& step, const IntegerProduct& product,
                                   const std::uint8_t* x, std::size_t first,
                                   const float* const* inputs) {
  const std::size_t hidden = step.cell->hidden;
  constexpr IntegerPath kPath = kMatrix ? IntegerPath::kMatrix : IntegerPath::kHalf;
  constexpr std::size_t together = integers_together(kPath);
  const std::size_t padded = padded_inputs(kPath, hidden);
  HWY_ALIGN std::uint8_t octets[kMatrix ? 8 * kMostHalfInputs : 1];
  if constexpr (kMatrix) {
    to_octets(x, hidden, octets);
    x = octets;
  }
  std::uint16_t* const out = step.gates + first * kHalfLanes;
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Int sums[4 * kGroups][2];
    half_sums<kMatrix, kGroups>(product.lanes + unit * kGroups * padded, 4 * together,
                                4 * together * kGroups, x, hidden, sums);
    AUGUR_UNROLL
    for (std::size_t group = 0; group < kGroups; ++group) {
      store_inputs(product, group * hidden + unit, sums + 4 * group, inputs[group] + unit,
                   out + (group * hidden + unit) * kHalfLanes);
    }
  }
}

template <std::size_t kGroups>
HWY_INLINE void half_products(const HalfLaneStep& step, const IntegerProduct& product,
                              const std::uint8_t* x, std::size_t first,
                              const float* const (&inputs)[kGroups]) {
  if (step.cell->integers == IntegerPath::kMatrix) {
    half_products_of<true, kGroups>(step, product, x, first, inputs);
  } else {
    half_products_of<false, kGroups>(step, product, x, first, inputs);
  }
}

// Writes four units' new states, as floats and as integers. Without an update gate, u may be any
// gate.
HWY_INLINE void half_advance(const HalfShares& shares, const Half (&u)[4], const Half (&c)[4],
                             float* state, std::uint8_t* bytes) {
  const F f;
  Quad<2> quad;
  AUGUR_UNROLL
  for (std::size_t i = 0; i < 4; ++i) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < 2; ++v) {
      const Vec update(v == 0 ? widened_low(u[i]) : widened_high(u[i]));
      const Vec share = hn::MulAdd(shares.of[v].q, update, shares.of[v].p);
      float* at = state + i * kHalfLanes + v * kVector;
      const Vec next = shifted_next(hn::Load(f, at), share,
                                    Vec(v == 0 ? widened_low(c[i]) : widened_high(c[i])));
      hn::Store(next, f, at);
      quad.add(i, v, shifted_bits(next));
    }
  }
  quad.store(bytes);
}

// Products, sigmoids and what follows them are separate functions, so that tables and constants
// stay in registers from unit to unit.

// x = sigmoid(x) for `units` (a multiple of four) vectors.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_sigmoids(std::size_t units, std::uint16_t* x) {
  for (const std::uint16_t* const end = x + units * kHalfLanes; x != end; x += 4 * kHalfLanes) {
    Half values[4];
    load_halves(x, values);
    half_sigmoid(values);
    AUGUR_UNROLL
    for (std::size_t i = 0; i < 4; ++i)
      vst1q_u16(x + i * kHalfLanes, values[i]);
  }
}

// The candidate states, as 1 + tanh of their inputs. Reset after: an input is made of the product,
// which r scales, and of the projection.
template <bool kResetAfter>
HWY_NOINLINE void half_candidate_states(const HalfLaneStep& step) {
  const std::size_t hidden = step.cell->hidden;
  std::uint16_t* c = step.gates + (step.cell->gate_rows() - hidden) * kHalfLanes;
  const std::uint16_t* r = c - hidden * kHalfLanes;
  const std::uint16_t* const end = c + hidden * kHalfLanes;
  for (const std::uint16_t* input = step.input; c != end; input += 4) {
    Half values[4];
    load_halves(c, values);
    if constexpr (kResetAfter) {
      AUGUR_UNROLL
      for (std::size_t i = 0; i < 4; ++i)
        values[i] =
            half_mul_add(vld1q_u16(r + i * kHalfLanes), values[i], vld1q_dup_u16(input + i));
    }
    half_one_plus_tanh(values);
    AUGUR_UNROLL
    for (std::size_t i = 0; i < 4; ++i)
      vst1q_u16(c + i * kHalfLanes, values[i]);
    c += 4 * kHalfLanes;
    r += 4 * kHalfLanes;
  }
}

// The new states, from the update gates and the candidate states.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_states(const HalfLaneStep& step) {
  const std::size_t hidden = step.cell->hidden;
  const HalfShares shares(*step.cell, step.attention);
  const std::uint16_t* gates = step.gates;
  const std::size_t candidate = (step.cell->gate_rows() - hidden) * kHalfLanes;
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Half c[4];
    Half u[4];
    load_halves(gates + candidate, c);
    load_halves(gates, u);
    half_advance(shares, u, c, step.state + unit * kHalfLanes, step.next + unit * kHalfLanes);
    gates += 4 * kHalfLanes;
  }
}

HWY_MAYBE_UNUSED static HWY_NOINLINE void half_lanes_after(const HalfLaneStep& step) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const float* const first = step.projection;
  const float* input = first + hidden;
  if (cell.has_update()) {
    half_products<3>(step, cell.integer_gates, step.bytes, 0, {first, input, cell.state_bias});
    input += hidden;
  } else {
    half_products<2>(step, cell.integer_gates, step.bytes, 0, {first, cell.state_bias});
  }
  for (std::size_t unit = 0; unit < hidden; unit += 4)
    vst1_u16(step.input + unit, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(input + unit))));
  half_sigmoids(cell.gate_rows() - hidden, step.gates);
  half_candidate_states<true>(step);
  half_states(step);
}

// Reset before: r ∘ h as integers.
HWY_MAYBE_UNUSED static HWY_NOINLINE void half_reset(const HalfLaneStep& step,
                                                     const std::uint16_t* r) {
  const F f;
  const float* state = step.state;
  for (std::size_t unit = 0; unit < step.cell->hidden; unit += 4) {
    Quad<2> quad;
    AUGUR_UNROLL
    for (std::size_t i = 0; i < 4; ++i) {
      const Half gate = vld1q_u16(r + i * kHalfLanes);
      quad.add(i, 0, reset_bits(hn::Load(f, state + i * kHalfLanes), Vec(widened_low(gate))));
      quad.add(i, 1,
               reset_bits(hn::Load(f, state + i * kHalfLanes + kVector), Vec(widened_high(gate))));
    }
    quad.store(step.reset + unit * kHalfLanes);
    r += 4 * kHalfLanes;
    state += 4 * kHalfLanes;
  }
}

HWY_MAYBE_UNUSED static HWY_NOINLINE void half_lanes_before(const HalfLaneStep& step) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t candidate = cell.gate_rows() - hidden;
  const float* const first = step.projection;
  if (cell.has_update()) {
    half_products<2>(step, cell.integer_gates, step.bytes, 0, {first, first + hidden});
  } else {
    half_products<1>(step, cell.integer_gates, step.bytes, 0, {first});
  }
  half_sigmoids(candidate, step.gates);
  half_reset(step, step.gates + (candidate - hidden) * kHalfLanes);
  half_products<1>(step, cell.integer_state, step.reset, candidate, {first + candidate});
  half_candidate_states<false>(step);
  half_states(step);
}

// Runs `steps` steps of a block.
HWY_MAYBE_UNUSED static HWY_NOINLINE void run_half_lanes(const Recurrence& run, std::size_t first,
                                                         std::size_t t, std::size_t steps) {
  const F f;
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t size = hidden * kHalfLanes;
  float* states = run.states + first * hidden;
  HalfLaneStep step = {};
  step.cell = &cell;
  step.projection = run.projections + t * cell.gate_rows();
  step.attention =
      run.attention == nullptr ? nullptr : run.attention + t * run.attention_stride + first;
  step.state = run.scratch;
  step.gates = reinterpret_cast<std::uint16_t*>(step.state + size);
  step.input = step.gates + cell.gate_rows() * kHalfLanes;
  std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(step.state + 4 * size);
  step.next = bytes + size;
  step.reset = step.next + size;
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Quad<2> quad;
    AUGUR_UNROLL
    for (std::size_t i = 0; i < 4; ++i) {
      float* state = step.state + (unit + i) * kHalfLanes;
      for (std::size_t lane = 0; lane < kHalfLanes; ++lane)
        state[lane] = states[lane * hidden + unit + i];
      AUGUR_UNROLL
      for (std::size_t v = 0; v < 2; ++v) {
        const Vec shifted = shifted_state(hn::Load(f, state + v * kVector));
        hn::Store(shifted, f, state + v * kVector);
        quad.add(i, v, shifted_bits(shifted));
      }
    }
    quad.store(bytes + unit * kHalfLanes);
  }
  const auto advance = cell.resets_before() ? half_lanes_before : half_lanes_after;
  for (; steps > 0; --steps) {
    step.bytes = bytes;
    advance(step);
    step.projection += cell.gate_rows();
    if (step.attention != nullptr) step.attention += run.attention_stride;
    std::uint8_t* const old = bytes;
    bytes = step.next;
    step.next = old;
  }
  for (std::size_t k = 0; k < size; k += kVector)
    hn::Store(plain_state(hn::Load(f, step.state + k)), f, step.state + k);
  for (std::size_t lane = 0; lane < kHalfLanes; ++lane) {
    for (std::size_t k = 0; k < hidden; ++k)
      states[lane * hidden + k] = step.state[k * kHalfLanes + lane];
  }
}

// How many steps run between two conversions of the state. A cell without attention runs over the
// user's history, in one call or in several. These must give the same bits, so its state is
// converted in every step.
HWY_INLINE std::size_t half_steps(const Recurrence& run) {
  return run.attention == nullptr || run.history != nullptr ? 1 : run.steps;
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_HALVES();

#endif  // HWY_ARCH_ARM_A64

#endif
