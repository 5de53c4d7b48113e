// The recurrence with lanes = hidden units, for the user alone and for candidates that do not fill
// a vector.
#if defined(AUGUR_SIMD_RECURRENCE_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_RECURRENCE_ROWS_INL_H
#undef AUGUR_SIMD_RECURRENCE_ROWS_INL_H
#else
#define AUGUR_SIMD_RECURRENCE_ROWS_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/recurrence-inl.h"
#include "kernels/simd/row-products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The most rows that fill no block of candidates.
inline constexpr std::size_t kMostLeft = kHalfBlocks ? kVector - 1 : kWidest * kVector - 1;
static_assert(kMostLeft <= kMostRowsLeft, "the scratch memory is too small");

// One step of up to kMostLeft rows. The rows of the buffers are padded, so that whole vectors may
// be written.
struct RowStep {
  const Cell* cell;
  std::size_t rows;
  const float* projection;
  const float* attention;  // [rows]; nullptr: none
  float* states;           // [rows, state_stride]
  float* sums;             // [rows, sum_stride]
  float* reset;            // reset before: r ∘ h [rows, state_stride]
  float* start;            // what the sums begin with, for all rows; reset after: with state_bias
  std::size_t state_stride;
  std::size_t sum_stride;
  bool alone;  // the user, not a candidate
};

// Whether one row has fewer sums than multiply-adds that are computed at the same time.
inline constexpr bool kSplitChain = HWY_TARGET <= HWY_AVX3;

HWY_INLINE Vec row_input(const RowStep& step, std::size_t at, Vec attention) {
  const F f;
  const Vec w = hn::LoadU(f, step.projection + at);
  if (step.cell->bias_of_input() == nullptr) return w;
  return hn::MulAdd(attention, w, hn::LoadU(f, step.cell->bias_of_input() + at));
}

HWY_INLINE Vec row_attention(const RowStep& step, std::size_t row) {
  return hn::Set(F(), step.attention == nullptr ? 0.0f : step.attention[row]);
}

// Sums that begin with columns [first, first + count) of the gates' inputs. What lies after them in
// step.start stays.
HWY_INLINE RowSums row_sums(const RowStep& step, float* sums, std::size_t first,
                            std::size_t count) {
  const F f;
  if (step.cell->bias_of_input() == nullptr) {
    std::size_t j = 0;
    for (; j + kVector <= count; j += kVector)
      hn::StoreU(hn::LoadU(f, step.projection + first + j), f, step.start + j);
    // A whole vector: a load after it would wait until smaller stores have reached the cache.
    if (j < count) {
      const auto within = hn::FirstN(f, count - j);
      hn::StoreU(hn::IfThenElse(within, hn::LoadU(f, step.projection + first + j),
                                hn::LoadU(f, step.start + j)),
                 f, step.start + j);
    }
    return {step.start, 0, sums, step.sum_stride};
  }
  for (std::size_t row = 0; row < step.rows; ++row) {
    const Vec attention = row_attention(step, row);
    float* to = sums + row * step.sum_stride;
    for (std::size_t j = 0; j < count; j += kVector)
      hn::StoreU(row_input(step, first + j, attention), f, to + j);
    if (!step.cell->resets_before())
      std::memcpy(to + count, step.start + count, step.cell->hidden * sizeof(float));
  }
  return {sums, step.sum_stride, sums, step.sum_stride};
}

// Adds U h, or U (r ∘ h), for all rows.
HWY_INLINE void add_state_products(const RowStep& step, const float* weight, const float* states,
                                   std::size_t columns, const RowSums& sums) {
  const RowInput input = {states, step.state_stride, 1};
  const std::size_t hidden = step.cell->hidden;
  // Only the user alone needs a history, so that no other form has to have the same bits.
  if (kSplitChain && step.alone)
    return add_rows<1, 2>(weight, padded_units(columns), input, hidden, columns, sums);
  if (step.rows == 1)
    return add_one_row(weight, padded_units(columns), input, hidden, columns, sums);
  add_all_rows(step.rows, weight, padded_units(columns), input, hidden, columns, sums);
}

