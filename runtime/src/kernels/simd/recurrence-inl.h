// The recurrence in vectors; kernels/recurrence.h says what is computed.
//
// Full blocks of candidates run with lanes = candidates: the state is kept transposed, [hidden,
// lanes], a block's gates are worked on in the registers that its products were summed up in, and
// all steps of one block follow each other while its state lies in the first-level cache. The
// candidates that are left over, and the user alone, run with lanes = hidden units.
#if defined(AUGUR_SIMD_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_RECURRENCE_INL_H
#undef AUGUR_SIMD_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_RECURRENCE_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The share of c as (p E + q) / E with E = 1 + e^-u; without an update gate as q.
struct Share {
  Vec p;
  Vec q;
};

HWY_INLINE Share share_of(ShareRule rule, Vec attention) {
  const F f;
  const Vec zero = hn::Zero(f);
  switch (rule) {
    case ShareRule::kPlain:
      return {zero, hn::Set(f, 1.0f)};
    case ShareRule::kLift:
      return {attention, hn::Sub(hn::Set(f, 1.0f), attention)};
    case ShareRule::kScale:
    case ShareRule::kAttention:
      break;
  }
  return {zero, attention};
}

// 1 + e^-x
HWY_INLINE Vec one_plus_exp(Vec x) {
  return hn::Add(exp_bounded(x, -1.0f), hn::Set(F(), 1.0f));
}

// h + s (tanh(c) - h), with one division for s and tanh together.
template <bool kHasUpdate>
HWY_INLINE Vec next_state(const Share& share, Vec update, Vec c, Vec h) {
  const Vec one = hn::Set(F(), 1.0f);
  const Vec e = exp_bounded(c, 2.0f);
  const Vec e_plus = hn::Add(e, one);
  const Vec change = hn::NegMulAdd(h, e_plus, hn::Sub(e, one));  // (tanh(c) - h) (e^2c + 1)
  if constexpr (!kHasUpdate) {
    return hn::MulAdd(hn::Mul(share.q, change), reciprocal(e_plus), h);
  } else {
    const Vec numerator = hn::Mul(hn::MulAdd(share.p, update, share.q), change);
    return hn::MulAdd(numerator, reciprocal(hn::Mul(update, e_plus)), h);
  }
}

// The input to a gate's unit: projection, or attention * projection + bias.
HWY_INLINE Vec gate_input(const float* projection, const float* bias, Vec attention) {
  const F f;
  const Vec w = hn::Set(f, *projection);
  return bias == nullptr ? w : hn::MulAdd(attention, w, hn::Set(f, *bias));
}

// ------------------------------------------------------------------------------------ lanes =
// candidates

// What one step of one block needs.
struct LaneStep {
  const Cell* cell;
  const float* projection;
  const float* attention;  // nullptr: none
  const float* h;          // [hidden, lanes]
  float* next;             // [hidden, lanes], not h
  float* reset;            // reset before: r ∘ h [hidden, lanes]
  float* update;           // reset before: 1 + e^-u [hidden, lanes]
};

template <std::size_t kVectors>
HWY_INLINE void load_attention(const LaneStep& step, Vec (&attention)[kVectors]) {
  const F f;
  for (std::size_t v = 0; v < kVectors; ++v) {
    attention[v] =
        step.attention == nullptr ? hn::Zero(f) : hn::LoadU(f, step.attention + v * kVector);
  }
}

constexpr std::size_t lane_index(std::size_t unit, std::size_t kVectors, std::size_t v) {
  return (unit * kVectors + v) * kVector;
}

// Units unit ... unit + kUnits - 1 of a step with the reset after the product.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_after(const LaneStep& step, const Vec (&attention)[kVectors],
                           std::size_t unit) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  constexpr std::size_t kReset = kGates - 2;
  const float* bias = cell.input_bias;
  Vec sums[kGates * kUnits][kVectors];
  for (std::size_t i = 0; i < kUnits; ++i) {
    const std::size_t j = unit + i;
    for (std::size_t gate = 0; gate < kGates - 1; ++gate) {
      const std::size_t row = gate * hidden + j;
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[gate * kUnits + i][v] =
            gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row, attention[v]);
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[(kGates - 1) * kUnits + i][v] = hn::Set(f, cell.candidate_bias[j]);
  }
  add_products<kGates * kUnits, kVectors>(cell.gates.lanes + unit * kGates * hidden, step.h, hidden,
                                          sums);
  for (std::size_t i = 0; i < kUnits; ++i) {
    const std::size_t j = unit + i;
    const std::size_t row = (kGates - 1) * hidden + j;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Vec x =
          gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row, attention[v]);
      const Vec r = sigmoid(sums[kReset * kUnits + i][v]);
      const Vec c = hn::MulAdd(r, sums[(kGates - 1) * kUnits + i][v], x);
      const Vec update = kGates == 3 ? one_plus_exp(sums[i][v]) : c;
      const Vec h = hn::Load(f, step.h + lane_index(j, kVectors, v));
      hn::Store(next_state<kGates == 3>(share_of(cell.share, attention[v]), update, c, h), f,
                step.next + lane_index(j, kVectors, v));
    }
  }
}

