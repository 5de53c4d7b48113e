// Scores, weights and weighted sums of every instruction set against the plain loops; and a
// candidate's scores do not depend on the others.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "runtime/support/kernel_inputs.h"

namespace augur::test {
namespace {

// Half, and what integers need where they may be used.
constexpr std::size_t second_units(std::size_t units) {
  return units % 4 == 0 ? (units / 2 + 3) / 4 * 4 : units / 2 + 1;
}

// Behind the scratch memory.
constexpr std::size_t kGuard = 64;
constexpr float kUntouched = 12345.0f;

// An MLP of two hidden layers over random histories and candidates.
class Setting {
 public:
  Setting(Activation activation, bool mlp, std::size_t width, std::size_t units, std::size_t steps,
          std::size_t rows)
      : random_(units * 1000 + steps),
        keys_(random_.values(steps * width, -1.0f, 1.0f)),
        queries_(random_.values(rows * width, -1.0f, 1.0f)),
        query_part_(random_.values(rows * units, -1.0f, 1.0f)),
        product_(layer(units, width)),
        key_(layer(units, width)),
        second_(layer(second_units(units), units)),
        last_(layer(1, second_units(units))),
        alpha_(random_.values(padded_units(units), 0.1f, 0.4f)),
        scratch_(pair_scratch(width, units, units, rows) + kGuard, kUntouched) {
    activation.alpha = activation.scale = activation.shift = alpha_.data();
    activation.epsilon = 1e-3f;
    layers_[0] = {second_.data(), alpha_.data(), units, second_units(units), activation};
    layers_[1] = {last_.data(), nullptr, second_units(units), 1, {}};
    mlp_.key = {key_.data(), nullptr, width, units, {}};
    mlp_.product = product_.data();
    mlp_.width = width;
    mlp_.units = units;
    mlp_.activation = activation;
    mlp_.layers = layers_;
    mlp_.layer_count = 2;
    mlp_.widest = units;
    call_.mlp = mlp ? &mlp_ : nullptr;
    call_.keys = {keys_.data(), width, steps, nullptr};
    call_.queries = queries_.data();
    call_.query_stride = width;
    call_.query_part = query_part_.data();
    call_.stride = padded_units(rows);
    call_.scratch = scratch_.data();
  }

  // [steps, stride]
  Buffer scores(const KernelSet& set, std::size_t first, std::size_t rows) {
    Buffer scores(call_.keys.steps * call_.stride);
    use_path_of(set);
    PairScores call = call_;
    call.queries += first * call.query_stride;
    if (call.query_part != nullptr) call.query_part += first * mlp_.units;
    call.rows = rows;
    call.scores = scores.data();
    check_kept_keys(set, call);
    set.score_pairs(call);
    std::size_t touched = 0;
    for (std::size_t i = scratch_.size() - kGuard; i < scratch_.size(); ++i)
      touched += scratch_[i] == kUntouched ? 0u : 1u;
    CHECK(touched == 0);
    return scores;
  }

  void use_path_of(const KernelSet& set) {
    const IntegerPath best = set.integers == IntegerPath::kNone ? IntegerPath::kDot : set.integers;
    integers_[0].use_path(integer_path(best, mlp_.width), &mlp_.integer_product);
    integers_[1].use_path(integer_path(best, layers_[0].inputs), &layers_[0].integer);
  }

  // Keys that are kept, and made in two calls, give the same bits.
  void check_kept_keys(const KernelSet& set, const PairScores& call) {
    const std::size_t steps = call.keys.steps;
    const std::size_t units = call.mlp == nullptr ? 0 : mlp_.units;
    Buffer kept(kept_keys_size(call.keys.width, units, steps));
    Buffer scores(steps * call.stride);
    PairScores of_kept = call;
    of_kept.keys.kept = kept.data();
    of_kept.scores = scores.data();
    KeepKeys keep = {call.mlp, call.keys, 0, steps / 2, kept.data(), call.scratch};
    keep.keys.steps = steps / 2;
    set.keep_keys(keep);
    keep.first = steps / 2;
    keep.end = keep.keys.steps = steps;
    set.keep_keys(keep);
    set.score_pairs(of_kept);
    set.score_pairs(call);
    std::size_t different = 0;
    for (std::size_t t = 0; t < steps; ++t) {
      different += std::memcmp(scores.data() + t * call.stride, call.scores + t * call.stride,
                               call.rows * sizeof(float)) == 0
                       ? 0u
                       : 1u;
    }
    CHECK(different == 0);
  }

  // Without the parts that the MLP may lack, but with a bias.
  void without_parts() {
    call_.query_part = nullptr;
    mlp_.key = {};
    mlp_.bias = alpha_.data();
  }
  void without_product() {
    mlp_.product = nullptr;
    mlp_.width = 0;
  }

