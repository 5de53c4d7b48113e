// The recurrence of every instruction set against the plain loops: all cells, odd sizes; and a
// candidate's state does not depend on the others.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "runtime/support/kernel_inputs.h"

namespace augur::test {
namespace {

struct CellCase {
  ShareRule share;
  bool reset_before;
  bool scaled_input;
};

constexpr CellCase kCells[] = {
    {ShareRule::kPlain, false, false},     {ShareRule::kPlain, true, false},
    {ShareRule::kPlain, false, true},      {ShareRule::kPlain, true, true},
    {ShareRule::kScale, false, false},     {ShareRule::kScale, true, false},
    {ShareRule::kLift, false, false},      {ShareRule::kLift, true, false},
    {ShareRule::kAttention, false, false}, {ShareRule::kAttention, true, false},
};

// A cell with random weights, a history and candidates.
class Setting {
 public:
  Setting(const CellCase& kind, std::size_t hidden, std::size_t steps, std::size_t rows,
          std::uint64_t seed)
      : random_(seed),
        groups_(gate_count(kind.share)),
        gates_(kind.reset_before ? groups_ - 1 : groups_),
        matrix_(weights(groups_ * hidden, hidden)),
        gate_lanes_(gates_ * hidden * hidden),
        gate_rows_(padded_units(gates_ * hidden) * hidden),
        candidate_lanes_(hidden * hidden),
        candidate_rows_(padded_units(hidden) * hidden),
        candidate_bias_(padded_units(hidden)),
        input_bias_(random_.values(groups_ * hidden, -0.3f, 0.3f)),
        projections_(random_.values(steps * groups_ * hidden, -2.0f, 2.0f)),
        stride_(padded_units(rows)),
        attention_(random_.values(steps * stride_, 0.0f, 1.0f)),
        scratch_(recurrence_scratch(hidden)) {
    cell.share = kind.share;
    cell.reset_before = kind.reset_before;
    cell.hidden = hidden;
    cell.gates = pack(matrix_, gates_, hidden, hidden, gate_lanes_, gate_rows_);
    if (kind.reset_before) {
      Buffer candidate(hidden * hidden);
      std::memcpy(candidate.data(), matrix_.data() + gates_ * hidden * hidden,
                  hidden * hidden * sizeof(float));
      cell.state_weights = pack(candidate, 1, hidden, hidden, candidate_lanes_, candidate_rows_);
    }
    for (std::size_t j = 0; j < hidden; ++j)
      candidate_bias_[j] = random_.within(-0.3f, 0.3f);
    cell.state_bias = candidate_bias_.data();
    if (kind.scaled_input) cell.input_bias = input_bias_.data();
    run.cell = &cell;
    run.steps = steps;
    run.projections = projections_.data();
    if (kind.share != ShareRule::kPlain || kind.scaled_input) run.attention = attention_.data();
    run.attention_stride = stride_;
    run.rows = rows;
    run.scratch = scratch_.data();
  }

  Buffer states(const KernelSet& set, std::size_t first, std::size_t rows) {
    Buffer states(rows * cell.hidden, 0.25f);
    if (cell.integers != IntegerPath::kNone) use_path(path_of(set));
    Recurrence part = run;
    if (part.attention != nullptr) part.attention += first;
    part.rows = rows;
    part.states = states.data();
    // One row needs less memory.
    constexpr std::size_t kGuard = 64;
    constexpr float kUntouched = 12345.0f;
    Buffer for_row(recurrence_row_scratch(cell.hidden) + kGuard, kUntouched);
    if (rows == 1) part.scratch = for_row.data();
    set.recur(part);
    for (std::size_t i = for_row.size() - kGuard; i < for_row.size(); ++i)
      REQUIRE(for_row[i] == kUntouched);
    return states;
  }

  // int8 weights instead, the nearest; false if the width does not allow that.
  bool use_integers() {
    if (cell.hidden % 4 != 0) return false;
    use_path(IntegerPath::kDot);
    return true;
  }

  Cell cell;
  Recurrence run;

 private:
  void use_path(IntegerPath path) {
    cell.integers = path;
    cell.integer_gates = integers_[0].make(path, matrix_.data(), gates_, cell.hidden);
    if (cell.reset_before) {
      cell.integer_state = integers_[1].make(
          path, matrix_.data() + gates_ * cell.hidden * cell.hidden, 1, cell.hidden);
    }
  }

  IntegerPath path_of(const KernelSet& set) const {
    return set.integers == IntegerPath::kNone ? IntegerPath::kDot : cell_path(set.integers, cell);
  }

  struct Integers {
    std::vector<std::int8_t> lanes;
    std::vector<std::int8_t> rows;
    std::vector<std::int32_t> offsets;
    Buffer scales;

