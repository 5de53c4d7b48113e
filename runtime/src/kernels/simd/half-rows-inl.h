// The recurrence with int8 weights, gates in fp16 and lanes = hidden units; see
// half-recurrence-inl.h.
#if defined(AUGUR_SIMD_HALF_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_HALF_ROWS_INL_H
#undef AUGUR_SIMD_HALF_ROWS_INL_H
#else
#define AUGUR_SIMD_HALF_ROWS_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/half-recurrence-inl.h"
#include "kernels/simd/integer-rows-inl.h"

#if HWY_ARCH_ARM_A64

AUGUR_BEFORE_HALVES();
namespace augur {
namespace HWY_NAMESPACE {

// One step of one row. Buffers are padded, so that whole vectors may be written.
struct HalfRowStep {
  const Cell* cell;
  const float* projection;
  float attention;
  float* state;           // shifted [hidden]
  std::uint8_t* bytes;    // the state as integers
  std::uint8_t* reset;    // reset before: r ∘ h as integers
  std::int32_t* sums;     // [gate rows]
  std::uint16_t* update;  // reset before: u [hidden]
};

// Eight units' inputs to a gate, as half_input() computes them.
HWY_INLINE Half half_row_input(const IntegerProduct& product, std::size_t at,
                               const std::int32_t* sums, const float* input) {
  float32x4_t x[2];
  for (std::size_t v = 0; v < 2; ++v) {
    const std::size_t k = v * kVector;
    const float32x4_t scales = vld1q_f32(product.scales + at + k);
    const int32x4_t sum = vaddq_s32(vld1q_s32(sums + at + k), vdupq_n_s32(kSumBits));
    x[v] = vfmaq_f32(sum_start(input + k, scales), vreinterpretq_f32_s32(sum), scales);
  }
  return half_of(x[0], x[1]);
}

// The lowest bytes of eight numbers.
HWY_INLINE void store_low_bytes(Int low, Int high, std::uint8_t* to) {
  const uint16x8_t pairs =
      vuzp1q_u16(vreinterpretq_u16_s32(low.raw), vreinterpretq_u16_s32(high.raw));
  vst1_u8(to, vmovn_u16(pairs));
}

HWY_INLINE void half_row_advance(const HalfRowStep& step, const Share& widened, std::size_t j,
                                 Half u, Half c) {
  const F f;
  Half one_plus_tanh[2] = {c, c};
  half_one_plus_tanh(one_plus_tanh);
  c = one_plus_tanh[0];
  const Vec attention = hn::Set(f, step.attention);
  Int bits[2];
  for (std::size_t v = 0; v < 2; ++v) {
    const Vec update(v == 0 ? widened_low(u) : widened_high(u));
    const Vec share =
        step.cell->has_update() ? hn::MulAdd(widened.q, update, widened.p) : attention;
    float* at = step.state + j + v * kVector;
    const Vec next =
        shifted_next(hn::LoadU(f, at), share, Vec(v == 0 ? widened_low(c) : widened_high(c)));
    hn::StoreU(next, f, at);
    bits[v] = shifted_bits(next);
  }
  store_low_bytes(bits[0], bits[1], step.bytes + j);
}

HWY_MAYBE_UNUSED static HWY_NOINLINE void half_row_step(const HalfRowStep& step) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = (gate_count(cell.share) - 2) * hidden;
  const std::size_t candidate = reset + hidden;
  const IntegerProduct& gates = cell.integer_gates;
  const Share widened = widened_share(cell.share, hn::Set(f, step.attention));
  const auto input_at = [&](std::size_t at) HWY_ATTR {
    return half_row_input(gates, at, step.sums, step.projection + at);
  };
  integer_row(gates, step.bytes, hidden, cell.resets_before() ? candidate : cell.gate_rows(),
              step.sums);
  if (!cell.resets_before()) {
    for (std::size_t j = 0; j < hidden; j += kHalfLanes) {
      const std::size_t at = candidate + j;
      Half gate[2] = {input_at(reset + j), input_at(j)};
      half_sigmoid(gate);
      const Half product = half_row_input(gates, at, step.sums, cell.state_bias + j);
      const Half input =
          half_of(vld1q_f32(step.projection + at), vld1q_f32(step.projection + at + kVector));
      half_row_advance(step, widened, j, gate[1], half_mul_add(gate[0], product, input));
    }
    return;
  }
  for (std::size_t j = 0; j < hidden; j += kHalfLanes) {
    Half gate[2] = {input_at(reset + j), input_at(j)};
    half_sigmoid(gate);
    store_low_bytes(reset_bits(hn::LoadU(f, step.state + j), Vec(widened_low(gate[0]))),
                    reset_bits(hn::LoadU(f, step.state + j + kVector), Vec(widened_high(gate[0]))),
                    step.reset + j);
    vst1q_u16(step.update + j, gate[1]);
  }
  integer_row(cell.integer_state, step.reset, hidden, hidden, step.sums);
  for (std::size_t j = 0; j < hidden; j += kHalfLanes) {
    const std::size_t at = candidate + j;
    half_row_advance(step, widened, j, vld1q_u16(step.update + j),
                     half_row_input(cell.integer_state, j, step.sums, step.projection + at));
  }
}

inline constexpr std::size_t kMostHalfRows = 4;

// Runs up to kMostHalfRows rows, each step for all of them before the next step, so that the rows'
// chains of dependent instructions overlap.
HWY_MAYBE_UNUSED static HWY_NOINLINE void run_half_rows(const Recurrence& run, std::size_t first,
                                                        std::size_t rows) {
  const F f;
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t padded = padded_units(hidden);
  const std::size_t between = half_steps(run);
  HalfRowStep steps[kMostHalfRows] = {};
  float* memory = run.scratch;
  for (std::size_t row = 0; row < rows; ++row) {
    HalfRowStep& step = steps[row];
    step.cell = &cell;
    step.projection = run.projections;
    step.state = memory;
    step.update = reinterpret_cast<std::uint16_t*>(step.state + padded);
    step.sums = reinterpret_cast<std::int32_t*>(step.state + 2 * padded);
    memory = step.state + 2 * padded + padded_units(cell.gate_rows()) + kMaxVector;
    step.bytes = reinterpret_cast<std::uint8_t*>(memory);
    step.reset = step.bytes + 2 * padded;
    memory += padded;
  }
  const auto shift = [&](std::size_t row) HWY_ATTR {
    const float* h = run.states + (first + row) * hidden;
    const HalfRowStep& step = steps[row];
    for (std::size_t j = 0; j < hidden; j += kHalfLanes) {
      const Vec low = shifted_state(hn::LoadU(f, h + j));
      const Vec high = shifted_state(hn::LoadU(f, h + j + kVector));
      hn::StoreU(low, f, step.state + j);
      hn::StoreU(high, f, step.state + j + kVector);
      store_low_bytes(shifted_bits(low), shifted_bits(high), step.bytes + j);
    }
  };
  const auto shift_back = [&](std::size_t row) HWY_ATTR {
    float* h = run.states + (first + row) * hidden;
    for (std::size_t j = 0; j < hidden; j += kVector)  // a multiple of a vector
      hn::StoreU(plain_state(hn::LoadU(f, steps[row].state + j)), f, h + j);
  };
  const float* attention = run.attention == nullptr ? nullptr : run.attention + first;
  for (std::size_t t = 0; t < run.steps; ++t) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (t % between == 0) shift(row);
      if (attention != nullptr) steps[row].attention = attention[row];
      half_row_step(steps[row]);
      steps[row].projection += cell.gate_rows();
      if ((t + 1) % between == 0) shift_back(row);
    }
    if (attention != nullptr) attention += run.attention_stride;
    if (run.history != nullptr)
      std::memcpy(run.history + t * hidden, run.states, hidden * sizeof(float));
  }
}

HWY_MAYBE_UNUSED static HWY_NOINLINE void recur_halves(const Recurrence& run) {
  const std::size_t between = half_steps(run);
  std::size_t first = 0;
  for (; run.rows - first >= kHalfLanes; first += kHalfLanes) {
    for (std::size_t t = 0; t < run.steps; t += between)
      run_half_lanes(run, first, t, between);
  }
  for (; first < run.rows; first += kMostHalfRows) {
    const std::size_t left = run.rows - first;
    run_half_rows(run, first, left < kMostHalfRows ? left : kMostHalfRows);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_HALVES();

#endif  // HWY_ARCH_ARM_A64

#endif