// Reset before: u and r, then r ∘ h.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_before_gates(const LaneStep& step, const Vec (&attention)[kVectors],
                                  std::size_t unit) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  constexpr std::size_t kSummed = kGates - 1;
  const float* bias = cell.input_bias;
  Vec sums[kSummed * kUnits][kVectors];
  for (std::size_t i = 0; i < kUnits; ++i) {
    for (std::size_t gate = 0; gate < kSummed; ++gate) {
      const std::size_t row = gate * hidden + unit + i;
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[gate * kUnits + i][v] =
            gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row, attention[v]);
      }
    }
  }
  add_products<kSummed * kUnits, kVectors>(cell.gates.lanes + unit * kSummed * hidden, step.h,
                                           hidden, sums);
  for (std::size_t i = 0; i < kUnits; ++i) {
    const std::size_t j = unit + i;
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = lane_index(j, kVectors, v);
      const Vec r = sigmoid(sums[(kSummed - 1) * kUnits + i][v]);
      hn::Store(hn::Mul(r, hn::Load(f, step.h + at)), f, step.reset + at);
      if constexpr (kGates == 3) hn::Store(one_plus_exp(sums[i][v]), f, step.update + at);
    }
  }
}

// Reset before: c, then the new state.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_before_state(const LaneStep& step, const Vec (&attention)[kVectors],
                                  std::size_t unit) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const float* bias = cell.input_bias;
  Vec sums[kUnits][kVectors];
  for (std::size_t i = 0; i < kUnits; ++i) {
    const std::size_t row = (kGates - 1) * hidden + unit + i;
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[i][v] =
          gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row, attention[v]);
    }
  }
  add_products<kUnits, kVectors>(cell.candidate.lanes + unit * hidden, step.reset, hidden, sums);
  for (std::size_t i = 0; i < kUnits; ++i) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = lane_index(unit + i, kVectors, v);
      const Vec update = kGates == 3 ? hn::Load(f, step.update + at) : sums[i][v];
      hn::Store(next_state<kGates == 3>(share_of(cell.share, attention[v]), update, sums[i][v],
                                        hn::Load(f, step.h + at)),
                f, step.next + at);
    }
  }
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void step_lanes_after(const LaneStep& step) {
  const std::size_t hidden = step.cell->hidden;
  Vec attention[kVectors];
  load_attention<kVectors>(step, attention);
  std::size_t unit = 0;
  for (; hidden - unit >= 4; unit += 4)
    step_after<kGates, 4, kVectors>(step, attention, unit);
  for (; unit < hidden; ++unit)
    step_after<kGates, 1, kVectors>(step, attention, unit);
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void step_lanes_before(const LaneStep& step) {
  constexpr std::size_t kFirst = block_units(kGates - 1, 8);
  const std::size_t hidden = step.cell->hidden;
  Vec attention[kVectors];
  load_attention<kVectors>(step, attention);
  std::size_t unit = 0;
  for (; hidden - unit >= kFirst; unit += kFirst)
    step_before_gates<kGates, kFirst, kVectors>(step, attention, unit);
  if constexpr (kFirst == 8) {
    for (; hidden - unit >= 4; unit += 4)
      step_before_gates<kGates, 4, kVectors>(step, attention, unit);
  }
  for (; unit < hidden; ++unit)
    step_before_gates<kGates, 1, kVectors>(step, attention, unit);
  for (unit = 0; hidden - unit >= 8; unit += 8)
    step_before_state<kGates, 8, kVectors>(step, attention, unit);
  for (; hidden - unit >= 4; unit += 4)
    step_before_state<kGates, 4, kVectors>(step, attention, unit);
  for (; unit < hidden; ++unit)
    step_before_state<kGates, 1, kVectors>(step, attention, unit);
}

template <std::size_t kVectors>
HWY_NOINLINE void recur_lanes(const Recurrence& run, std::size_t first) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t size = hidden * kLanes;
  float* states = run.states + first * hidden;
  float* h = run.scratch;
  for (std::size_t k = 0; k < hidden; ++k) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      h[k * kLanes + lane] = states[lane * hidden + k];
  }
  LaneStep step = {
      &cell,       run.projections, run.attention == nullptr ? nullptr : run.attention + first,
      h,           h + size,        h + 2 * size,
      h + 3 * size};
  const bool update_gate = cell.share != ShareRule::kAttention;
  const auto advance =
      cell.reset_before
          ? (update_gate ? step_lanes_before<3, kVectors> : step_lanes_before<2, kVectors>)
          : (update_gate ? step_lanes_after<3, kVectors> : step_lanes_after<2, kVectors>);
  for (std::size_t t = 0; t < run.steps; ++t) {
    advance(step);
    step.projection += cell.gate_rows();
    if (step.attention != nullptr) step.attention += run.attention_stride;
    float* old = h;
    h = step.next;
    step.h = h;
    step.next = old;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (std::size_t k = 0; k < hidden; ++k)
      states[lane * hidden + k] = h[k * kLanes + lane];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
