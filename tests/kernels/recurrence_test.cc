// The recurrence of every instruction set against the plain loops: all cells, odd sizes; and a
// candidate's state does not depend on the others.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "support.h"

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
      cell.candidate = pack(candidate, 1, hidden, hidden, candidate_lanes_, candidate_rows_);
    }
    for (std::size_t j = 0; j < hidden; ++j)
      candidate_bias_[j] = random_.within(-0.3f, 0.3f);
    cell.candidate_bias = candidate_bias_.data();
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
    Recurrence part = run;
    if (part.attention != nullptr) part.attention += first;
    part.rows = rows;
    part.states = states.data();
    set.recur(part);
    return states;
  }

  Cell cell;
  Recurrence run;

 private:
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
      for (const std::size_t rows : Sizes{1, 2, 3, 5, 16, 21, 55}) {
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
      constexpr std::size_t kRows = 37;
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

TEST_CASE("the history is the state after every step") {
  constexpr std::size_t kHidden = 19;
  constexpr std::size_t kSteps = 4;
  for (const bool reset_before : {false, true}) {
    Setting setting({ShareRule::kPlain, reset_before, false}, kHidden, kSteps, 1, 3);
    for_each_set([&](const KernelSet& set) {
      Buffer history(kSteps * kHidden);
      Buffer states(kHidden, 0.25f);
      Recurrence run = setting.run;
      run.states = states.data();
      run.history = history.data();
      set.recur(run);
      for (std::size_t t = 0; t < kSteps; ++t) {
        CAPTURE(set.name);
        CAPTURE(t);
        setting.run.steps = t + 1;
        const Buffer after = setting.states(set, 0, 1);
        CHECK(std::memcmp(after.data(), history.data() + t * kHidden, kHidden * sizeof(float)) ==
              0);
      }
      setting.run.steps = kSteps;
    });
  }
}

}  // namespace
}  // namespace augur::test
