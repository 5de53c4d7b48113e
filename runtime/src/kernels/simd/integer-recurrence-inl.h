// The recurrence with int8 weights: as recurrence-inl.h and recurrence-rows-inl.h, with dot
// products of four integers at a time, and rough gates. The state itself is f32; its integer copy
// is what products read.
#if defined(AUGUR_SIMD_INTEGER_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#undef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/recurrence-inl.h"
#include "kernels/simd/rough-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The share of c in a step.
HWY_INLINE Vec rough_share(const Share& share, Vec u) {
  // p and q are of (p E + q) / E with E = 1 / u.
  return hn::MulAdd(share.q, u, share.p);
}

// ------------------------------------------------------------------------------------ lanes =
// candidates

struct IntegerLaneStep {
  const Cell* cell;
  const float* projection;
  const float* attention;     // nullptr: none
  float* h;                   // [hidden, lanes], in place
  const std::uint8_t* bytes;  // [hidden / 4, lanes, 4]
  std::uint8_t* next;         // the same, not `bytes`
  std::uint8_t* reset;        // reset before: r ∘ h
  float* update;              // reset before: u [hidden, lanes]
};

// Starts the sums of four units from `unit` on of kGroups gates.
template <std::size_t kGroups, std::size_t kVectors>
HWY_INLINE void integer_block(const IntegerProduct& product, const std::uint8_t* x,
                              std::size_t hidden, std::size_t unit,
                              Int (&sums)[4 * kGroups][kVectors]) {
  for (std::size_t m = 0; m < 4 * kGroups; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = hn::Set(I(), product.offsets[m / 4 * hidden + unit + m % 4]);
  }
  add_integer_products<4 * kGroups, kVectors>(product.lanes + unit * kGroups * hidden, x,
                                              hidden / 4, sums);
}

// A gate's value before its function.
HWY_INLINE Vec integer_gate(const IntegerProduct& product, std::size_t row, Int sum, Vec start) {
  const F f;
  return hn::MulAdd(hn::ConvertTo(f, sum), hn::Set(f, product.scales[row]), start);
}