  // int8 weights instead, the nearest, in all layers but the last.
  void use_integers(std::size_t width, std::size_t units, bool unit_inputs) {
    mlp_.integer_product = integers_[0].make(matrices_[0], units, width);
    mlp_.key.integer = integers_[2].make(matrices_[1], units, width);
    layers_[0].integer = integers_[1].make(matrices_[2], layers_[0].units, units);
    layers_[0].integer.unit_inputs = unit_inputs;
    mlp_.product = mlp_.key.weight = layers_[0].weight = nullptr;
  }

  std::size_t stride() const { return call_.stride; }

 private:
  struct Integers {
    std::size_t units_ = 0;
    std::size_t inputs_ = 0;
    std::vector<std::int8_t> weights;
    std::vector<std::int8_t> lanes;
    std::vector<std::int32_t> offsets;
    std::vector<float> scales;

    IntegerLayer make(const std::vector<float>& matrix, std::size_t units, std::size_t inputs) {
      units_ = units;
      inputs_ = inputs;
      weights.resize(units * inputs);
      offsets.assign(units, 0);
      for (std::size_t unit = 0; unit < units; ++unit) {
        float largest = 0.0f;
        for (std::size_t k = 0; k < inputs; ++k)
          largest = std::fmax(largest, std::fabs(matrix[unit * inputs + k]));
        scales.push_back(largest / 127.0f);
        for (std::size_t k = 0; k < inputs; ++k) {
          const float exact = matrix[unit * inputs + k] / largest * 127.0f;
          weights[unit * inputs + k] = static_cast<std::int8_t>(std::nearbyint(exact));
          offsets[unit] -= 128 * weights[unit * inputs + k];
        }
      }
      IntegerLayer layer = {IntegerPath::kDot, nullptr, scales.data(), offsets.data(), false};
      use_path(IntegerPath::kDot, &layer);
      return layer;
    }

    void use_path(IntegerPath path, IntegerLayer* layer) {
      if (weights.empty()) return;
      lanes.resize(units_ * padded_inputs(path, inputs_));
      pack_integer_lanes(path, weights.data(), 1, units_, inputs_, lanes.data());
      layer->path = path;
      layer->lanes = lanes.data();
    }
  };

  Buffer layer(std::size_t units, std::size_t inputs) {
    const float size = 1.5f / std::sqrt(static_cast<float>(inputs));
    const Buffer matrix = random_.values(units * inputs, -size, size);
    matrices_.emplace_back(matrix.data(), matrix.data() + units * inputs);
    Buffer packed(units * inputs);
    pack_lanes(matrix.data(), inputs, 1, units, inputs, packed.data());
    return packed;
  }

  Random random_;
  Buffer keys_;
  Buffer queries_;
  Buffer query_part_;
  std::vector<std::vector<float>> matrices_;  // of the layers
  Integers integers_[3];
  Buffer product_;
  Buffer key_;
  Buffer second_;
  Buffer last_;
  Buffer alpha_;
  Buffer scratch_;
  PairLayer layers_[2];
  PairMlp mlp_;
  PairScores call_;
};

void compare(Setting& setting, std::size_t steps, std::size_t rows, float tolerance = 5e-6f,
             bool integers = false) {
  const Buffer expected = setting.scores(kReferenceKernels, 0, rows);
  for_each_set([&](const KernelSet& set) {
    if (integers && set.integers == IntegerPath::kNone) return;
    const Buffer found = setting.scores(set, 0, rows);
    float largest = 0.0f;
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = t * setting.stride() + row;
        const float error = std::fabs(found[at] - expected[at]);
        if (!(error <= largest)) largest = error;
      }
    }
    CAPTURE(set.name);
    CAPTURE(steps);
    CAPTURE(rows);
    CHECK(largest <= tolerance);
  });
}

Activation of_kind(ActivationKind kind) {
  Activation activation;
  activation.kind = kind;
  return activation;
}

TEST_CASE("an MLP's scores equal plain loops, whatever the activation and the sizes") {
  for (const Activation& activation : all_activations()) {
    CAPTURE(static_cast<int>(activation.kind));
    CAPTURE(activation.gate.count);
    for (const std::size_t units : Sizes{1, 6, 29}) {
      for (const std::size_t steps : Sizes{1, 15, 40}) {
        for (const std::size_t rows : Sizes{1, 3, 16, 35}) {
          if (emulated() && steps * rows > 250) continue;
          Setting setting(activation, true, units / 2 + 2, units, steps, rows);
          compare(setting, steps, rows);
        }
      }
    }
  }
}

TEST_CASE("an MLP may lack the key part, or the product") {
  Setting no_parts(of_kind(ActivationKind::kPrelu), true, 9, 12, 20, 35);
  no_parts.without_parts();
  compare(no_parts, 20, 35);
  Setting no_product(of_kind(ActivationKind::kPrelu), true, 9, 12, 20, 35);
  no_product.without_product();
  compare(no_product, 20, 35);
}

