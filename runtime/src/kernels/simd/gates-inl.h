// Code that all forms of the recurrence share: how the attention changes a step, and how the gates
// give the new state.
#if defined(AUGUR_SIMD_GATES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_GATES_INL_H
#undef AUGUR_SIMD_GATES_INL_H
#else
#define AUGUR_SIMD_GATES_INL_H
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The share of the candidate state c in the new state, for a step's attention a: p + q u with the
// update gate u; for a cell without an update gate it is q.
struct Share {
  Vec p;
  Vec q;
};

HWY_INLINE Share share_of(ShareRule rule, Vec attention) {
  const F f;
  const Vec zero = hn::Zero(f);
  switch (rule) {
    case ShareRule::kPlain:  // GRU, AIGRU: u
      return {zero, hn::Set(f, 1.0f)};
    case ShareRule::kLift:  // AUGRU in the authors' code: a + (1 - a) u
      return {attention, hn::Sub(hn::Set(f, 1.0f), attention)};
    case ShareRule::kScale:      // AUGRU, equation (11) of the paper: a u
    case ShareRule::kAttention:  // AGRU, equation (10): a
      break;
  }
  return {zero, attention};
}

// h = (1 - s) h + s tanh(c), equations (5) and (12): computed as h + s (tanh(c) - h), with one
// division for s and tanh together. `update` is the update gate's input, the sum before its
// sigmoid. The share s of vector n is shares[n % kShares].
template <bool kHasUpdate, std::size_t kShares, std::size_t kCount>
HWY_INLINE void advance(const Share (&shares)[kShares], const Vec (&update)[kCount],
                        const Vec (&c)[kCount], Vec (&h)[kCount]) {
  Vec share[kCount];
  Vec inverse[kCount];
  if constexpr (kHasUpdate) {
    sigmoid_ratio(update, share, inverse);
    for (std::size_t n = 0; n < kCount; ++n) {
      const Share& of = shares[n % kShares];
      share[n] = hn::MulAdd(of.p, inverse[n], hn::Mul(of.q, share[n]));
    }
  }
  Vec change[kCount];
  Vec below[kCount];
  tanh_ratio(c, change, below);
  for (std::size_t n = 0; n < kCount; ++n) {
    change[n] = hn::NegMulAdd(h[n], below[n], change[n]);  // (tanh(c) - h) times `below`
    if constexpr (kHasUpdate) {
      inverse[n] = hn::Mul(inverse[n], below[n]);
      change[n] = hn::Mul(share[n], change[n]);
    } else {
      inverse[n] = below[n];
      change[n] = hn::Mul(shares[n % kShares].q, change[n]);
    }
  }
  reciprocal(inverse);
  for (std::size_t n = 0; n < kCount; ++n)
    h[n] = hn::MulAdd(change[n], inverse[n], h[n]);
}

template <std::size_t kCount>
HWY_INLINE void load(const float* from, Vec (&x)[kCount]) {
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Load(F(), from + n * kVector);
}

// Load and store vectors at any address.
template <std::size_t kCount>
HWY_INLINE void load_some(const float* from, Vec (&x)[kCount]) {
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::LoadU(F(), from + n * kVector);
}

template <std::size_t kCount>
HWY_INLINE void store_some(const Vec (&x)[kCount], float* to) {
  for (std::size_t n = 0; n < kCount; ++n)
    hn::StoreU(x[n], F(), to + n * kVector);
}

template <std::size_t kCount>
HWY_INLINE void store(const Vec (&x)[kCount], float* to) {
  for (std::size_t n = 0; n < kCount; ++n)
    hn::Store(x[n], F(), to + n * kVector);
}

// The input to a gate's unit: the projection or, for AIGRU (equation (9)), attention * projection +
// bias.
HWY_INLINE Vec gate_input(const float* projection, const float* bias, Vec attention) {
  const F f;
  const Vec w = hn::Set(f, *projection);
  return bias == nullptr ? w : hn::MulAdd(attention, w, hn::Set(f, *bias));
}

// The attention of a step's lanes, and the terms of the step that depend on it.
template <std::size_t kVectors>
struct LaneAttention {
  Vec values[kVectors];
  Share shares[kVectors];

  // attention [lanes], or nullptr
  HWY_INLINE LaneAttention(const Cell& cell, const float* attention) {
    const F f;
    for (std::size_t v = 0; v < kVectors; ++v) {
      values[v] = attention == nullptr ? hn::Zero(f) : hn::LoadU(f, attention + v * kVector);
      shares[v] = share_of(cell.share, values[v]);
    }
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
