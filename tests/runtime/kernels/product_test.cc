// The matrix product against a plain loop in float64, over odd sizes.
#include "kernels/product.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/xnnpack_memory.h"
#include "loader/reader.h"
#include "reference/generator.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

constexpr std::size_t kSlack = kReadPastEnd / sizeof(float);
constexpr float kUntouched = 12345.0f;

struct Case {
  std::uint32_t outputs;
  std::uint32_t inputs;
  std::size_t rows;
  bool bias;
  std::size_t input_gap;  // strides are wider than the rows by these
  std::size_t output_gap;
};

// Whether the last row came out bitwise the same when it was alone.
bool check_product(const Case& c, reference::Generator& generator) {
  CAPTURE(c.outputs);
  CAPTURE(c.inputs);
  CAPTURE(c.rows);
  CAPTURE(c.bias);
  CAPTURE(c.input_gap);
  Fault error;
  REQUIRE(initialise_xnnpack(error) == AUGUR_OK);
  Arena arena;
  Product product;
  const std::vector<float> weight = generator.symmetric(1.0, std::size_t{c.outputs} * c.inputs);
  const std::vector<float> bias = generator.symmetric(1.0, c.outputs);
  {
    // Both may be freed after packing.
    const std::vector<float> weight_copy = weight;
    const std::vector<float> bias_copy = bias;
    REQUIRE(product.pack(weight_copy.data(), c.bias ? bias_copy.data() : nullptr, c.outputs,
                         c.inputs, arena, error) == AUGUR_OK);
  }
  const std::size_t input_stride = c.inputs + c.input_gap;
  const std::size_t output_stride = c.outputs + c.output_gap;
  ProductRun run;
  REQUIRE(run.create(product, input_stride, output_stride, arena, error) == AUGUR_OK);
  const std::vector<float> x = generator.symmetric(1.0, c.rows * input_stride + kSlack);
  std::vector<float> y(c.rows * output_stride, kUntouched);
  run.run(x.data(), c.rows, y.data());

  Worst worst;
  std::vector<double> last_sizes(c.outputs);
  bool gaps_untouched = true;
  for (std::size_t row = 0; row < c.rows; ++row) {
    for (std::size_t o = 0; o < c.outputs; ++o) {
      std::vector<double> terms = {c.bias ? static_cast<double>(bias[o]) : 0.0};
      for (std::size_t k = 0; k < c.inputs; ++k) {
        terms.push_back(static_cast<double>(weight[o * c.inputs + k]) *
                        static_cast<double>(x[row * input_stride + k]));
      }
      double sum = 0.0;
      double size = 0.0;
      for (const double term : terms) {
        sum += term;
        size += std::abs(term);
      }
      const double difference = std::abs(static_cast<double>(y[row * output_stride + o]) - sum);
      last_sizes[o] = size + 1e-30;
      worst.add(difference / last_sizes[o]);
    }
    for (std::size_t o = c.outputs; o < output_stride && row + 1 < c.rows; ++o)
      if (y[row * output_stride + o] != kUntouched) gaps_untouched = false;
  }
  // Each addition may round once.
  const double bound = 6e-8 * (c.inputs + 1.0);
  CHECK(worst.largest() <= bound);
  CHECK(gaps_untouched);

  // A row comes out the same alone, but for rounding: XNNPACK's kernel for one row may add up in
  // another order than that for several (it does on ARM). The test prints how often it is bitwise
  // the same.
  std::vector<float> alone(c.outputs);
  ProductRun single;
  REQUIRE(single.create(product, input_stride, c.outputs, arena, error) == AUGUR_OK);
  const std::vector<float> last(x.end() - static_cast<std::ptrdiff_t>(input_stride + kSlack),
                                x.end());
  single.run(last.data(), 1, alone.data());
  const float* together = y.data() + (c.rows - 1) * output_stride;
  Worst worst_alone;
  for (std::size_t o = 0; o < c.outputs; ++o) {
    const double difference = std::abs(static_cast<double>(alone[o]) - together[o]);
    worst_alone.add(difference / last_sizes[o]);
  }
  CHECK(worst_alone.largest() <= 2 * bound);
  return std::memcmp(alone.data(), together, c.outputs * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("products match float64 at odd sizes") {
  reference::Generator generator(11);
  std::vector<std::uint32_t> sizes = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 130};
  if (emulated()) sizes = {1, 2, 3, 8, 17, 65};
  std::size_t cases = 0;
  std::size_t bitwise = 0;
  for (const std::uint32_t outputs : sizes) {
    for (const std::uint32_t inputs : sizes) {
      for (const std::size_t rows : {1u, 2u, 3u, 5u, 6u, 7u, 33u}) {
        const bool odd = (outputs + inputs + rows) % 2 == 1;
        const Case each = {outputs, inputs, rows, odd, odd ? 3u : 0u, odd ? 2u : 0u};
        bitwise += check_product(each, generator) ? 1u : 0u;
        ++cases;
      }
    }
  }
  MESSAGE(bitwise, " of ", cases, " rows are bitwise the same alone");
}

// f32 weights are packed from where they lie in the file, which may end right after them.
TEST_CASE("packing reads nothing past f32 weights, and little past int8") {
  Fault error;
  REQUIRE(initialise_xnnpack(error) == AUGUR_OK);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t bytes = 64 * page;
  void* block =
      mmap(nullptr, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(block != MAP_FAILED);
  auto* end = static_cast<char*>(block) + bytes;
  REQUIRE(mprotect(end, page, PROT_NONE) == 0);
  for (const std::uint32_t outputs : {1u, 2u, 3u, 7u, 8u, 15u, 16u, 17u, 31u, 33u, 40u, 108u}) {
    for (const std::uint32_t inputs : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 15u, 16u, 17u, 36u, 37u}) {
      const std::size_t count = std::size_t{outputs} * inputs;
      const std::vector<float> weight(count, 0.5f);
      void* floats = end - count * sizeof(float);
      std::memcpy(floats, weight.data(), count * sizeof(float));
      Arena arena;
      Product product;
      CHECK(product.pack(static_cast<const float*>(floats), nullptr, outputs, inputs, arena,
                         error) == AUGUR_OK);
      WeightMatrix integers;
      integers.outputs = outputs;
      integers.inputs = inputs;
      integers.integers = reinterpret_cast<const std::int8_t*>(end - kReadPastEnd - count);
      integers.scales = weight.data();
      Product quantised;
      CHECK(quantised.pack(integers, nullptr, arena, error) == AUGUR_OK);
    }
  }
  munmap(block, bytes + page);
}

TEST_CASE("the reader leaves f32 in the file and copies int8, which is read past its end") {
  for (const bool quantised : {false, true}) {
    fb::TensorT tensor;
    tensor.shape = {4, 8};
    tensor.type = quantised ? fb::TensorType::I8 : fb::TensorType::F32;
    tensor.data.assign(quantised ? 32 : 32 * sizeof(float), 1);
    if (quantised) {
      tensor.scale_type = fb::ScaleType::F32;
      tensor.scales.assign(4 * sizeof(float), 0x30);
    }
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::CreateTensor(builder, &tensor));
    Fault error;
    Arena arena;
    Reader reader(arena, error);
    const Shape shape = {4, 8};
    std::vector<float> memory(Reader::weight_bytes(shape) / sizeof(float));
    WeightMatrix weights;
    REQUIRE(reader.weights(flatbuffers::GetRoot<fb::Tensor>(builder.GetBufferPointer()), "w", shape,
                           memory.data(), &weights) == AUGUR_OK);
    CHECK(weights.quantised() == quantised);
    const void* expected = memory.data();
    if (quantised) {
      CHECK(weights.integers == expected);
    } else {
      CHECK(weights.values != expected);
      CHECK(weights.values[31] == weights.values[0]);
    }
  }
}

TEST_CASE("runs of one product share its packed weights") {
  Fault error;
  REQUIRE(initialise_xnnpack(error) == AUGUR_OK);
  Arena weights;
  Product product;
  const std::vector<float> weight(100 * 100, 0.25f);
  REQUIRE(product.pack(weight.data(), nullptr, 100, 100, weights, error) == AUGUR_OK);
  CHECK(product.packed_bytes() >= weight.size() * sizeof(float));
  Arena operators;
  ProductRun run;
  REQUIRE(run.create(product, 100, 100, operators, error) == AUGUR_OK);
  CHECK(operators.used_bytes() < weight.size() * sizeof(float) / 4);
}

}  // namespace augur::testing
