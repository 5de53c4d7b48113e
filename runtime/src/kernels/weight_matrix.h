// A weight matrix as products take it: f32, or int8 with one scale for each output.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/build_choices.h"

namespace augur {

// [outputs, inputs], row-major. Value: values[i], or scales[output] * integers[i].
struct WeightMatrix {
  std::uint32_t outputs = 0;
  std::uint32_t inputs = 0;
  const float* values = nullptr;
  const std::int8_t* integers = nullptr;  // instead of values
  const float* scales = nullptr;          // [outputs], with integers

  bool quantised() const { return build::kIntegers && integers != nullptr; }

  // Rows [first, first + count).
  WeightMatrix rows(std::uint32_t first, std::uint32_t count) const {
    WeightMatrix part = *this;
    const std::size_t skipped = std::size_t{first} * inputs;
    part.outputs = count;
    if (values != nullptr) part.values += skipped;
    if (integers != nullptr) part.integers += skipped;
    if (scales != nullptr) part.scales += first;
    return part;
  }
};

inline WeightMatrix float_weights(const float* values, std::uint32_t outputs,
                                  std::uint32_t inputs) {
  WeightMatrix matrix;
  matrix.outputs = outputs;
  matrix.inputs = inputs;
  matrix.values = values;
  return matrix;
}

}  // namespace augur
