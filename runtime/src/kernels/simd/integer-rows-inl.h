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
  std::uint8_t* next;   // the new state as integers, in other memory than `bytes`
  std::uint8_t* reset;  // reset before: r ∘ h as integers
  std::int32_t* sums;   // [gate rows]
  float* update;        // reset before: u [hidden]
};

// out = offsets + Σ_k x[k] weight[k], for kVectors vectors of outputs. Where inputs are signed,
// there are no offsets. Sums of integers are exact, so every second quad of inputs has sums of its
// own, and fewer products wait for each other.
template <std::size_t kVectors>
HWY_NOINLINE void integer_row_block(const std::int8_t* HWY_RESTRICT weight,
                                    std::size_t weight_stride, const std::uint8_t* HWY_RESTRICT x,
                                    std::size_t quad_count, const std::int32_t* offsets,
                                    std::int32_t* HWY_RESTRICT out) {
  const I i;
  Int sums[2][kVectors];
  AUGUR_UNROLL
  for (std::size_t v = 0; v < kVectors; ++v) {
    sums[0][v] = kSignedInputs ? hn::Zero(i) : hn::LoadU(i, offsets + v * kVector);
    sums[1][v] = hn::Zero(i);
  }
  const auto add = [&](Int(&chain)[kVectors]) HWY_ATTR {
    const auto value = hn::BitCast(Bytes(), hn::Set(i, four_bytes(x)));
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      chain[v] = add_dot(chain[v], value, hn::LoadU(SignedBytes(), weight + v * kVector * 4));
    weight += weight_stride;
    x += 4;
  };
  for (std::size_t quad = 0; quad + 2 <= quad_count; quad += 2) {
    add(sums[0]);
    add(sums[1]);
  }
  if (quad_count % 2 != 0) add(sums[0]);
  AUGUR_UNROLL
  for (std::size_t v = 0; v < kVectors; ++v)
    hn::StoreU(hn::Add(sums[0][v], sums[1][v]), i, out + v * kVector);
}

template <std::size_t kVectors>
HWY_INLINE void dispatch_integer_row(std::size_t vectors, const std::int8_t* weight,
                                     std::size_t weight_stride, const std::uint8_t* x,
                                     std::size_t quad_count, const std::int32_t* offsets,
                                     std::int32_t* out) {
  if (vectors == kVectors) {
    integer_row_block<kVectors>(weight, weight_stride, x, quad_count, offsets, out);
  } else if constexpr (kVectors > 1) {
    dispatch_integer_row<kVectors - 1>(vectors, weight, weight_stride, x, quad_count, offsets, out);
  }
}

// The sums of all outputs, in blocks of about equal size.
inline HWY_ATTR void integer_row(const IntegerProduct& product, const std::uint8_t* x,
                                 std::size_t inputs, std::size_t outputs, std::int32_t* out) {
  constexpr std::size_t kMost = kVector > 4 ? 8 : 4;
  const std::size_t stride = padded_units(outputs) * 4;
  std::size_t vectors = (outputs + kVector - 1) / kVector;
  std::size_t column = 0;
  for (std::size_t blocks = (vectors + kMost - 1) / kMost; blocks > 0; --blocks) {
    const std::size_t now = (vectors + blocks - 1) / blocks;
    dispatch_integer_row<kMost>(now, product.rows + column * 4, stride, x, quads(inputs),
                                product.offsets + column, out + column);
    vectors -= now;
    column += now * kVector;
  }
}

// Vectors of units that are computed together. On ARM few cells come here, the others go to
// half-rows-inl.h.
inline constexpr std::size_t kUnitVectors = HWY_ARCH_ARM_A64 ? 1 : 4;

// values += units j, j + 1, ... of a gate's sums, as floats.
template <std::size_t kCount>
HWY_INLINE void add_integer_row(const IntegerProduct& product, const std::int32_t* sums,
                                const SumsFrom& gate, std::size_t j, Vec (&values)[kCount]) {
  const F f;
  Vec bits[kCount];
  gate.load(reinterpret_cast<const float*>(sums) + j, bits);
  for (std::size_t n = 0; n < kCount; ++n) {
    values[n] =
        hn::MulAdd(hn::ConvertTo(f, hn::BitCast(I(), bits[n])),
                   hn::LoadU(f, product.scales + gate.column() + j + n * kVector), values[n]);
  }
}

// The inputs to a gate's units, from column `at` of the projection on.
template <std::size_t kCount>
HWY_INLINE void integer_row_inputs(const IntegerRowStep& step, std::size_t at,
                                   Vec (&inputs)[kCount]) {
  const F f;
  load_some(step.projection + at, inputs);
  const float* bias = step.cell->bias_of_input();
  if (bias == nullptr) return;
  for (std::size_t n = 0; n < kCount; ++n) {
    inputs[n] =
        hn::MulAdd(hn::Set(f, step.attention), inputs[n], hn::LoadU(f, bias + at + n * kVector));
  }
}

// Units j, j + 1, ... of the gate r or u.
template <std::size_t kCount>
HWY_INLINE void integer_row_sigmoid(const IntegerRowStep& step, const SumsFrom& from, std::size_t j,
                                    Vec (&gate)[kCount]) {
  integer_row_inputs(step, from.column() + j, gate);
  add_integer_row(step.cell->integer_gates, step.sums, from, j, gate);
  rough_sigmoid(gate);
}

HWY_INLINE void store_integers(Vec h, std::uint8_t* to) {
  const hn::RebindToUnsigned<F> u;
  const hn::Rebind<std::uint8_t, F> bytes;
  hn::StoreU(hn::TruncateTo(bytes, hn::BitCast(u, integer_bits(h))), bytes, to);
}