    IntegerProduct make(IntegerPath path, const float* matrix, std::size_t groups,
                        std::size_t hidden) {
      const std::size_t outputs = groups * hidden;
      std::vector<std::int8_t> weights(outputs * hidden);
      offsets.assign(padded_units(outputs) + kMaxVector, 0);
      for (std::size_t output = 0; output < outputs; ++output) {
        const float* row = matrix + output * hidden;
        float largest = 0.0f;
        for (std::size_t k = 0; k < hidden; ++k)
          largest = std::fmax(largest, std::fabs(row[k]));
        scales[output] = largest / 127.0f / 127.0f;
        for (std::size_t k = 0; k < hidden; ++k) {
          const auto weight = static_cast<std::int8_t>(std::nearbyint(row[k] / largest * 127.0f));
          weights[output * hidden + k] = weight;
          offsets[output] -= 128 * weight;
        }
      }
      lanes.resize(outputs * padded_inputs(path, hidden));
      rows.resize(padded_units(outputs) * hidden);
      pack_integer_lanes(path, weights.data(), groups, hidden, hidden, lanes.data());
      pack_integer_rows(weights.data(), outputs, hidden, rows.data());
      return {lanes.data(), rows.data(), scales.data(), offsets.data()};
    }
  };

  Buffer weights(std::size_t outputs, std::size_t inputs) {
    const float size = 1.5f / std::sqrt(static_cast<float>(inputs));
    return random_.values(outputs * inputs, -size, size);
  }

