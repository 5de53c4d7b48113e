// The converter's choice of integers, scales and offsets.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "error.h"
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

const RowProgress kNoProgress = [](std::uint64_t, std::uint64_t) {};

std::unique_ptr<fb::ModelT> one_table(const std::vector<float>& values, std::uint32_t rows,
                                      std::uint32_t columns) {
  auto model = std::make_unique<fb::ModelT>();
  model->tables.push_back(std::make_unique<fb::EmbeddingTableT>());
  model->tables[0]->name = "item";
  model->tables[0]->weights = reference::make_tensor(rows, columns, values);
  return model;
}

std::unique_ptr<fb::ModelT> one_layer(const std::vector<float>& values, std::uint32_t rows,
                                      std::uint32_t columns) {
  auto model = std::make_unique<fb::ModelT>();
  model->head = std::make_unique<fb::HeadT>();
  model->head->layers.push_back(std::make_unique<fb::DenseT>());
  model->head->layers[0]->weight = reference::make_tensor(rows, columns, values);
  return model;
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

TEST_CASE("a table's row whose scale in fp16 would be 0 is kept, to half of the least scale") {
  for (const fb::TensorType type : {fb::TensorType::I8, fb::TensorType::I4}) {
    CAPTURE(type_name(type));
    const std::vector<float> values = {1e-6f, -4e-7f, 2e-7f, 0.5e-7f,  // the first: 17 least steps
                                       0.4f,  -0.2f,  0.01f, 0.3f};
    const auto model = one_table(values, 2, 4);
    Precision precision;
    precision.embeddings = type;
    const std::vector<PartChange> changes = quantise_model(*model, precision, kNoProgress);
    const std::vector<float> kept = dequantise(*model->tables[0]->weights);
    for (std::size_t k = 0; k < 4; ++k) {
      // int4 has 15 steps: the row's range in them.
      const double step = type == fb::TensorType::I8 ? 0x1p-24 : 1.4e-6 / 14;
      CHECK(std::abs(static_cast<double>(kept[k]) - static_cast<double>(values[k])) <= 0.75 * step);
    }
    CHECK(changes[0].rows_lost == 0);
    CHECK(warnings_of(changes).empty());
  }
}

TEST_CASE("a warning counts the rows that become zeros, names the table and says what to do") {
  const std::vector<float> values = {1e-9f, -2e-9f, 0.0f, 0.0f, 0.3f, 0.1f, -3e-9f, 0.0f};
  for (const fb::TensorType type : {fb::TensorType::F16, fb::TensorType::I8, fb::TensorType::I4}) {
    const auto model = one_table(values, 4, 2);  // a row of zeros is not lost
    Precision precision;
    precision.embeddings = type;
    const std::vector<PartChange> changes = quantise_model(*model, precision, kNoProgress);
    CHECK(changes[0].rows_lost == 2);
    CHECK(changes[0].largest_lost == doctest::Approx(3e-9));
    const std::vector<std::string> warnings = warnings_of(changes);
    REQUIRE(warnings.size() == 1);
    CAPTURE(warnings[0]);
    CHECK(warnings[0].find("tables.item: 2 of 4 rows become zeros in " + type_name(type)) == 0);
    CHECK(warnings[0].find("3e-09") != std::string::npos);
    CHECK(warnings[0].find("--keep-f32 tables.item") != std::string::npos);
  }
}

TEST_CASE("a warning says where int4 loses too much, with the largest group size that helps") {
  // Rows of 128 with a few values far larger than the others, which take the steps from them.
  reference::Generator generator(3);
  std::vector<float> values = bell_shaped(generator, 20 * 128);
  for (std::size_t i = 5; i < values.size(); i += 41)
    values[i] *= 5.0f;
  const auto changes_of = [&](std::uint32_t group, fb::TensorType type) {
    const auto model = one_layer(values, 20, 128);
    Precision precision;
    precision.weights = type;
    precision.group_size = group;
    return quantise_model(*model, precision, kNoProgress);
  };
  const std::vector<PartChange> coarse = changes_of(0, fb::TensorType::I4);
  REQUIRE(coarse[0].relative_error > kInt4Bound);
  const std::uint32_t group = coarse[0].helping_group;
  REQUIRE(group != 0);
  const std::vector<std::string> warnings = warnings_of(coarse);
  REQUIRE(warnings.size() == 1);
  CAPTURE(warnings[0]);
  CHECK(warnings[0].find("head.layers.0.weight (0.") == 0);
  CHECK(warnings[0].find("above 0.1") != std::string::npos);
  CHECK(warnings[0].find("--group-size " + std::to_string(group) + " ") != std::string::npos);
  const std::vector<PartChange> helped = changes_of(group, fb::TensorType::I4);
  CHECK(helped[0].relative_error <= kInt4Bound);
  CHECK(warnings_of(helped).empty());
  CHECK(changes_of(2 * group, fb::TensorType::I4)[0].relative_error > kInt4Bound);
  CHECK(warnings_of(changes_of(0, fb::TensorType::I8)).empty());
}

TEST_CASE("a warning recommends int8 where no group size helps int4") {
  PartChange change;
  change.path = "head.layers.0.weight";
  change.type = fb::TensorType::I4;
  change.shape = {1, 4};
  change.relative_error = 0.2;
  const std::vector<std::string> warnings = warnings_of({change});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("no group size") != std::string::npos);
  CHECK(warnings[0].find("--type head.layers.0.weight=int8") != std::string::npos);
}

TEST_CASE("dequantised values equal the values that the reference reads") {
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

TEST_CASE("types and sizes that do not fit are refused, and the message names them") {
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
