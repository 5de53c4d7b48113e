// Rows as int8: every instruction set gives the integers and the scales of the plain loops.
#include "kernels/quantise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "memory/arena.h"
#include "runtime/support/kernel_inputs.h"

namespace augur::test {
namespace {

constexpr std::size_t kRows = 5;

struct Quantised {
  std::vector<std::int8_t> q;
  std::vector<RowScale> scales;
};

Quantised quantised(const KernelSet& set, InputRange range, const float* x, std::size_t stride,
                    std::size_t width) {
  Quantised result = {std::vector<std::int8_t>(kRows * width + kReadPastEnd),
                      std::vector<RowScale>(kRows)};
  set.quantise_rows(range, x, stride, kRows, width, result.q.data(), result.scales.data());
  result.q.resize(kRows * width);
  return result;
}

}  // namespace

TEST_CASE("rows are quantised with the bits of the plain loops, in every range and width") {
  Random random(11);
  for (const InputRange range : {InputRange::kAny, InputRange::kUnit, InputRange::kShare}) {
    const float low = range == InputRange::kShare ? 0.0f : -1.0f;
    const float size = range == InputRange::kAny ? 40.0f : 1.0f;
    for (const std::size_t width : Sizes{1, 3, 4, 15, 16, 17, 31, 36, 64, 100}) {
      const std::size_t stride = width + 3;
      Buffer x = random.values(kRows * stride, low * size, size);
      // A row of zeros, one on one side of 0, one with ties.
      for (std::size_t k = 0; k < width; ++k) {
        x[stride + k] = 0.0f;
        x[2 * stride + k] = std::fabs(x[2 * stride + k]);
        x[3 * stride + k] = static_cast<float>(k % 3) / 254.0f;
      }
      const Quantised expected = quantised(kReferenceKernels, range, x.data(), stride, width);
      for_each_set([&](const KernelSet& set) {
        CAPTURE(set.name);
        CAPTURE(static_cast<int>(range));
        CAPTURE(width);
        const Quantised found = quantised(set, range, x.data(), stride, width);
        CHECK(found.q == expected.q);
        for (std::size_t row = 0; row < kRows; ++row) {
          CHECK(found.scales[row].zero_point == expected.scales[row].zero_point);
          CHECK(found.scales[row].scale == expected.scales[row].scale);
        }
      });
      // x is within half a step of what its integer stands for.
      for (std::size_t row = 0; row < kRows; ++row) {
        const RowScale& scale = expected.scales[row];
        for (std::size_t k = 0; k < width; ++k) {
          const float value =
              scale.scale * static_cast<float>(expected.q[row * width + k] - scale.zero_point);
          CHECK(std::fabs(value - x[row * stride + k]) <= 0.5001f * scale.scale);
        }
      }
    }
  }
}

}  // namespace augur::test
