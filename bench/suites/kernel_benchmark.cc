// Measures the fused kernels, for each instruction set that this processor has, and the plain loops
// (reference).
//
// xnnpack_… are XNNPACK's matrix products of the same shapes, 32 candidates at a time, without the
// gates, sigmoids and whatever else a kernel does. A fused kernel is worth having only if it is
// faster than these.
//
// function_… are sigmoid and tanh alone.
//
// Arguments: width, steps, candidates. Counters: ns per candidate and step, operations per second
// (a multiply-add is two), and the share of the measured peak that they are.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "augur-bench/inputs.h"
#include "kernels/kernel_set.h"
#include "kernels/product.h"
#include "kernels/xnnpack_memory.h"
#include "memory/arena.h"
#include "peak/peak.h"

namespace augur::bench {
namespace {

// Fills memory from an arena with random floats.
class Values {
 public:
  float* take(std::size_t count, float low, float high) {
    float* values = arena_.reserve(1, count);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = low + (high - low) * random_.unit();
    return values;
  }
  float* weights(std::size_t outputs, std::size_t inputs) {
    const float size = 1.0f / std::sqrt(static_cast<float>(inputs));
    return take(outputs * inputs, -size, size);
  }
  float* lanes(const float* matrix, std::size_t groups, std::size_t units, std::size_t inputs) {
    float* packed = arena_.reserve(1, groups * units * inputs);
    pack_lanes(matrix, inputs, groups, units, inputs, packed);
    return packed;
  }
  float* rows(const float* matrix, std::size_t outputs, std::size_t inputs) {
    float* packed = arena_.reserve(1, padded_units(outputs) * inputs);
    pack_rows(matrix, inputs, outputs, inputs, packed);
    return packed;
  }
  // int8 weights of a product, packed for both forms.
  IntegerProduct integers(IntegerPath path, std::size_t groups, std::size_t units,
                          std::size_t inputs) {
    const std::size_t outputs = groups * units;
    const std::size_t padded = padded_units(outputs) + kMaxVector;
    const Span<std::int8_t> weight = arena_.array<std::int8_t>(outputs * inputs);
    for (std::int8_t& value : weight)
      value = static_cast<std::int8_t>(254.0f * random_.unit() - 127.0f);
    const Span<std::int8_t> lanes =
        arena_.array<std::int8_t>(outputs * padded_inputs(path, inputs));
    const Span<std::int8_t> rows = arena_.array<std::int8_t>(padded * 4 * quads(inputs));
    const Span<std::int32_t> offsets = arena_.array<std::int32_t>(padded);
    pack_integer_lanes(path, weight.data(), groups, units, inputs, lanes.data());
    pack_integer_rows(weight.data(), outputs, inputs, rows.data());
    for (std::size_t m = 0; m < outputs; ++m) {
      for (std::size_t k = 0; k < inputs; ++k)
        offsets[m] -= 128 * weight[m * inputs + k];
    }
    const float scale = 1.0f / std::sqrt(static_cast<float>(inputs)) / 127.0f / 127.0f;
    return {lanes.data(), rows.data(), take(padded, scale, scale), offsets.data()};
  }

 private:
  Arena arena_;
  Random random_{3};
};

struct Shape {
  std::uint32_t outputs;
  std::uint32_t inputs;
};

struct Sizes {
  std::size_t width;
  std::size_t steps;
  std::size_t rows;