// Calls part(first unit, vectors) for all units, up to kMost = 4 or 1 vectors at a time. `vectors`
// is a compile-time constant.
template <std::size_t kMost = 4, class Part>
HWY_INLINE void for_unit_vectors(std::size_t hidden, const Part& part) {
  std::size_t j = 0;
  const auto left = [&] { return (hidden - j + kVector - 1) / kVector; };
  if constexpr (kMost == 4) {
    for (; left() >= 4; j += 4 * kVector)
      part(j, Count<4>());
  }
  if constexpr (kVector > 4) {
    if (left() == 3) return part(j, Count<3>());
    if (left() == 2) return part(j, Count<2>());
  }
  for (; j < hidden; j += kVector)
    part(j, Count<1>());
}

// Reads sums from a column on that need not be a multiple of kVector, though they were stored in
// vectors from such columns on. A vector across two of them would not be read until both have
// reached the cache, and thus not before all earlier instructions have ended.
class SumsFrom {
 public:
  HWY_INLINE std::size_t column() const { return column_; }

#if HWY_TARGET <= HWY_AVX3
  HWY_INLINE explicit SumsFrom(std::size_t column)
      : column_(column),
        lanes_(
            hn::IndicesFromVec(F(), hn::Iota(I(), static_cast<std::int32_t>(column % kVector)))) {}

  // x = columns column() + 0, 1, ... of sums.
  template <std::size_t kCount>
  HWY_INLINE void load(const float* sums, Vec (&x)[kCount]) const {
    const F f;
    Vec whole[kCount + 1];
    load_some(sums + column_ / kVector * kVector, whole);
    for (std::size_t n = 0; n < kCount; ++n)
      x[n] = hn::TwoTablesLookupLanes(f, whole[n], whole[n + 1], lanes_);
  }

 private:
  std::size_t column_;
  decltype(hn::IndicesFromVec(F(), hn::Zero(I()))) lanes_;
#else
  HWY_INLINE explicit SumsFrom(std::size_t column) : column_(column) {}

  template <std::size_t kCount>
  HWY_INLINE void load(const float* sums, Vec (&x)[kCount]) const {
    load_some(sums + column_, x);
  }

 private:
  std::size_t column_;
#endif
};

// Computes the new states of units from c and the sums of the update gate.
template <bool kHasUpdate, std::size_t kCount>
HWY_INLINE void advance_units(const Share (&shares)[1], const float* update_sums, Vec (&c)[kCount],
                              float* states) {
  Vec update[kCount];
  Vec h[kCount];
  if constexpr (kHasUpdate) load_some(update_sums, update);
  load_some(states, h);
  advance<kHasUpdate>(shares, update, c, h);
  store_some(h, states);
}

template <bool kHasUpdate>
HWY_NOINLINE void step_rows_after(const RowStep& step) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = kHasUpdate ? hidden : 0;
  const std::size_t candidate = reset + hidden;
  add_state_products(step, cell.gates.rows, step.states, cell.gate_rows(),
                     row_sums(step, step.sums, 0, candidate));
  const SumsFrom reset_sums(reset);
  const SumsFrom candidate_sums(candidate);
  for (std::size_t row = 0; row < step.rows; ++row) {
    const Vec attention = row_attention(step, row);
    const Share shares[] = {share_of(cell.share, attention)};
    const float* sums = step.sums + row * step.sum_stride;
    float* h = step.states + row * step.state_stride;
    for_unit_vectors(hidden, [&](std::size_t j, auto count) HWY_ATTR {
      constexpr std::size_t kCount = decltype(count)::value;
      Vec r[kCount];
      Vec c[kCount];
      reset_sums.load(sums + j, r);
      sigmoid(r);
      candidate_sums.load(sums + j, c);
      for (std::size_t n = 0; n < kCount; ++n) {
        const std::size_t at = candidate + j + n * kVector;
        c[n] = hn::MulAdd(r[n], c[n], row_input(step, at, attention));
      }
      advance_units<kHasUpdate>(shares, sums + j, c, h + j);
    });
  }
}

