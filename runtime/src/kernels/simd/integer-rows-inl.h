// The recurrence with int8 weights and lanes = hidden units; see integer-recurrence-inl.h.
#if defined(AUGUR_SIMD_INTEGER_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGER_ROWS_INL_H
#undef AUGUR_SIMD_INTEGER_ROWS_INL_H
#else
#define AUGUR_SIMD_INTEGER_ROWS_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/recurrence.h"
#include "kernels/simd/integer-recurrence-inl.h"
#include "kernels/simd/recurrence-rows-inl.h"

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

// One step of one row. Buffers are padded, so that whole vectors may be written.
struct IntegerRowStep {
  const Cell* cell;
  const float* projection;
  float attention;
  float* state;         // [hidden]
  std::uint8_t* bytes;  // the state as integers
  std::uint8_t* reset;  // reset before: r ∘ h as integers
  std::int32_t* sums;   // [gate rows]
  float* update;        // reset before: u [hidden]
};

// out = offsets + Σ_k x[k] weight[k], for kVectors vectors of outputs. Where inputs are signed,
// there are no offsets.
template <std::size_t kVectors>
HWY_NOINLINE void integer_row_block(const std::int8_t* HWY_RESTRICT weight,
                                    std::size_t weight_stride, const std::uint8_t* HWY_RESTRICT x,
                                    std::size_t quad_count, const std::int32_t* offsets,
                                    std::int32_t* HWY_RESTRICT out) {
  const I i;
  Int sums[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[v] = kSignedInputs ? hn::Zero(i) : hn::LoadU(i, offsets + v * kVector);
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    const auto value = hn::BitCast(Bytes(), hn::Set(i, four_bytes(x + 4 * quad)));
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[v] = add_dot(sums[v], value, hn::LoadU(SignedBytes(), weight + v * kVector * 4));
    weight += weight_stride;
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    hn::StoreU(sums[v], i, out + v * kVector);
}

inline HWY_ATTR void integer_row(const IntegerProduct& product, const std::uint8_t* x,
                                 std::size_t inputs, std::size_t outputs, std::int32_t* out) {
  const std::size_t stride = padded_units(outputs) * 4;
  std::size_t column = 0;
  const auto from = [&] { return product.rows + column * 4; };
  for (; column + 4 * kVector <= padded_units(outputs); column += 4 * kVector)
    integer_row_block<4>(from(), stride, x, quads(inputs), product.offsets + column, out + column);
  for (; column < outputs; column += kVector)
    integer_row_block<1>(from(), stride, x, quads(inputs), product.offsets + column, out + column);
}

HWY_INLINE Vec integer_row_input(const IntegerRowStep& step, std::size_t at) {
  const F f;
  const Vec w = hn::LoadU(f, step.projection + at);
  if (step.cell->bias_of_input() == nullptr) return w;
  return hn::MulAdd(hn::Set(f, step.attention), w, hn::LoadU(f, step.cell->bias_of_input() + at));
}

// start + the sums as floats, for one vector of units.
HWY_INLINE Vec integer_row_gate(const IntegerProduct& product, std::size_t at,
                                const std::int32_t* sums, Vec start) {
  const F f;
  return hn::MulAdd(hn::ConvertTo(f, hn::LoadU(I(), sums + at)), hn::LoadU(f, product.scales + at),
                    start);
}

HWY_INLINE void store_integers(Vec h, std::uint8_t* to) {
  const hn::RebindToUnsigned<F> u;
  const hn::Rebind<std::uint8_t, F> bytes;
  hn::StoreU(hn::TruncateTo(bytes, hn::BitCast(u, integer_bits(h))), bytes, to);
}

HWY_INLINE void integer_row_advance(const IntegerRowStep& step, std::size_t j, Vec u, Vec c) {
  const F f;
  const Vec attention = hn::Set(f, step.attention);
  const Vec share =
      step.cell->has_update() ? rough_share(share_of(step.cell->share, attention), u) : attention;
  const Vec h = hn::LoadU(f, step.state + j);
  const Vec next = hn::MulAdd(share, hn::Sub(c, h), h);
  hn::StoreU(next, f, step.state + j);
  store_integers(next, step.bytes + j);
}

HWY_MAYBE_UNUSED static HWY_NOINLINE void integer_row_step(const IntegerRowStep& step) {
  const F f;
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = (gate_count(cell.share) - 2) * hidden;
  const std::size_t candidate = reset + hidden;
  const IntegerProduct& gates = cell.integer_gates;
  const auto sigmoid_of = [&](std::size_t at) HWY_ATTR {
    return rough_sigmoid(integer_row_gate(gates, at, step.sums, integer_row_input(step, at)));
  };
  integer_row(gates, step.bytes, hidden, cell.resets_before() ? candidate : cell.gate_rows(),
              step.sums);
  if (!cell.resets_before()) {
    for (std::size_t j = 0; j < hidden; j += kVector) {
      const Vec product =
          integer_row_gate(gates, candidate + j, step.sums, hn::LoadU(f, cell.state_bias + j));
      const Vec c = rough_tanh(
          hn::MulAdd(sigmoid_of(reset + j), product, integer_row_input(step, candidate + j)));
      integer_row_advance(step, j, sigmoid_of(j), c);
    }
    return;
  }
  for (std::size_t j = 0; j < hidden; j += kVector) {
    store_integers(hn::Mul(sigmoid_of(reset + j), hn::LoadU(f, step.state + j)), step.reset + j);
    hn::StoreU(sigmoid_of(j), f, step.update + j);
  }
  integer_row(cell.integer_state, step.reset, hidden, hidden, step.sums);
  for (std::size_t j = 0; j < hidden; j += kVector) {
    const Vec c = rough_tanh(
        integer_row_gate(cell.integer_state, j, step.sums, integer_row_input(step, candidate + j)));
    integer_row_advance(step, j, hn::LoadU(f, step.update + j), c);
  }
}

// Runs up to kMostLeft rows. Each step is computed for all rows before the next step, so that the
// rows' chains of dependent instructions overlap.
HWY_MAYBE_UNUSED static HWY_NOINLINE void recur_integer_rows(const Recurrence& run,
                                                             std::size_t first, std::size_t rows) {
  const F f;
  const Cell& cell = *run.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t padded = padded_units(hidden);
  IntegerRowStep steps[kMostLeft] = {};
  float* memory = run.scratch;
  for (std::size_t row = 0; row < rows; ++row) {
    IntegerRowStep& step = steps[row];
    step.cell = &cell;
    step.projection = run.projections;
    step.state = memory;
    step.update = step.state + padded;
    step.sums = reinterpret_cast<std::int32_t*>(step.update + padded);
    memory = step.update + padded + padded_units(cell.gate_rows()) + kMaxVector;
    step.bytes = reinterpret_cast<std::uint8_t*>(memory);
    step.reset = step.bytes + 2 * padded;
    memory += padded;
    std::memcpy(step.state, run.states + (first + row) * hidden, hidden * sizeof(float));
    for (std::size_t j = 0; j < hidden; j += kVector)
      store_integers(hn::LoadU(f, step.state + j), step.bytes + j);
  }
  const float* attention = run.attention == nullptr ? nullptr : run.attention + first;
  for (std::size_t t = 0; t < run.steps; ++t) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (attention != nullptr) steps[row].attention = attention[row];
      integer_row_step(steps[row]);
      steps[row].projection += cell.gate_rows();
    }
    if (attention != nullptr) attention += run.attention_stride;
    if (run.history != nullptr)
      std::memcpy(run.history + t * hidden, steps[0].state, hidden * sizeof(float));
  }
  for (std::size_t row = 0; row < rows; ++row)
    std::memcpy(run.states + (first + row) * hidden, steps[row].state, hidden * sizeof(float));
}

// From so many candidates on, a block with idle lanes takes less time than rows.
inline constexpr std::size_t kPartOfIntegerBlock = kHalfBlocks ? 7 : kMostLeft + 1;

inline HWY_ATTR void recur_integers(const Recurrence& run) {
  for_blocks(
      run.rows, kMostLeft,
      [&](std::size_t first, auto vectors)
          HWY_ATTR { recur_integer_lanes<decltype(vectors)::value>(run, first); },
      [&](std::size_t first, std::size_t rows) HWY_ATTR {
        if constexpr (kPartOfIntegerBlock <= kMostLeft) {
          if (rows >= kPartOfIntegerBlock) {
            return recur_part_of_block(run, first, rows, [](const Recurrence& block) HWY_ATTR {
              recur_integer_lanes<1>(block, 0);
            });
          }
        }
        recur_integer_rows(run, first, rows);
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_INTEGERS();

#endif