template <bool kHasUpdate, std::size_t kCount>
HWY_INLINE void integer_row_advance(const IntegerRowStep& step, std::size_t j,
                                    const Vec (&u)[kCount], const Vec (&c)[kCount]) {
  const Vec attention = hn::Set(F(), step.attention);
  const Share rule = share_of(step.cell->share, attention);
  Vec h[kCount];
  load_some(step.state + j, h);
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec share = kHasUpdate ? rough_share(rule, u[n]) : attention;
    h[n] = hn::MulAdd(share, hn::Sub(c[n], h[n]), h[n]);
    store_integers(h[n], step.next + j + n * kVector);
  }
  store_some(h, step.state + j);
}

template <bool kHasUpdate>
HWY_NOINLINE void integer_row_after(const IntegerRowStep& step) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = kHasUpdate ? hidden : 0;
  const std::size_t candidate = reset + hidden;
  integer_row(cell.integer_gates, step.bytes, hidden, cell.gate_rows(), step.sums);
  const SumsFrom update_sums(0);
  const SumsFrom reset_sums(reset);
  const SumsFrom candidate_sums(candidate);
  for_unit_vectors<kUnitVectors>(hidden, [&](std::size_t j, auto count) HWY_ATTR {
    constexpr std::size_t kCount = decltype(count)::value;
    Vec r[kCount];
    integer_row_sigmoid(step, reset_sums, j, r);
    Vec product[kCount];
    load_some(cell.state_bias + j, product);
    add_integer_row(cell.integer_gates, step.sums, candidate_sums, j, product);
    Vec c[kCount];
    integer_row_inputs(step, candidate + j, c);
    for (std::size_t n = 0; n < kCount; ++n)
      c[n] = hn::MulAdd(r[n], product[n], c[n]);
    Vec u[kCount];
    if constexpr (kHasUpdate) integer_row_sigmoid(step, update_sums, j, u);
    rough_tanh(c);
    integer_row_advance<kHasUpdate>(step, j, u, c);
  });
}

template <bool kHasUpdate>
HWY_NOINLINE void integer_row_before(const IntegerRowStep& step) {
  const Cell& cell = *step.cell;
  const std::size_t hidden = cell.hidden;
  const std::size_t reset = kHasUpdate ? hidden : 0;
  const std::size_t candidate = reset + hidden;
  integer_row(cell.integer_gates, step.bytes, hidden, candidate, step.sums);
  const SumsFrom update_sums(0);
  const SumsFrom reset_sums(reset);
  for_unit_vectors<kUnitVectors>(hidden, [&](std::size_t j, auto count) HWY_ATTR {
    constexpr std::size_t kCount = decltype(count)::value;
    Vec gate[kCount];
    integer_row_sigmoid(step, reset_sums, j, gate);
    for (std::size_t n = 0; n < kCount; ++n) {
      const std::size_t at = j + n * kVector;
      store_integers(hn::Mul(gate[n], hn::LoadU(F(), step.state + at)), step.reset + at);
    }
    if constexpr (kHasUpdate) {
      integer_row_sigmoid(step, update_sums, j, gate);
      store_some(gate, step.update + j);
    }
  });
  integer_row(cell.integer_state, step.reset, hidden, hidden, step.sums);
  for_unit_vectors<kUnitVectors>(hidden, [&](std::size_t j, auto count) HWY_ATTR {
    constexpr std::size_t kCount = decltype(count)::value;
    Vec c[kCount];
    integer_row_inputs(step, candidate + j, c);
    add_integer_row(cell.integer_state, step.sums, update_sums, j, c);
    rough_tanh(c);
    Vec u[kCount];
    if constexpr (kHasUpdate) load_some(step.update + j, u);
    integer_row_advance<kHasUpdate>(step, j, u, c);
  });
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
    step.next = step.bytes + 2 * padded;
    step.reset = step.next + 2 * padded;
    memory += 2 * padded;
    std::memcpy(step.state, run.states + (first + row) * hidden, hidden * sizeof(float));
    for (std::size_t j = 0; j < hidden; j += kVector)
      store_integers(hn::LoadU(f, step.state + j), step.bytes + j);
  }
  const float* attention = run.attention == nullptr ? nullptr : run.attention + first;
  const bool update_gate = cell.has_update();
  const auto advance = cell.resets_before()
                           ? (update_gate ? integer_row_before<true> : integer_row_before<false>)
                           : (update_gate ? integer_row_after<true> : integer_row_after<false>);
  for (std::size_t t = 0; t < run.steps; ++t) {
    for (std::size_t row = 0; row < rows; ++row) {
      IntegerRowStep& step = steps[row];
      if (attention != nullptr) step.attention = attention[row];
      advance(step);
      step.projection += cell.gate_rows();
      std::uint8_t* const old = step.bytes;
      step.bytes = step.next;
      step.next = old;
    }
    if (attention != nullptr) attention += run.attention_stride;
    if (run.history != nullptr)
      std::memcpy(run.history + t * hidden, steps[0].state, hidden * sizeof(float));
  }
  for (std::size_t row = 0; row < rows; ++row)
    std::memcpy(run.states + (first + row) * hidden, steps[row].state, hidden * sizeof(float));
}

// From so many candidates on, a block with idle lanes takes less time than rows.
inline constexpr std::size_t kPartOfIntegerBlock = kHalfBlocks ? 8 : kMostLeft + 1;

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