template <bool kHasUpdate>
HWY_NOINLINE void step_rows_before(const RowStep& step) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = kHasUpdate ? hidden : 0;
  const std::size_t candidate = reset + hidden;
  add_state_products(step, cell.gates.rows, step.states, candidate,
                     row_sums(step, step.sums, 0, candidate));
  const SumsFrom reset_sums(reset);
  for (std::size_t row = 0; row < step.rows; ++row) {
    float* sums = step.sums + row * step.sum_stride;
    const std::size_t at = row * step.state_stride;
    for_unit_vectors(hidden, [&](std::size_t j, auto count) HWY_ATTR {
      constexpr std::size_t kCount = decltype(count)::value;
      Vec r[kCount];
      reset_sums.load(sums + j, r);
      sigmoid(r);
      for (std::size_t n = 0; n < kCount; ++n)
        r[n] = hn::Mul(r[n], hn::LoadU(f, step.states + at + j + n * kVector));
      store_some(r, step.reset + at + j);
    });
  }
  // The sums of u are still needed. Those of r are not: the sums of c take their place.
  add_state_products(step, cell.state_weights.rows, step.reset, hidden,
                     row_sums(step, step.sums + reset, candidate, hidden));
  for (std::size_t row = 0; row < step.rows; ++row) {
    const Share shares[] = {share_of(cell.share, row_attention(step, row))};
    const float* sums = step.sums + row * step.sum_stride;
    float* h = step.states + row * step.state_stride;
    for_unit_vectors(hidden, [&](std::size_t j, auto count) HWY_ATTR {
      Vec c[decltype(count)::value];
      load_some(sums + reset + j, c);
      advance_units<kHasUpdate>(shares, sums + j, c, h + j);
    });
  }
}

HWY_NOINLINE void recur_rows(const Recurrence& run, std::size_t first, std::size_t rows) {
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  RowStep step = {};
  step.cell = &cell;
  step.rows = rows;
  step.projection = run.projections;
  step.attention = run.attention == nullptr ? nullptr : run.attention + first;
  step.state_stride = padded_units(hidden);
  step.sum_stride = padded_units(cell.gate_rows()) + kMaxVector;
  step.states = run.scratch;
  step.reset = step.states + rows * step.state_stride;
  step.sums = step.reset + rows * step.state_stride;
  step.alone = run.history != nullptr;
  step.start = step.sums + rows * step.sum_stride;
  if (!cell.resets_before()) {
    std::memcpy(step.start + cell.gate_rows() - hidden, cell.state_bias, hidden * sizeof(float));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(step.states + row * step.state_stride, run.states + (first + row) * hidden,
                hidden * sizeof(float));
  }
  const bool update_gate = cell.has_update();
  const auto advance = cell.resets_before()
                           ? (update_gate ? step_rows_before<true> : step_rows_before<false>)
                           : (update_gate ? step_rows_after<true> : step_rows_after<false>);
  for (std::size_t t = 0; t < run.steps; ++t) {
    advance(step);
    step.projection += cell.gate_rows();
    if (step.attention != nullptr) step.attention += run.attention_stride;
    if (run.history != nullptr)
      std::memcpy(run.history + t * hidden, step.states, hidden * sizeof(float));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(run.states + (first + row) * hidden, step.states + row * step.state_stride,
                hidden * sizeof(float));
  }
}

// Runs the candidates from `first` on as a block of kVector candidates, of which the last are idle:
// their states begin with 0.
template <class Lanes>
HWY_INLINE void recur_part_of_block(const Recurrence& run, std::size_t first, std::size_t rows,
                                    const Lanes& lanes) {
  const std::size_t hidden = run.cell->hidden;
  const std::size_t size = rows * hidden;
  Recurrence block = run;
  block.states = run.scratch + recurrence_lanes_scratch(hidden);
  if (block.attention != nullptr) block.attention += first;
  std::memcpy(block.states, run.states + first * hidden, size * sizeof(float));
  std::memset(block.states + size, 0, (kVector * hidden - size) * sizeof(float));
  lanes(block);
  std::memcpy(run.states + first * hidden, block.states, size * sizeof(float));
}

// From so many candidates on, a block with idle lanes takes less time than rows.
inline constexpr std::size_t kPartOfBlock = kHalfBlocks ? 13 : kMostLeft + 1;

HWY_ATTR void recur(const Recurrence& run) {
  for_blocks(
      run.rows, kMostLeft,
      [&](std::size_t first, auto vectors)
          HWY_ATTR { recur_lanes<decltype(vectors)::value>(run, first); },
      [&](std::size_t first, std::size_t rows) HWY_ATTR {
        if constexpr (kPartOfBlock <= kMostLeft) {
          if (rows >= kPartOfBlock) {
            return recur_part_of_block(run, first, rows, [](const Recurrence& block) HWY_ATTR {
              recur_lanes<1>(block, 0);
            });
          }
        }
        recur_rows(run, first, rows);
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
