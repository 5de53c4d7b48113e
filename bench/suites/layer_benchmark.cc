// Measures each layer by itself, with random models: the parts that a request consists of.
//
//   layer_user/…       the user's part of a stack: extractor, keys of the attention, projections
//   layer_attention/…  weights of N candidates over the history
//   layer_stack/…      attention and evolution of N candidates
//   layer_head/…       the head's part for N candidates; T does not matter
//
// Arguments: width of embeddings and states, T, N (layer_user: 1). Candidates go in tiles of 32.
// Counter: ns per candidate and step; for the head ns per candidate.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "augur-bench/inputs.h"
#include "model/model.h"
#include "suites/model.h"

namespace augur::bench {
namespace {

constexpr std::size_t kTile = 32;

class Layers {
 public:
  // False if something could not be created; the benchmark has then been told why.
  bool create(benchmark::State& state, ModelShape shape) {
    shape.width = static_cast<uint32_t>(state.range(0));
    shape.history = static_cast<uint32_t>(state.range(1));
    file_ = random_model(shape);
    Fault error;
    if (make(shape.history, error) == AUGUR_OK) return true;
    state.SkipWithError(error.message());
    return false;
  }

  void prepare_user() { user_.prepare(behaviours_, steps_, {}); }
  void attend(std::size_t rows) { run_.weights(run_.queries(candidates_, rows), rows); }
  void run_stack(std::size_t rows) { result_ = run_.result(run_.queries(candidates_, rows), rows); }
  void run_head(std::size_t rows) { head_run_.run(inputs_, rows); }

 private:
  float* random_rows(std::size_t rows, std::size_t width) {
    float* values = arena_.reserve(rows, width);
    for (std::size_t i = 0; i < rows * width; ++i)
      values[i] = 2.0f * random_.unit() - 1.0f;
    return values;
  }

  augur_status make(std::size_t steps, Fault& error) {
    AUGUR_TRY(model_.load(file_.data(), file_.size(), "a random model", arena_, error));
    const Network& network = model_.network;
    const Stack& stack = network.stacks[0];
    steps_ = steps;
    AUGUR_TRY(user_.create(stack, steps, arena_, error));
    AUGUR_TRY(run_.create(user_, steps, kTile, arena_, error));
    AUGUR_TRY(head_user_.create(network.head, arena_, error));
    AUGUR_TRY(head_run_.create(head_user_, kTile, arena_, error));
    behaviours_ = random_rows(steps, stack.fields().width);
    candidates_ = random_rows(kTile, network.candidate.width);
    prepare_user();
    run_stack(kTile);
    queries_ = {candidates_, network.candidate.width};
    inputs_.features = random_rows(1, network.features.width);
    inputs_.candidates = candidates_;
    inputs_.candidate_stride = network.candidate.width;
    inputs_.results = &result_;
    inputs_.queries = inputs_.projected_queries = &queries_;
    head_user_.prepare(inputs_, &user_);
    return AUGUR_OK;
  }

  std::vector<uint8_t> file_;
  Arena arena_;
  Model model_;
  StackUser user_;
  StackRun run_;
  HeadUser head_user_;
  HeadRun head_run_;
  Random random_{5};
  std::size_t steps_ = 0;
  const float* behaviours_ = nullptr;
  const float* candidates_ = nullptr;
  Rows result_;
  Rows queries_;
  HeadInputs inputs_;
};

void count_pairs(benchmark::State& state, std::size_t pairs) {
  using benchmark::Counter;
  state.counters["ns/pair"] = Counter(static_cast<double>(pairs) * 1e-9,
                                      Counter::kIsIterationInvariantRate | Counter::kInvert);
}

// Runs a layer for N candidates, one tile after the other.
void run(benchmark::State& state, const ModelShape& shape, void (Layers::*part)(std::size_t),
         bool every_step) {
  Layers layers;
  if (!layers.create(state, shape)) return;
  const auto candidates = static_cast<std::size_t>(state.range(2));
  for ([[maybe_unused]] const auto _ : state) {
    for (std::size_t first = 0; first < candidates; first += kTile)
      (layers.*part)(std::min(kTile, candidates - first));
  }
  count_pairs(state, candidates * (every_step ? static_cast<std::size_t>(state.range(1)) : 1));
}

void run_user(benchmark::State& state, const ModelShape& shape) {
  Layers layers;
  if (!layers.create(state, shape)) return;
  for ([[maybe_unused]] const auto _ : state)
    layers.prepare_user();
  count_pairs(state, static_cast<std::size_t>(state.range(1)));
}

template <typename Body>
void add(const std::string& name, const std::vector<int64_t>& candidates, Body body) {
  benchmark::RegisterBenchmark(name.c_str(), body)
      ->ArgsProduct({{36, 64, 128}, {50, 100}, candidates})
      ->Unit(benchmark::kMicrosecond);
}

void add_layers(const std::string& name, const ModelShape& shape) {
  const std::vector<int64_t> candidates = {1, 10, 100, 500};
  add("layer_user/" + name, {1}, [=](benchmark::State& state) { run_user(state, shape); });
  add("layer_attention/" + name, candidates,
      [=](benchmark::State& state) { run(state, shape, &Layers::attend, true); });
  add("layer_stack/" + name, candidates,
      [=](benchmark::State& state) { run(state, shape, &Layers::run_stack, true); });
  add("layer_head/" + name, candidates,
      [=](benchmark::State& state) { run(state, shape, &Layers::run_head, false); });
}

const bool added = [] {
  for (const bool integers : {false, true}) {
    ModelShape shape;
    shape.integers = integers;
    const std::string type = integers ? "_int8" : "";
    add_layers("bilinear" + type, shape);
    shape.attention = AttentionShape::kMlp;
    add_layers("mlp" + type, shape);
  }
  return true;
}();

}  // namespace
}  // namespace augur::bench
