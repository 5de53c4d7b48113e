// The recurrence with int8 weights: as recurrence-inl.h and recurrence-rows-inl.h, with dot
// products of four integers at a time, and rough gates. The state itself is f32; its integer copy
// is what products read.
#if defined(AUGUR_SIMD_INTEGER_RECURRENCE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#undef AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#else
#define AUGUR_SIMD_INTEGER_RECURRENCE_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/recurrence-inl.h"
#include "kernels/simd/rough-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

using Int = hn::Vec<I>;
using Bytes = hn::Repartition<std::uint8_t, F>;
using SignedBytes = hn::Repartition<std::int8_t, F>;

// 1.5 * 2^23 + 128: what is added to 127 h, so that the integer stands in the lowest byte.
inline constexpr float kToInteger = 12583040.0f;
// Four such numbers, shifted by 0, 8, 16 and 24 bits and added up, less their integers.
inline constexpr std::uint32_t kFourToIntegers = 0x4B400000u + (0x4B400000u << 8);

HWY_INLINE std::int32_t four_bytes(const void* from) {
  std::int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return bytes;
}

HWY_INLINE Int add_dot(Int sum, hn::Vec<Bytes> x, hn::Vec<SignedBytes> weight) {
  return hn::SumOfMulQuadAccumulate(I(), x, weight, sum);
}

HWY_INLINE Int integer_bits(Vec h) {
  const F f;
  return hn::BitCast(I(), hn::MulAdd(h, hn::Set(f, 127.0f), hn::Set(f, kToInteger)));
}

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

// sums[m][v] += Σ_k of `quad_count` quads; weights of kUnits outputs a quad.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_integer_products(const std::int8_t* HWY_RESTRICT weight,
                                     const std::uint8_t* HWY_RESTRICT x, std::size_t quad_count,
                                     Int (&sums)[kUnits][kVectors]) {
  const I i;
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    hn::Vec<Bytes> lanes[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes[v] = hn::Load(Bytes(), x + v * kVector * 4);
    for (std::size_t m = 0; m < kUnits; ++m) {
      const auto w = hn::BitCast(SignedBytes(), hn::Set(i, four_bytes(weight + 4 * m)));
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[m][v] = add_dot(sums[m][v], lanes[v], w);
    }
    weight += 4 * kUnits;
    x += 4 * kVectors * kVector;
  }
}

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

// Gathers four units' integers into the bytes of a quad.
template <std::size_t kVectors>
struct Quad {
  Int bits[kVectors];

  HWY_INLINE void add(std::size_t i, std::size_t v, Vec h) {
    const Int value = integer_bits(h);
    switch (i) {
      case 0:
        bits[v] = value;
        break;
      case 1:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<8>(value));
        break;
      case 2:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<16>(value));
        break;
      default:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<24>(value));
    }
  }
  HWY_INLINE void store(std::uint8_t* to) const {
    const Int offset = hn::Set(I(), static_cast<std::int32_t>(kFourToIntegers));
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::Store(hn::BitCast(Bytes(), hn::Sub(bits[v], offset)), Bytes(), to + v * kVector * 4);
  }
};

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
        quad.add(i, v, next);
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
        quad.add(i, v, hn::Mul(r, hn::Load(f, step.h + at)));
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
        quad.add(i, v, next);
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
        quad.add(i, v, hn::Load(f, h + v * kVector));
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