template <std::size_t kVectors>
HWY_INLINE Vec lane_input(const IntegerLaneStep& step, std::size_t row, Vec attention) {
  const float* bias = step.cell->input_bias;
  return gate_input(step.projection + row, bias == nullptr ? nullptr : bias + row, attention);
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void integer_lanes_after(const IntegerLaneStep& step) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  Vec attention[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    attention[v] =
        step.attention == nullptr ? hn::Zero(f) : hn::LoadU(f, step.attention + v * kVector);
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Int sums[4 * kGates][kVectors];
    integer_block<kGates, kVectors>(cell.integer_gates, step.bytes, hidden, unit, sums);
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t reset = (kGates - 2) * hidden + unit + i;
      const std::size_t candidate = reset + hidden;
      for (std::size_t v = 0; v < kVectors; ++v) {
        const Vec a = attention[v];
        const Vec r =
            rough_sigmoid(integer_gate(cell.integer_gates, reset, sums[(kGates - 2) * 4 + i][v],
                                       lane_input<kVectors>(step, reset, a)));
        const Vec product =
            integer_gate(cell.integer_gates, candidate, sums[(kGates - 1) * 4 + i][v],
                         hn::Set(f, cell.candidate_bias[unit + i]));
        const Vec c = rough_tanh(hn::MulAdd(r, product, lane_input<kVectors>(step, candidate, a)));
        Vec share = a;
        if constexpr (kGates == 3) {
          const Vec u = rough_sigmoid(integer_gate(cell.integer_gates, unit + i, sums[i][v],
                                                   lane_input<kVectors>(step, unit + i, a)));
          share = rough_share(share_of(cell.share, a), u);
        }
        float* at = step.h + (unit + i) * kLanes + v * kVector;
        const Vec h = hn::Load(f, at);
        const Vec next = hn::MulAdd(share, hn::Sub(c, h), h);
        hn::Store(next, f, at);
        quad.add(i, v, integer_bits(next));
      }
    }
    quad.store(step.next + unit * kLanes);
  }
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void integer_lanes_before(const IntegerLaneStep& step) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  constexpr std::size_t kSummed = kGates - 1;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  Vec attention[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    attention[v] =
        step.attention == nullptr ? hn::Zero(f) : hn::LoadU(f, step.attention + v * kVector);
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Int sums[4 * kSummed][kVectors];
    integer_block<kSummed, kVectors>(cell.integer_gates, step.bytes, hidden, unit, sums);
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t reset = (kSummed - 1) * hidden + unit + i;
      for (std::size_t v = 0; v < kVectors; ++v) {
        const std::size_t at = (unit + i) * kLanes + v * kVector;
        const Vec r =
            rough_sigmoid(integer_gate(cell.integer_gates, reset, sums[(kSummed - 1) * 4 + i][v],
                                       lane_input<kVectors>(step, reset, attention[v])));
        quad.add(i, v, integer_bits(hn::Mul(r, hn::Load(f, step.h + at))));
        if constexpr (kGates == 3) {
          hn::Store(rough_sigmoid(integer_gate(cell.integer_gates, unit + i, sums[i][v],
                                               lane_input<kVectors>(step, unit + i, attention[v]))),
                    f, step.update + at);
        }
      }
    }
    quad.store(step.reset + unit * kLanes);
  }
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Int sums[4][kVectors];
    integer_block<1, kVectors>(cell.integer_candidate, step.reset, hidden, unit, sums);
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t v = 0; v < kVectors; ++v) {
        const std::size_t at = (unit + i) * kLanes + v * kVector;
        const Vec a = attention[v];
        const Vec c =
            rough_tanh(integer_gate(cell.integer_candidate, unit + i, sums[i][v],
                                    lane_input<kVectors>(step, kSummed * hidden + unit + i, a)));
        Vec share = a;
        if constexpr (kGates == 3)
          share = rough_share(share_of(cell.share, a), hn::Load(f, step.update + at));
        const Vec h = hn::Load(f, step.h + at);
        const Vec next = hn::MulAdd(share, hn::Sub(c, h), h);
        hn::Store(next, f, step.h + at);
        quad.add(i, v, integer_bits(next));
      }
    }
    quad.store(step.next + unit * kLanes);
  }
}

template <std::size_t kVectors>
HWY_NOINLINE void recur_integer_lanes(const Recurrence& run, std::size_t first) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t size = hidden * kLanes;
  float* states = run.states + first * hidden;
  IntegerLaneStep step = {};
  step.cell = &cell;
  step.projection = run.projections;
  step.attention = run.attention == nullptr ? nullptr : run.attention + first;
  step.h = run.scratch;
  step.update = step.h + size;
  std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(step.update + size);
  step.next = bytes + size;
  step.reset = step.next + size;
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    Quad<kVectors> quad;
    for (std::size_t i = 0; i < 4; ++i) {
      float* h = step.h + (unit + i) * kLanes;
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        h[lane] = states[lane * hidden + unit + i];
      for (std::size_t v = 0; v < kVectors; ++v)
        quad.add(i, v, integer_bits(hn::Load(f, h + v * kVector)));
    }
    quad.store(bytes + unit * kLanes);
  }
  const bool update_gate = cell.share != ShareRule::kAttention;
  const auto advance =
      cell.reset_before
          ? (update_gate ? integer_lanes_before<3, kVectors> : integer_lanes_before<2, kVectors>)
          : (update_gate ? integer_lanes_after<3, kVectors> : integer_lanes_after<2, kVectors>);
  for (std::size_t t = 0; t < run.steps; ++t) {
    step.bytes = bytes;
    advance(step);
    step.projection += cell.gate_rows();
    if (step.attention != nullptr) step.attention += run.attention_stride;
    std::uint8_t* const old = bytes;
    bytes = step.next;
    step.next = old;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (std::size_t k = 0; k < hidden; ++k)
      states[lane * hidden + k] = step.h[k * kLanes + lane];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
