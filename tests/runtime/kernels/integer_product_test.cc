// int8 products: activations quantised row by row, integers summed exactly, over odd sizes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/product.h"
#include "kernels/xnnpack_memory.h"

namespace augur {
namespace {

struct Case {
  std::uint32_t outputs;
  std::uint32_t inputs;
  InputRange range;
};

class IntegerProduct {
 public:
  IntegerProduct(const Case& sizes, std::mt19937& random) : case_(sizes) {
    std::uniform_int_distribution<int> integer(-127, 127);
    std::uniform_real_distribution<float> scale(0.001f, 0.02f);
    integers_.resize(std::size_t{sizes.outputs} * sizes.inputs);
    for (std::int8_t& value : integers_)
      value = static_cast<std::int8_t>(integer(random));
    for (std::uint32_t i = 0; i < sizes.outputs; ++i) {
      scales_.push_back(scale(random));
      bias_.push_back(scale(random));
    }
    WeightMatrix matrix;
    matrix.outputs = sizes.outputs;
    matrix.inputs = sizes.inputs;
    matrix.integers = integers_.data();
    matrix.scales = scales_.data();
    REQUIRE(product_.pack(matrix, bias_.data(), arena_, error_) == AUGUR_OK);
    REQUIRE(run_.create(product_, sizes.inputs, sizes.outputs, arena_, error_, sizes.range) ==
            AUGUR_OK);
  }

  std::vector<float> run(const std::vector<float>& x) const {
    const std::size_t rows = x.size() / case_.inputs;
    std::vector<float> padded(x);
    padded.resize(x.size() + kReadPastEnd / sizeof(float));
    std::vector<float> y(rows * case_.outputs, NAN);
    run_.run(padded.data(), rows, y.data());
    return y;
  }

  // What the product is defined as: the quantised input's exact product.
  double expected(const float* x, std::uint32_t output) const {
    std::vector<std::int8_t> q(case_.inputs);
    RowScale row;
    quantise_rows(case_.range, x, case_.inputs, 1, case_.inputs, q.data(), &row);
    double sum = 0.0;
    for (std::uint32_t k = 0; k < case_.inputs; ++k) {
      const int step = q[k] - row.zero_point;
      sum += static_cast<double>(step) * integers_[std::size_t{output} * case_.inputs + k];
    }
    return sum * static_cast<double>(row.scale) * static_cast<double>(scales_[output]) +
           static_cast<double>(bias_[output]);
  }

 private:
  Case case_;
  Arena arena_;
  Fault error_;
  std::vector<std::int8_t> integers_;
  std::vector<float> scales_;
  std::vector<float> bias_;
  Product product_;
  ProductRun run_;
};

std::vector<float> random_rows(const Case& sizes, std::size_t rows, std::mt19937& random) {
  std::uniform_real_distribution<float> any(-3.0f, 5.0f);
  std::uniform_real_distribution<float> unit(-1.0f, 1.0f);
  std::uniform_real_distribution<float> share(0.0f, 1.0f);
  std::vector<float> x(rows * sizes.inputs);
  for (float& value : x) {
    value = sizes.range == InputRange::kAny    ? any(random)
            : sizes.range == InputRange::kUnit ? unit(random)
                                               : share(random);
  }
  return x;
}

}  // namespace

TEST_CASE("an int8 product is the exact product of its integers") {
  Fault error;
  REQUIRE(initialise_xnnpack(error) == AUGUR_OK);
  std::mt19937 random(11);
  const Case cases[] = {{108, 36, InputRange::kUnit}, {72, 36, InputRange::kShare},
                        {200, 72, InputRange::kAny},  {80, 200, InputRange::kAny},
                        {3, 1, InputRange::kAny},     {5, 7, InputRange::kUnit},
                        {17, 19, InputRange::kAny},   {64, 130, InputRange::kAny}};
  for (const Case& sizes : cases) {
    CAPTURE(sizes.outputs);
    CAPTURE(sizes.inputs);
    const IntegerProduct product(sizes, random);
    for (const std::size_t rows : {1u, 2u, 3u, 7u, 16u, 31u, 32u, 33u, 64u, 65u, 100u, 130u}) {
      CAPTURE(rows);
      const std::vector<float> x = random_rows(sizes, rows, random);
      const std::vector<float> y = product.run(x);
      double worst = 0.0;
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::uint32_t output = 0; output < sizes.outputs; ++output) {
          const double expected = product.expected(x.data() + row * sizes.inputs, output);
          const double found = y[row * sizes.outputs + output];
          worst = std::max(worst, std::abs(found - expected) / std::max(1.0, std::abs(expected)));
        }
      }
      CHECK(worst < 1e-6);
      // A row's product does not depend on the others.
      const std::vector<float> alone =
          product.run({x.end() - static_cast<std::ptrdiff_t>(sizes.inputs), x.end()});
      for (std::uint32_t output = 0; output < sizes.outputs; ++output)
        CHECK(std::abs(alone[output] - y[(rows - 1) * sizes.outputs + output]) < 1e-6f);
    }
  }
}

}  // namespace augur