TEST_CASE("with int8 weights an MLP's scores are near plain loops over the same integers") {
  for (const Activation& activation : all_activations()) {
    CAPTURE(static_cast<int>(activation.kind));
    CAPTURE(activation.gate.count);
    for (const std::size_t units : Sizes{4, 20, 40}) {
      for (const std::size_t rows : Sizes{1, 17, 35}) {
        const std::size_t width = units / 2 + 3;
        Setting setting(activation, true, width, units, 20, rows);
        const Buffer in_floats = setting.scores(kReferenceKernels, 0, rows);
        setting.use_integers(width, units, activation.kind == ActivationKind::kSigmoid);
        // The activation's 1e-3, and an integer that is rounded to the other side now and then.
        compare(setting, 20, rows, 2e-2f, true);
        const Buffer in_integers = setting.scores(kReferenceKernels, 0, rows);
        for (std::size_t i = 0; i < in_floats.size(); ++i)
          CHECK(std::fabs(in_integers[i] - in_floats[i]) <= 6e-2f);
        std::vector<float> of_matrices;
        for_each_integer_set([&](const KernelSet& set) {
          const Buffer all = setting.scores(set, 0, rows);
          // Products of matrices and dot products give the same sums.
          if (set.integers == IntegerPath::kMatrix)
            of_matrices.assign(all.data(), all.data() + all.size());
          if (set.integers == IntegerPath::kHalf && !of_matrices.empty())
            CHECK(std::memcmp(all.data(), of_matrices.data(), all.size() * sizeof(float)) == 0);
          const Buffer last = setting.scores(set, rows - 1, 1);
          for (std::size_t t = 0; t < 20; ++t) {
            CHECK(last[t * setting.stride()] == all[t * setting.stride() + rows - 1]);
          }
        });
      }
    }
  }
}

TEST_CASE("dot products equal plain loops, whatever the sizes") {
  for (const std::size_t width : Sizes{1, 5, 36}) {
    for (const std::size_t steps : Sizes{1, 2, 3, 15, 40}) {
      for (const std::size_t rows : Sizes{1, 2, 3, 5, 16, 35}) {
        Setting setting(of_kind(ActivationKind::kNone), false, width, 1, steps, rows);
        compare(setting, steps, rows);
      }
    }
  }
}

TEST_CASE("a candidate's scores and weights have the same bits alone and among others") {
  constexpr std::size_t kSteps = 23;
  constexpr std::size_t kRows = 37;
  for (const bool mlp : {false, true}) {
    Setting setting(of_kind(ActivationKind::kDice), mlp, 36, 20, kSteps, kRows);
    for_each_set([&](const KernelSet& set) {
      Buffer all = setting.scores(set, 0, kRows);
      set.softmax({kRows, kSteps, setting.stride(), 1.0f, all.data()});
      for (std::size_t row = 0; row < kRows; row += 4) {
        Buffer one = setting.scores(set, row, 1);
        set.softmax({1, kSteps, setting.stride(), 1.0f, one.data()});
        std::size_t different = 0;
        for (std::size_t t = 0; t < kSteps; ++t) {
          const std::size_t at = t * setting.stride();
          different +=
              std::memcmp(one.data() + at, all.data() + at + row, sizeof(float)) == 0 ? 0u : 1u;
        }
        CAPTURE(set.name);
        CAPTURE(mlp);
        CAPTURE(row);
        CHECK(different == 0);
      }
    });
  }
}

TEST_CASE("weighted sums equal plain loops") {
  Random random(11);
  for (const std::size_t width : Sizes{1, 18, 37}) {
    for (const std::size_t rows : Sizes{1, 2, 3, 4, 7, 20}) {
      constexpr std::size_t kSteps = 13;
      const Buffer weights = random.values(kSteps * padded_units(rows), 0.0f, 1.0f);
      const Buffer x = random.values(kSteps * width, -1.0f, 1.0f);
      Buffer scratch(weighted_sum_scratch(width));
      Buffer expected(rows * width);
      WeightedSum call = {weights.data(), padded_units(rows), rows,          x.data(), kSteps,
                          width,          expected.data(),    scratch.data()};
      kReferenceKernels.weighted_sum(call);
      for_each_set([&](const KernelSet& set) {
        Buffer found(rows * width);
        call.out = found.data();
        set.weighted_sum(call);
        float largest = 0.0f;
        for (std::size_t i = 0; i < found.size(); ++i) {
          const float error = std::fabs(found[i] - expected[i]);
          if (!(error <= largest)) largest = error;
        }
        CAPTURE(set.name);
        CHECK(largest <= 2e-6f);
      });
    }
  }
}

}  // namespace
}  // namespace augur::test
