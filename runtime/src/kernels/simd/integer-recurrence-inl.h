// The recurrence with int8 weights and lanes = candidates. It does what recurrence-inl.h does, but
// with dot products of four integers at a time, and with gates that are accurate to 1e-3
// (rough-inl.h). The state itself is f32; products read a copy of it in integers.
#if defined(AUGUR_SIMD_INTEGER_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#undef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/gates-inl.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/rough-inl.h"

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

// The share of the candidate state c in the new state, from u itself.
HWY_INLINE Vec rough_share(const Share& share, Vec u) {
  // The share is (p E + q) / E (gates-inl.h). With E = 1 / u that is p + q u.
  return hn::MulAdd(share.q, u, share.p);
}

// One step of one block of candidates.

struct IntegerLaneStep {
  const Cell* cell;
  const float* projection;
  const float* attention;     // nullptr: none
  float* h;                   // [hidden, lanes], in place
  const std::uint8_t* bytes;  // h as integers [hidden / 4, lanes, 4]
  std::uint8_t* next;         // the new h as integers, in other memory than `bytes`
  std::uint8_t* reset;        // reset before: r ∘ h as integers
  float* update;              // reset before: u [hidden, lanes]
};

// Four units of a gate, kVectors vectors of candidates each: [unit][vector].
template <std::size_t kVectors>
using Four = Vec[4 * kVectors];

// out [group][unit][vector] = the sums of four units from `unit` on, for kGroups gates. The part
// that comes from the inputs' zero point is removed. The sums go to memory before the gates are
// computed, so that the gates' tables take no registers away from this loop.
template <std::size_t kGroups, std::size_t kVectors>
HWY_INLINE void integer_block(const IntegerProduct& product, const std::uint8_t* x,
                              std::size_t hidden, std::size_t unit, std::int32_t* out) {
  const I i32;
  Int sums[4 * kGroups][kVectors];
  for (std::size_t m = 0; m < 4 * kGroups; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = first_sum(product.offsets[m / 4 * hidden + unit + m % 4]);
  }
  add_integer_products<4 * kGroups, kVectors>(product.lanes + unit * kGroups * hidden, x,
                                              hidden / 4, sums);
  for (std::size_t m = 0; m < 4 * kGroups; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::Store(sums[m][v], i32, out + (m * kVectors + v) * kVector);
  }
}

// The inputs to a gate's four units, rows row ... row + 3 of the projection.
template <std::size_t kVectors>
HWY_INLINE void integer_inputs(const IntegerLaneStep& step,
                               const LaneAttention<kVectors>& attention, std::size_t row,
                               Four<kVectors>& inputs) {
  const float* bias = step.cell->bias_of_input();
  for (std::size_t n = 0; n < 4 * kVectors; ++n) {
    const std::size_t at = row + n / kVectors;
    inputs[n] = gate_input(step.projection + at, bias == nullptr ? nullptr : bias + at,
                           attention.values[n % kVectors]);
  }
}

// values += four units' sums as floats; `row` is the first of them among the product's outputs.
template <std::size_t kVectors>
HWY_INLINE void add_integer_sums(const IntegerProduct& product, std::size_t row,
                                 const std::int32_t* sums, Four<kVectors>& values) {
  const F f;
  for (std::size_t n = 0; n < 4 * kVectors; ++n) {
    values[n] = hn::MulAdd(hn::ConvertTo(f, hn::Load(I(), sums + n * kVector)),
                           hn::Set(f, product.scales[row + n / kVectors]), values[n]);
  }
}

// The reset gate r or the update gate u of four units.
template <std::size_t kVectors>
HWY_INLINE void integer_sigmoid(const IntegerLaneStep& step,
                                const LaneAttention<kVectors>& attention, std::size_t row,
                                const std::int32_t* sums, Four<kVectors>& gate) {
  integer_inputs<kVectors>(step, attention, row, gate);
  add_integer_sums<kVectors>(step.cell->integer_gates, row, sums, gate);
  rough_sigmoid(gate);
}