  explicit Sizes(const benchmark::State& state)
      : width(static_cast<std::size_t>(state.range(0))),
        steps(static_cast<std::size_t>(state.range(1))),
        rows(static_cast<std::size_t>(state.range(2))) {}
};

// The peak speed of this machine (peak/peak.h), measured once.
const Peaks& peaks() {
  static const Peaks measured = measure_peaks();
  return measured;
}

void report(benchmark::State& state, const Sizes& sizes, double multiply_adds_per_pair,
            bool integers = false) {
  using benchmark::Counter;
  const double pairs = static_cast<double>(sizes.steps * sizes.rows);
  state.counters["ns/pair"] =
      Counter(pairs * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["op/s"] =
      Counter(2.0 * pairs * multiply_adds_per_pair, Counter::kIsIterationInvariantRate);
  state.counters["share_of_peak"] = Counter(
      2.0 * pairs * multiply_adds_per_pair / (integers ? peaks().int8_ops : peaks().f32_flops),
      Counter::kIsIterationInvariantRate);
}

void recurrence(benchmark::State& state, const KernelSet& set, bool reset_before, bool integers) {
  const Sizes sizes(state);
  if (integers && set.integers == IntegerPath::kNone)
    return state.SkipWithError("no integer products");
  const std::size_t width = sizes.width;
  Values values;
  Cell cell;
  cell.share = ShareRule::kScale;
  cell.reset_before = reset_before;
  cell.hidden = width;
  const std::size_t gates = reset_before ? 2 : 3;
  const float* matrix = values.weights(gates * width, width);
  cell.gates = {values.lanes(matrix, gates, width, width),
                values.rows(matrix, gates * width, width)};
  if (reset_before) {
    const float* candidate = values.weights(width, width);
    cell.state_weights = {values.lanes(candidate, 1, width, width),
                          values.rows(candidate, width, width)};
  }
  if (integers) cell.integers = cell_path(set.integers, cell);
  if (integers) {
    cell.integer_gates = values.integers(cell.integers, gates, width, width);
    if (reset_before) cell.integer_state = values.integers(cell.integers, 1, width, width);
  }
  cell.state_bias = values.take(padded_units(width), 0.0f, 0.0f);
  Recurrence run;
  run.cell = &cell;
  run.steps = sizes.steps;
  run.projections = values.take(sizes.steps * cell.gate_rows(), -1.0f, 1.0f);
  run.attention_stride = padded_units(sizes.rows);
  run.attention = values.take(sizes.steps * run.attention_stride, 0.0f, 0.1f);
  run.rows = sizes.rows;
  run.states = values.take(sizes.rows * width, -0.1f, 0.1f);
  run.scratch = values.take(recurrence_scratch(width), 0.0f, 0.0f);
  for ([[maybe_unused]] const auto _ : state)
    set.recur(run);
  report(state, sizes, static_cast<double>(3 * width * width), integers);
}

void pair_scores(benchmark::State& state, const KernelSet& set, ActivationKind kind) {
  constexpr std::size_t kFirst = 80;
  constexpr std::size_t kSecond = 40;
  const Sizes sizes(state);
  const std::size_t width = sizes.width;
  Values values;
  Activation activation;
  activation.kind = kind;
  activation.alpha = values.take(kFirst, 0.0f, 0.3f);
  PairLayer layers[2];
  layers[0] = {values.lanes(values.weights(kSecond, kFirst), 1, kSecond, kFirst), activation.alpha,
               kFirst, kSecond, activation};
  layers[1] = {values.lanes(values.weights(1, kSecond), 1, 1, kSecond), nullptr, kSecond, 1, {}};
  PairMlp mlp;
  mlp.key = {
      values.lanes(values.weights(kFirst, width), 1, kFirst, width), nullptr, width, kFirst, {}};
  mlp.product = values.lanes(values.weights(kFirst, width), 1, kFirst, width);
  mlp.width = width;
  mlp.units = mlp.widest = kFirst;
  mlp.activation = activation;
  mlp.layers = layers;
  mlp.layer_count = 2;
  PairScores call;
  if (kind != ActivationKind::kNone) call.mlp = &mlp;  // kNone: scores by dot products
  const float* kept = values.take(kept_keys_size(width, kFirst, sizes.steps), -1.0f, 1.0f);
  call.keys = {values.take(sizes.steps * width, -1.0f, 1.0f), width, sizes.steps, kept};
  call.rows = sizes.rows;
  call.queries = values.take(sizes.rows * width, -1.0f, 1.0f);
  call.query_stride = width;
  call.query_part = values.take(sizes.rows * kFirst, -1.0f, 1.0f);
  call.stride = padded_units(sizes.rows);
  call.scores = values.take(sizes.steps * call.stride, 0.0f, 0.0f);
  call.scratch = values.take(pair_scratch(width, kFirst, kFirst, sizes.rows), 0.0f, 0.0f);
  for ([[maybe_unused]] const auto _ : state)
    set.score_pairs(call);
  report(state, sizes,
         static_cast<double>(call.mlp == nullptr ? width
                                                 : width * kFirst + kFirst * kSecond + kSecond));
}

// ns per value of a function that gates or a layer apply to 4096 values, in place.
void function(benchmark::State& state, const KernelSet& set, ActivationKind kind) {
  constexpr std::size_t kValues = 4096;
  Values values;
  Activation activation;
  activation.kind = kind;
  float* x = values.take(kValues, -4.0f, 4.0f);
  const ActivationCall call = {&activation, nullptr, 1, kValues, kValues, x};
  for ([[maybe_unused]] const auto _ : state)
    set.activate(call);
  state.counters["ns/value"] = benchmark::Counter(
      static_cast<double>(kValues) * 1e-9,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// XNNPACK's products of tiles of candidates with weights of these shapes, one after the other, for
// all steps: all the multiplications of a cell or of the attention's MLP, and nothing else.
void xnnpack_products(benchmark::State& state, const std::vector<Shape>& shapes) {
  constexpr std::size_t kTile = 32;
  const Sizes sizes(state);
  Values values;
  Arena arena;
  Fault error;
  struct Layer {
    Product product;
    ProductRun run;
    const float* x;
    float* y;
  };
  std::vector<Layer> layers(shapes.size());
  double multiply_adds = 0.0;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto [outputs, inputs] = shapes[i];
    Layer& layer = layers[i];
    layer.x = values.take(kTile * inputs, -1.0f, 1.0f);
    layer.y = values.take(kTile * outputs, 0.0f, 0.0f);
    if (initialise_xnnpack(error) != AUGUR_OK ||
        layer.product.pack(values.weights(outputs, inputs), nullptr, outputs, inputs, arena,
                           error) != AUGUR_OK ||
        layer.run.create(layer.product, inputs, outputs, arena, error) != AUGUR_OK) {
      return state.SkipWithError(error.message());
    }
    multiply_adds += static_cast<double>(outputs) * inputs;
  }
  for ([[maybe_unused]] const auto _ : state) {
    for (std::size_t first = 0; first < sizes.rows; first += kTile) {
      const std::size_t rows = std::min(kTile, sizes.rows - first);
      for (std::size_t t = 0; t < sizes.steps; ++t) {
        for (const Layer& layer : layers)
          layer.run.run(layer.x, rows, layer.y);
      }
    }
  }
  report(state, sizes, multiply_adds);
}

void sizes_of(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({{36, 64, 128}, {100}, {1, 10, 100, 500}})->Unit(benchmark::kMicrosecond);
}

template <typename Body>
void add(const std::string& name, Body body) {
  for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
    const KernelSet& set = *kernel_set(i);
    benchmark::RegisterBenchmark((name + "/" + set.name).c_str(), [&set,
                                                                   body](benchmark::State& state) {
      body(state, set);
    })->Apply(sizes_of);
  }
}

void add_xnnpack(const std::string& name, std::vector<Shape> (*shapes)(std::uint32_t width)) {
  benchmark::RegisterBenchmark(("xnnpack_" + name + "/f32").c_str(), [=](benchmark::State& state) {
    xnnpack_products(state, shapes(static_cast<std::uint32_t>(state.range(0))));
  })->Apply(sizes_of);
}

const bool added = [] {
  for (const bool reset_before : {false, true}) {
    for (const bool integers : {false, true}) {
      const std::string name =
          std::string("augru") + (reset_before ? "_reset_before" : "") + (integers ? "_int8" : "");
      add(name, [=](benchmark::State& state, const KernelSet& set) {
        recurrence(state, set, reset_before, integers);
      });
    }
  }
  add("mlp_sigmoid", [](benchmark::State& state, const KernelSet& set) {
    pair_scores(state, set, ActivationKind::kSigmoid);
  });
  add("mlp_prelu", [](benchmark::State& state, const KernelSet& set) {
    pair_scores(state, set, ActivationKind::kPrelu);
  });
  add("dot", [](benchmark::State& state, const KernelSet& set) {
    pair_scores(state, set, ActivationKind::kNone);
  });
  for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
    const KernelSet& set = *kernel_set(i);
    for (const auto& [name, kind] : {std::pair("sigmoid", ActivationKind::kSigmoid),
                                     std::pair("tanh", ActivationKind::kTanh)}) {
      benchmark::RegisterBenchmark(
          (std::string("function_") + name + "/" + set.name).c_str(),
          [&set, kind = kind](benchmark::State& state) { function(state, set, kind); });
    }
  }
  add_xnnpack("augru", [](std::uint32_t width) -> std::vector<Shape> {
    return {{3 * width, width}};
  });
  add_xnnpack("mlp", [](std::uint32_t width) -> std::vector<Shape> {
    return {{80, width}, {40, 80}, {1, 40}};
  });
  return true;
}();

}  // namespace
}  // namespace augur::bench
