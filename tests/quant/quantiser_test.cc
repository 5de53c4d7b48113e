// The converter's choice of integers, scales and offsets.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "error.h"
#include "quantise/half.h"
#include "quantise/quantise.h"
#include "quantise/rows.h"
#include "reference/build.h"
#include "reference/generator.h"
#include "reference/matrix.h"

namespace augur::convert {
namespace {

double squared_error(const std::vector<float>& values, const IntegerRow& row) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double step = row.integers[i] + row.offset / 16.0;
    sum += std::pow(static_cast<double>(values[i]) - static_cast<double>(row.scale) * step, 2);
  }
  return sum;
}

// Rounding with the scale of the largest magnitude.
double plain_error(const std::vector<float>& values, int limit) {
  double largest = 0.0;
  for (const float value : values)
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  const double scale = largest / limit;
  double sum = 0.0;
  for (const float value : values)
    sum += std::pow(value - scale * std::nearbyint(value / scale), 2);
  return sum;
}

std::vector<float> bell_shaped(reference::Generator& generator, std::size_t count) {
  std::vector<float> values;
  while (values.size() < count) {
    float sum = 0.0f;
    for (int i = 0; i < 6; ++i)
      sum += generator.symmetric(0.1);
    values.push_back(sum);
  }
  return values;
}

std::string failure_of(float value, fb::TensorType type) {
  const auto tensor = reference::make_tensor(1, 2, {0.5f, value});
  tensor->name = "emb";
  try {
    quantise_tensor(*tensor, type, true, 0, "tables.item", [](std::uint64_t) {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("fp16: every number comes back, and others go to the nearest") {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_half(half);
    if (std::isnan(value)) {
      CHECK(std::isnan(from_half(to_half(value))));
    } else {
      CHECK(to_half(value) == half);
    }
  }
  CHECK(to_half(1.0f + 0x1p-11f) == to_half(1.0f));                // a tie, to even
  CHECK(to_half(1.0f + 3 * 0x1p-11f) == to_half(1.0f + 0x1p-9f));  // a tie, to even
  CHECK(to_half(0x1p-25f) == 0);
  CHECK(to_half(0x1.01p-25f) == 1);
  CHECK(std::isinf(from_half(to_half(65520.0f))));
}

TEST_CASE("no row gets worse by the search, and int4 rows get much better") {
  reference::Generator generator(5);
  double plain = 0.0;
  double searched = 0.0;
  for (int row = 0; row < 200; ++row) {
    const std::vector<float> values = bell_shaped(generator, 18);
    IntegerRow integers;
    quantise_symmetric(values.data(), values.size(), 127, ScaleKind::kFloat, integers);
    CHECK(squared_error(values, integers) <= plain_error(values, 127) * 1.0001);
    quantise_with_offset(values.data(), values.size(), ScaleKind::kHalf, integers);
    CHECK(std::all_of(integers.integers.begin(), integers.integers.end(),
                      [](int integer) { return integer >= -8 && integer <= 7; }));
    plain += plain_error(values, 7);
    searched += squared_error(values, integers);
  }
  MESSAGE("int4: squared error ", searched, ", by plain rounding ", plain);
  CHECK(searched < 0.6 * plain);
}

TEST_CASE("rows that are all zeros, all equal, tiny or far from zero") {
  IntegerRow row;
  const std::vector<float> zeros(7, 0.0f);
  quantise_symmetric(zeros.data(), zeros.size(), 127, ScaleKind::kFloat, row);
  CHECK(squared_error(zeros, row) == 0.0);
  CHECK(row.scale == 1.0f);
  quantise_with_offset(zeros.data(), zeros.size(), ScaleKind::kHalf, row);
  CHECK(squared_error(zeros, row) == 0.0);
  for (const float value : {0.3f, -0.3f, 1e-6f, 1000.0f}) {
    CAPTURE(value);
    const std::vector<float> equal(18, value);
    quantise_with_offset(equal.data(), equal.size(), ScaleKind::kHalf, row);
    const double error = std::sqrt(squared_error(equal, row) / 18);
    CHECK(error < 0.005 * std::abs(static_cast<double>(value)) + 4e-8);
  }
  // Smaller than any step that a scale could have.
  const std::vector<float> tiny(4, 1e-42f);
  quantise_symmetric(tiny.data(), tiny.size(), 127, ScaleKind::kFloat, row);
  CHECK(std::isnormal(row.scale));
  const std::vector<float> far = {10.0f, 10.1f, 10.2f, 10.3f};
  quantise_with_offset(far.data(), far.size(), ScaleKind::kHalf, row);
  CHECK(std::sqrt(squared_error(far, row) / 4) < 0.2);
}

TEST_CASE("what is dequantised is what the reference reads") {
  reference::Generator generator(9);
  for (const std::uint32_t columns : {1u, 2u, 5u, 18u}) {
    for (const fb::TensorType type :
         {fb::TensorType::F16, fb::TensorType::I8, fb::TensorType::I4}) {
      for (const std::uint32_t group : {0u, 2u, 4u}) {
        for (const bool table : {false, true}) {
          const auto tensor =
              reference::make_tensor(3, columns, generator.symmetric(0.5, 3 * columns));
          quantise_tensor(*tensor, type, table, group, "part", [](std::uint64_t) {});
          const std::vector<float> values = dequantise(*tensor);
          for (std::uint32_t row = 0; row < 3; ++row) {
            for (std::uint32_t k = 0; k < columns; ++k) {
              const double expected = reference::value(*tensor, row, k);
              CHECK(std::abs(values[row * columns + k] - expected) <= 1e-7 * std::abs(expected));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("what does not fit is refused by name") {
  CHECK(failure_of(65504.0f, fb::TensorType::F16) == "");
  const std::string overflow = failure_of(70000.0f, fb::TensorType::F16);
  CHECK(overflow.find("tables.item") != std::string::npos);
  CHECK(overflow.find("7e+04") != std::string::npos);
  CHECK(overflow.find("--keep-f32") != std::string::npos);
  CHECK(failure_of(1e8f, fb::TensorType::I8).find("row 0") != std::string::npos);
  CHECK(failure_of(1e8f, fb::TensorType::I4).find("row 0") != std::string::npos);
  CHECK_THROWS_WITH_AS(
      parse_type("int16", "--embeddings"),
      "--embeddings int16: there is no such type; the types are f32, fp16, int8, int4", Error);
}

TEST_CASE("a part is named by its path, its beginning or a word of it") {
  CHECK(names_part("head", "head.layers.0.weight"));
  CHECK(names_part("head.layers.0", "head.layers.0.weight"));
  CHECK(names_part("evolution", "stacks.clicks.evolution.recurrent"));
  CHECK_FALSE(names_part("head.layers.1", "head.layers.10.weight"));
  CHECK_FALSE(names_part("evo", "stacks.clicks.evolution.recurrent"));
  Precision precision;
  precision.weights = fb::TensorType::I8;
  precision.embeddings = fb::TensorType::I4;
  precision.parts = {{"head", fb::TensorType::F16}, {"head.layers.0", fb::TensorType::F32}};
  CHECK(precision.type_of("tables.item") == fb::TensorType::I4);
  CHECK(precision.type_of("stacks.s.attention.bilinear") == fb::TensorType::I8);
  CHECK(precision.type_of("head.layers.1.weight") == fb::TensorType::F16);
  CHECK(precision.type_of("head.layers.0.weight") == fb::TensorType::F32);
}

}  // namespace augur::convert