// Writes four units' new states h + share (c - h), as floats and as integers. u is read only if the
// cell has an update gate.
template <bool kHasUpdate, std::size_t kVectors>
HWY_INLINE void integer_advance(const IntegerLaneStep& step,
                                const LaneAttention<kVectors>& attention, std::size_t unit,
                                const Four<kVectors>& u, const Four<kVectors>& c) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  Quad<kVectors> quad;
  for (std::size_t n = 0; n < 4 * kVectors; ++n) {
    const std::size_t v = n % kVectors;
    const Vec share = kHasUpdate ? rough_share(attention.shares[v], u[n]) : attention.values[v];
    float* at = step.h + unit * kLanes + n * kVector;
    const Vec h = hn::Load(f, at);
    const Vec next = hn::MulAdd(share, hn::Sub(c[n], h), h);
    hn::Store(next, f, at);
    quad.add(n / kVectors, v, integer_bits(next));
  }
  quad.store(step.next + unit * kLanes);
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void integer_lanes_after(const IntegerLaneStep& step) {
  const F f;
  const Cell& cell = *step.cell;
  constexpr std::size_t kFour = 4 * kVectors * kVector;
  const IntegerProduct& gates = cell.integer_gates;
  const std::size_t hidden = cell.hidden;
  const LaneAttention<kVectors> attention(*step.cell, step.attention);
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    const std::size_t reset = (kGates - 2) * hidden + unit;
    const std::size_t candidate = reset + hidden;
    HWY_ALIGN std::int32_t sums[kGates * kFour];
    integer_block<kGates, kVectors>(gates, step.bytes, hidden, unit, sums);
    Four<kVectors> r;
    integer_sigmoid<kVectors>(step, attention, reset, sums + (kGates - 2) * kFour, r);
    Four<kVectors> product;
    for (std::size_t n = 0; n < 4 * kVectors; ++n)
      product[n] = hn::Set(f, cell.state_bias[unit + n / kVectors]);
    add_integer_sums<kVectors>(gates, candidate, sums + (kGates - 1) * kFour, product);
    Four<kVectors> c;
    integer_inputs<kVectors>(step, attention, candidate, c);
    for (std::size_t n = 0; n < 4 * kVectors; ++n)
      c[n] = hn::MulAdd(r[n], product[n], c[n]);
    rough_tanh(c);
    Four<kVectors> u;
    if constexpr (kGates == 3) integer_sigmoid<kVectors>(step, attention, unit, sums, u);
    integer_advance<kGates == 3, kVectors>(step, attention, unit, u, c);
  }
}

template <std::size_t kGates, std::size_t kVectors>
HWY_NOINLINE void integer_lanes_before(const IntegerLaneStep& step) {
  constexpr std::size_t kLanes = kVectors * kVector;
  constexpr std::size_t kSummed = kGates - 1;
  constexpr std::size_t kFour = 4 * kLanes;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const LaneAttention<kVectors> attention(*step.cell, step.attention);
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    HWY_ALIGN std::int32_t sums[kSummed * kFour];
    integer_block<kSummed, kVectors>(cell.integer_gates, step.bytes, hidden, unit, sums);
    Four<kVectors> gate;
    integer_sigmoid<kVectors>(step, attention, (kSummed - 1) * hidden + unit,
                              sums + (kSummed - 1) * kFour, gate);
    Quad<kVectors> quad;
    for (std::size_t n = 0; n < 4 * kVectors; ++n) {
      const Vec h = hn::Load(F(), step.h + unit * kLanes + n * kVector);
      quad.add(n / kVectors, n % kVectors, integer_bits(hn::Mul(gate[n], h)));
    }
    quad.store(step.reset + unit * kLanes);
    if constexpr (kGates == 3) {
      integer_sigmoid<kVectors>(step, attention, unit, sums, gate);
      store(gate, step.update + unit * kLanes);
    }
  }
  for (std::size_t unit = 0; unit < hidden; unit += 4) {
    HWY_ALIGN std::int32_t sums[kFour];
    integer_block<1, kVectors>(cell.integer_state, step.reset, hidden, unit, sums);
    Four<kVectors> c;
    integer_inputs<kVectors>(step, attention, kSummed * hidden + unit, c);
    add_integer_sums<kVectors>(cell.integer_state, unit, sums, c);
    rough_tanh(c);
    Four<kVectors> u;
    if constexpr (kGates == 3) load(step.update + unit * kLanes, u);
    integer_advance<kGates == 3, kVectors>(step, attention, unit, u, c);
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
  const bool update_gate = cell.has_update();
  const auto advance =
      cell.resets_before()
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
AUGUR_AFTER_INTEGERS();

#endif
