// The recurrence in vectors; kernels/recurrence.h says what is computed.
//
// Full blocks of candidates run with lanes = candidates. The state is kept transposed: [hidden,
// lanes]. The gates of some units are computed right after their products. All steps of one block
// follow each other, so that its state stays in the first-level cache. The remaining candidates,
// and the user alone, run with lanes = hidden units (recurrence-rows-inl.h).
#if defined(AUGUR_SIMD_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_RECURRENCE_INL_H
#undef AUGUR_SIMD_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_RECURRENCE_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/gates-inl.h"
#include "kernels/simd/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The inputs and the buffers of one step of one block.
struct LaneStep {
  const Cell* cell;
  const float* projection;
  const float* attention;  // nullptr: none
  const float* h;          // [hidden, lanes]
  float* next;             // [hidden, lanes], in other memory than h
  float* reset;            // reset before: r ∘ h [hidden, lanes]
  float* update;           // reset before: the input of u [hidden, lanes]
};

// The inputs of units unit ... unit + kUnits - 1 to gates first ... first + kGates - 1.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void load_inputs(const LaneStep& step, const LaneAttention<kVectors>& attention,
                            std::size_t first, std::size_t unit,
                            Vec (&inputs)[kGates * kUnits][kVectors]) {
  const std::size_t hidden = step.cell->hidden;
  const float* bias = step.cell->bias_of_input();
  for (std::size_t m = 0; m < kGates * kUnits; ++m) {
    const std::size_t row = (first + m / kUnits) * hidden + unit + m % kUnits;
    for (std::size_t v = 0; v < kVectors; ++v) {
      inputs[m][v] = gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row,
                                attention.values[v]);
    }
  }
}

template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void store_lanes(const Vec (&x)[kUnits][kVectors], float* to) {
  for (std::size_t m = 0; m < kUnits; ++m)
    store(x[m], to + m * kVectors * kVector);
}

// How many vectors of a block go through the gates together.
template <std::size_t kUnits, std::size_t kVectors>
inline constexpr std::size_t kChains = kUnits* kVectors < kTogether ? kUnits* kVectors : kTogether;

// A separate function, not inlined: otherwise GCC 12 on ARM would hold the gates' constants in
// registers during the products' loop, and the sums in memory.
#if HWY_COMPILER_GCC_ACTUAL && HWY_ARCH_ARM_A64
#define AUGUR_AFTER_PRODUCTS HWY_NOINLINE
#else
#define AUGUR_AFTER_PRODUCTS HWY_INLINE
#endif

// Reset after: the new state of units unit ... unit + kUnits - 1. `sums` holds the sums of the
// gates. The reset gate does not scale the input to the candidate state, which is no part of them.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
AUGUR_AFTER_PRODUCTS void step_after_state(const LaneStep& step,
                                           const LaneAttention<kVectors>& attention,
                                           std::size_t unit, const float* sums) {
  const F f;
  constexpr std::size_t kLanes = kUnits * kVectors * kVector;  // of one gate
  constexpr std::size_t kNow = kChains<kUnits, kVectors>;
  const std::size_t row = (kGates - 1) * step.cell->hidden + unit;  // of the candidate state
  const float* bias = step.cell->bias_of_input();
  for (std::size_t lane = 0; lane < kLanes; lane += kNow * kVector) {
    const std::size_t at = unit * kVectors * kVector + lane;
    Vec r[kNow];
    Vec c[kNow];
    Vec update[kNow];
    Vec h[kNow];
    load(sums + (kGates - 2) * kLanes + lane, r);
    sigmoid(r);
    for (std::size_t n = 0; n < kNow; ++n) {
      const std::size_t vector = lane / kVector + n;
      const std::size_t of = row + vector / kVectors;
      const Vec input = gate_input(step.projection + of, bias == nullptr ? nullptr : bias + of,
                                   attention.values[vector % kVectors]);
      c[n] = hn::MulAdd(r[n], hn::Load(f, sums + (kGates - 1) * kLanes + vector * kVector), input);
    }
    if constexpr (kGates == 3) load(sums + lane, update);
    load(step.h + at, h);
    advance<kGates == 3>(attention.shares, update, c, h);
    store(h, step.next + at);
  }
}