  Random random_;
  std::size_t groups_;
  std::size_t gates_;
  Buffer matrix_;
  Buffer gate_lanes_;
  Buffer gate_rows_;
  Buffer candidate_lanes_;
  Buffer candidate_rows_;
  Buffer candidate_bias_;
  Buffer input_bias_;
  Buffer projections_;
  std::size_t stride_;
  Buffer attention_;
  Buffer scratch_;
  Integers integers_[2] = {{{}, {}, {}, Buffer(4096)}, {{}, {}, {}, Buffer(4096)}};
};

float largest_difference(const Buffer& a, const Buffer& b) {
  float largest = 0.0f;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::fabs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;  // not-a-number stays
  }
  return largest;
}

TEST_CASE(
    "the recurrence equals plain loops, whatever the cell, the width and the number of rows") {
  for (const CellCase& kind : kCells) {
    for (const std::size_t hidden : Sizes{1, 3, 4, 7, 17, 36, 50}) {
      if (emulated() && hidden > 17) continue;
      for (const std::size_t rows : Sizes{1, 2, 3, 5, 7, 10, 15, 16, 21, 55}) {
        Setting setting(kind, hidden, 5, rows, hidden * 100 + rows);
        const Buffer expected = setting.states(kReferenceKernels, 0, rows);
        for_each_set([&](const KernelSet& set) {
          CAPTURE(set.name);
          CAPTURE(static_cast<int>(kind.share));
          CAPTURE(kind.reset_before);
          CAPTURE(kind.scaled_input);
          CAPTURE(hidden);
          CAPTURE(rows);
          CHECK(largest_difference(setting.states(set, 0, rows), expected) <= 2e-6f);
        });
      }
    }
  }
}

TEST_CASE("a candidate's state has the same bits alone, in a few rows and in a full block") {
  for (const CellCase& kind : kCells) {
    for (const std::size_t hidden : Sizes{5, 36}) {
      constexpr std::size_t kRows = 47;
      Setting setting(kind, hidden, 6, kRows, hidden);
      for_each_set([&](const KernelSet& set) {
        const Buffer all = setting.states(set, 0, kRows);
        for (std::size_t row = 0; row < kRows; row += 5) {
          CAPTURE(set.name);
          CAPTURE(static_cast<int>(kind.share));
          CAPTURE(kind.reset_before);
          CAPTURE(row);
          const Buffer one = setting.states(set, row, 1);
          CHECK(std::memcmp(one.data(), all.data() + row * hidden, hidden * sizeof(float)) == 0);
        }
      });
    }
  }
}

TEST_CASE("with int8 weights the recurrence is near plain loops over the same integers") {
  for (const CellCase& kind : kCells) {
    for (const std::size_t hidden : Sizes{4, 20, 36}) {
      for (const std::size_t rows : Sizes{1, 3, 16, 35}) {
        Setting setting(kind, hidden, 8, rows, hidden * 100 + rows);
        const Buffer in_floats = setting.states(kReferenceKernels, 0, rows);
        REQUIRE(setting.use_integers());
        const Buffer expected = setting.states(kReferenceKernels, 0, rows);
        std::vector<float> of_matrices;
        for_each_integer_set([&](const KernelSet& set) {
          CAPTURE(set.name);
          CAPTURE(static_cast<int>(kind.share));
          CAPTURE(kind.reset_before);
          CAPTURE(kind.scaled_input);
          CAPTURE(hidden);
          CAPTURE(rows);
          const Buffer all = setting.states(set, 0, rows);
          // The gates' 1e-3, and an integer of h that is rounded to the other side now and then.
          CHECK(largest_difference(all, expected) <= 2e-2f);
          CHECK(largest_difference(all, in_floats) <= 5e-2f);
          // Products of matrices and dot products give the same sums.
          if (setting.cell.integers == IntegerPath::kMatrix)
            of_matrices.assign(all.data(), all.data() + all.size());
          if (setting.cell.integers == IntegerPath::kHalf && !of_matrices.empty())
            CHECK(std::memcmp(all.data(), of_matrices.data(), all.size() * sizeof(float)) == 0);
          const Buffer last = setting.states(set, rows - 1, 1);
          CHECK(std::memcmp(last.data(), all.data() + (rows - 1) * hidden,
                            hidden * sizeof(float)) == 0);
        });
      }
    }
  }
}

// One step from 0 of a cell whose weights are 0: the gates alone. Returns the states for each x.
Buffer gates_alone(const KernelSet& set, ShareRule share, std::size_t gate, const Buffer& x) {
  constexpr std::size_t kHidden = 32;
  const std::size_t rows = gate_count(share) * kHidden;
  const std::vector<std::int8_t> zeros((padded_units(rows) + kMaxVector) * kHidden);
  const std::vector<std::int32_t> offsets(padded_units(rows) + kMaxVector);
  const Buffer scales(padded_units(rows));
  const Buffer bias(padded_units(kHidden));
  const Buffer attention(kMaxVector, 1.0f);
  Buffer scratch(recurrence_scratch(kHidden));
  Cell cell;
  cell.share = share;
  cell.hidden = kHidden;
  cell.integers = cell_path(set.integers, cell);
  cell.integer_gates = {zeros.data(), zeros.data(), scales.data(), offsets.data()};
  cell.state_bias = bias.data();
  Buffer found(x.size());
  for (std::size_t i = 0; i + kHidden <= x.size(); i += kHidden) {
    Buffer projection(rows, 50.0f);
    std::memcpy(projection.data() + gate * kHidden, x.data() + i, kHidden * sizeof(float));
    Buffer states(kHidden);
    Recurrence run;
    run.cell = &cell;
    run.steps = run.rows = 1;
    run.projections = projection.data();
    run.attention = attention.data();
    run.states = states.data();
    run.scratch = scratch.data();
    set.recur(run);
    std::memcpy(found.data() + i, states.data(), kHidden * sizeof(float));
  }
  return found;
}

// Within 1.1e-3 for sigmoid and 1e-3 for tanh; in fp16, 1.3e-3 and 1.1e-3.
TEST_CASE("the gates of integer products are accurate to 1e-3") {
  for (const float limit : {1.0f, 8.0f, 100.0f}) {
    Buffer x(emulated() ? 3200 : 32000);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = limit * (2.0f * static_cast<float>(i) / static_cast<float>(x.size() - 1) - 1.0f);
    for_each_integer_set([&](const KernelSet& set) {
      const Buffer u = gates_alone(set, ShareRule::kPlain, 0, x);
      const Buffer c = gates_alone(set, ShareRule::kAttention, 1, x);
      float sigmoid_error = 0.0f;
      float tanh_error = 0.0f;
      for (std::size_t i = 0; i < x.size(); ++i) {
        sigmoid_error = std::fmax(sigmoid_error, std::fabs(u[i] - 1.0f / (1.0f + std::exp(-x[i]))));
        tanh_error = std::fmax(tanh_error, std::fabs(c[i] - std::tanh(x[i])));
      }
      CAPTURE(set.name);
      CAPTURE(limit);
      const bool in_halves =
          set.integers == IntegerPath::kHalf || set.integers == IntegerPath::kMatrix;
      // times tanh(50), which has an error of its own
      CHECK(sigmoid_error <= (in_halves ? 1.3e-3f : 1.1e-3f) + 4e-4f);
      CHECK(tanh_error <= (in_halves ? 1.1e-3f : 1e-3f));
    });
  }
}

TEST_CASE("the history holds the state after every step, in the same bits if steps go in chunks") {
  constexpr std::size_t kSteps = 4;
  for (const bool reset_before : {false, true}) {
    for (const std::size_t hidden : Sizes{3, 19, 36, 48}) {
      Setting setting({ShareRule::kPlain, reset_before, false}, hidden, kSteps, 1, 3);
      // The states after every step, `chunk` steps at a time.
      const auto history_of = [&](const KernelSet& set, std::size_t chunk) {
        Buffer history(kSteps * hidden);
        Buffer states(hidden, 0.25f);
        for (std::size_t t = 0; t < kSteps; t += chunk) {
          Recurrence run = setting.run;
          run.steps = std::min(chunk, kSteps - t);
          run.projections += t * setting.cell.gate_rows();
          run.states = states.data();
          run.history = history.data() + t * hidden;
          set.recur(run);
          CHECK(std::memcmp(states.data(), history.data() + (t + run.steps - 1) * hidden,
                            hidden * sizeof(float)) == 0);
        }
        return history;
      };
      const Buffer expected = history_of(kReferenceKernels, kSteps);
      for_each_set([&](const KernelSet& set) {
        CAPTURE(set.name);
        CAPTURE(hidden);
        const Buffer all = history_of(set, kSteps);
        CHECK(largest_difference(all, expected) <= 2e-6f);
        for (const std::size_t chunk : Sizes{1, 3}) {
          const Buffer parts = history_of(set, chunk);
          CHECK(std::memcmp(parts.data(), all.data(), all.size() * sizeof(float)) == 0);
        }
      });
    }
  }
}

}  // namespace
}  // namespace augur::test
