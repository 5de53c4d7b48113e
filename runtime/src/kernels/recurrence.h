// A recurrent cell over a whole history, for many candidates at once or for the user alone.
//
// GRU, AIGRU, AGRU and AUGRU, the reset after or before the product. Gates lie in the order u, r, c
// (AGRU: r, c). The step in plain code, with the paper's equation numbers: step() in
// kernels/reference.cc.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/build_choices.h"
#include "kernels/packing.h"

namespace augur {

// How much of the candidate state c enters h: the share s in h' = (1 - s) h + s c.
enum class ShareRule : std::uint8_t {
  kPlain,     // s = u
  kScale,     // s = a u
  kLift,      // s = a + (1 - a) u
  kAttention  // s = a; there are no rows for u
};

constexpr std::size_t gate_count(ShareRule share) {
  return share == ShareRule::kAttention ? 2 : 3;
}

// A weight matrix in both forms of packing.h.
struct PackedProduct {
  const float* lanes = nullptr;
  const float* rows = nullptr;
};

// int8 weights, packed as packing.h says. They are multiplied with h (or r ∘ h) as an integer: 128
// + 127 h, rounded.
struct IntegerProduct {
  const std::int8_t* lanes = nullptr;
  const std::int8_t* rows = nullptr;
  // For each output, readable up to padded_units: the weights' scale / 127, and the offset that
  // removes the inputs' 128 from the sum: -128 Σ_k weight.
  const float* scales = nullptr;
  const std::int32_t* offsets = nullptr;
};

struct Cell {
  ShareRule share = ShareRule::kPlain;
  // Where the reset gate enters: before the product, U (r ∘ h); or after it, r ∘ (U h + d_c), the
  // paper's equation (4).
  bool reset_before = false;
  std::size_t hidden = 0;
  PackedProduct gates;          // of U: reset after all gates, before all but c
  PackedProduct state_weights;  // reset before: U_c, of the candidate state
  // Reset after: d_c [hidden], a bias of the product that the paper does not have; zero where there
  // is none. Readable to padded_units.
  const float* state_bias = nullptr;
  // Products are computed with integers, and gates with an error up to 1e-3. `hidden` must be a
  // multiple of four, the state within [-1, 1].
  IntegerPath integers = IntegerPath::kNone;
  IntegerProduct integer_gates;
  IntegerProduct integer_state;
  // AIGRU: b [gates * hidden]. The input to the gates is a * projection + b.
  const float* input_bias = nullptr;

  std::size_t gate_rows() const { return gate_count(share) * hidden; }
  // The same as the members, and constants where the build has no choice.
  bool resets_before() const {
    return build::kResetBefore && (!build::kResetAfter || reset_before);
  }
  const float* bias_of_input() const { return build::kAigru ? input_bias : nullptr; }
  bool has_update() const { return !build::kAgru || share != ShareRule::kAttention; }
};

// The path of a cell's products, where `best` is the best that the processor has. AIGRU's inputs,
// which differ from candidate to candidate, have no gates in fp16.
inline IntegerPath cell_path(IntegerPath best, const Cell& cell) {
  const IntegerPath path = integer_path(best, cell.hidden);
  return path != IntegerPath::kNone && cell.bias_of_input() != nullptr ? IntegerPath::kDot : path;
}

struct Recurrence {
  const Cell* cell = nullptr;
  std::size_t steps = 0;
  const float* projections = nullptr;  // [steps, gate_rows], W x + b, or W x if there is input_bias
  const float* attention = nullptr;    // [steps, attention_stride], columns are candidates
  std::size_t attention_stride = 0;
  std::size_t rows = 0;
  float* states = nullptr;  // [rows, hidden]: before the first step, afterwards after the last
  // The user alone: the state after every step, [steps, hidden]; there must be one row. Products
  // may then be added up in another order than for candidates. Or nullptr.
  float* history = nullptr;
  float* scratch = nullptr;  // recurrence_scratch() floats, or those for one row; 64-byte aligned
};

// The most rows that are computed with lanes = units.
inline constexpr std::size_t kMostRowsLeft = kMaxVector - 1;

// Lanes: two states, r ∘ h and the input of u. With integers: one state, u, and three
// arrays of a quarter of a state's size (the state twice, r ∘ h).
constexpr std::size_t recurrence_lanes_scratch(std::size_t hidden) {
  return 4 * hidden * kMaxLanes;
}

// For one row: its state, r ∘ h or u, the state as integers, sums and what they begin with.
constexpr std::size_t recurrence_row_scratch(std::size_t hidden) {
  return 3 * padded_units(hidden) + 2 * (padded_units(3 * hidden) + kMaxVector);
}

constexpr std::size_t recurrence_scratch(std::size_t hidden) {
  // A block with idle lanes: its rows of states, too.
  const std::size_t lanes = recurrence_lanes_scratch(hidden) + kMaxVector * hidden;
  // Rows: states, r ∘ h and sums of each row, and what the sums begin with.
  const std::size_t sums = padded_units(3 * hidden) + kMaxVector;
  const std::size_t rows = kMostRowsLeft * (2 * padded_units(hidden) + sums) + sums;
  return lanes > rows ? lanes : rows;
}

}  // namespace augur