#undef AUGUR_AFTER_PRODUCTS

// Reset after: a step of units unit ... unit + kUnits - 1.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_after(const LaneStep& step, const LaneAttention<kVectors>& attention,
                           std::size_t unit) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  constexpr std::size_t kLanes = kUnits * kVectors * kVector;  // of one gate
  HWY_ALIGN float sums[kGates * kLanes];
  {
    Vec summed[kGates * kUnits][kVectors];
    Vec inputs[(kGates - 1) * kUnits][kVectors];
    load_inputs<kGates - 1, kUnits, kVectors>(step, attention, 0, unit, inputs);
    for (std::size_t m = 0; m < kGates * kUnits; ++m) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        summed[m][v] = m < (kGates - 1) * kUnits ? inputs[m][v]
                                                 : hn::Set(f, cell.state_bias[unit + m % kUnits]);
      }
    }
    add_products<kGates * kUnits, kVectors>(cell.gates.lanes + unit * kGates * hidden, step.h,
                                            hidden, summed);
    store_lanes<kGates * kUnits, kVectors>(summed, sums);
  }
  step_after_state<kGates, kUnits, kVectors>(step, attention, unit, sums);
}

// Reset before, first part: the gates u and r, then r ∘ h.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_before_gates(const LaneStep& step, const LaneAttention<kVectors>& attention,
                                  std::size_t unit) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  constexpr std::size_t kSummed = kGates - 1;
  constexpr std::size_t kLanes = kUnits * kVectors * kVector;
  HWY_ALIGN float sums[kSummed * kLanes];
  {
    Vec summed[kSummed * kUnits][kVectors];
    load_inputs<kSummed, kUnits, kVectors>(step, attention, 0, unit, summed);
    add_products<kSummed * kUnits, kVectors>(cell.gates.lanes + unit * kSummed * hidden, step.h,
                                             hidden, summed);
    store_lanes<kSummed * kUnits, kVectors>(summed, sums);
  }
  constexpr std::size_t kNow = kChains<kUnits, kVectors>;
  for (std::size_t lane = 0; lane < kLanes; lane += kNow * kVector) {
    const std::size_t at = unit * kVectors * kVector + lane;
    Vec r[kNow];
    load(sums + (kSummed - 1) * kLanes + lane, r);
    sigmoid(r);
    for (std::size_t n = 0; n < kNow; ++n)
      r[n] = hn::Mul(r[n], hn::Load(f, step.h + at + n * kVector));
    store(r, step.reset + at);
    if constexpr (kGates == 3) {
      Vec update[kNow];
      load(sums + lane, update);
      store(update, step.update + at);
    }
  }
}

// Reset before, second part: the candidate state c, then the new state.
template <std::size_t kGates, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void step_before_state(const LaneStep& step, const LaneAttention<kVectors>& attention,
                                  std::size_t unit) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  constexpr std::size_t kLanes = kUnits * kVectors * kVector;
  HWY_ALIGN float sums[kLanes];
  {
    Vec summed[kUnits][kVectors];
    load_inputs<1, kUnits, kVectors>(step, attention, kGates - 1, unit, summed);
    add_products<kUnits, kVectors>(cell.state_weights.lanes + unit * hidden, step.reset, hidden,
                                   summed);
    store_lanes<kUnits, kVectors>(summed, sums);
  }
  constexpr std::size_t kNow = kChains<kUnits, kVectors>;
  for (std::size_t lane = 0; lane < kLanes; lane += kNow * kVector) {
    const std::size_t at = unit * kVectors * kVector + lane;
    Vec c[kNow];
    Vec update[kNow];
    Vec h[kNow];
    load(sums + lane, c);
    if constexpr (kGates == 3) load(step.update + at, update);
    load(step.h + at, h);
    advance<kGates == 3>(attention.shares, update, c, h);
    store(h, step.next + at);
  }
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void step_lanes_after(const LaneStep& step) {
  const std::size_t hidden = step.cell->hidden;
  const LaneAttention<kVectors> attention(*step.cell, step.attention);
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
  const LaneAttention<kVectors> attention(*step.cell, step.attention);
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
  const bool update_gate = cell.has_update();
  const auto advance =
      cell.resets_before()
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
