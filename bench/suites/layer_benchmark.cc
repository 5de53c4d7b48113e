// Measures each layer by itself, with random models: the parts that a request consists of.
//
//   layer_user/…       the user's part of a sequence: extractor, keys of the attention, projections
//   layer_attention/…  weights of N candidates over the history
//   layer_sequence/…   attention and evolution of N candidates
//   layer_head/…       the head's part for N candidates; T does not matter
//
// Arguments: width of embeddings and states, T, N (layer_user: 1). Candidates go in tiles of 32.
// Counter: ns per candidate and step; for the head ns per candidate.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "augur-bench/inputs.h"
#include "loader/loaded_model.h"
#include "network/dien.h"
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

  void run_user() {
    forget_history(&user_.sequences[0]);
    Fault error;
    (void)dien::forward_sequence(loaded_.model, 0, history(), &user_, error);
  }
  void run_attention(std::size_t rows) { weights_ = attend_to_history(rows); }
  void run_sequence(std::size_t rows) {
    const Evolution& evolution = *loaded_.model.sequences[0].evolution;
    result_ = {evolve(evolution, user().sequences[0].evolution_inputs,
                      candidates().sequences[0].evolution, attend_to_history(rows), rows),
               evolution.gru.hidden};
  }
  void run_head_layers(std::size_t rows) {
    run_head(loaded_.model, user().head, inputs_, rows, candidates().head, candidates_.logits);
  }

 private:
  dien::User& user() { return dien::buffers_of(user_); }
  dien::Candidates& candidates() { return dien::buffers_of(candidates_); }

  void randomise(std::size_t count, float* values) {
    for (std::size_t i = 0; i < count; ++i)
      values[i] = 2.0f * random_.unit() - 1.0f;
  }

  // The events' random embeddings.
  InputRows history() {
    const auto embed = [](void* source, std::size_t row, float* out) {
      const auto& self = *static_cast<const Layers*>(source);
      const std::size_t width = self.loaded_.model.sequences[0].fields.width;
      std::copy_n(self.events_.data() + row * width, width, out);
      return AUGUR_OK;
    };
    return {this, steps_, embed};
  }

  AttentionWeights attend_to_history(std::size_t rows) {
    const Attention& attention = *loaded_.model.sequences[0].attention;
    const AttentionBuffers& buffers = candidates().sequences[0].attention;
    const float* query = project_query(attention, buffers, candidates().embeddings, rows);
    return attend(attention, user().sequences[0].keys, buffers, query, rows);
  }

  augur_status make(std::size_t steps, Fault& error) {
    AUGUR_TRY(loaded_.load(file_.data(), file_.size(), "a random model", arena_, error));
    const Model& model = loaded_.model;
    steps_ = steps;
    AUGUR_TRY(plan_user(model, steps, false, arena_, error, &user_));
    AUGUR_TRY(plan_candidates(model, user_, kTile, arena_, error, &candidates_));
    events_.resize(steps * model.sequences[0].fields.width);
    randomise(events_.size(), events_.data());
    randomise(kTile * model.candidate.width, candidates().embeddings);
    randomise(model.features.width, user().features);
    const InputRows events = history();
    AUGUR_TRY(dien::forward_user(model, zero_rows(1), &events, &user_, error));
    run_sequence(kTile);
    queries_ = {candidates().embeddings, model.candidate.width};
    inputs_.features = user().features;
    inputs_.candidates = candidates().embeddings;
    inputs_.candidate_stride = model.candidate.width;
    inputs_.results = &result_;
    inputs_.query_embeddings = inputs_.queries = &queries_;
    return AUGUR_OK;
  }

  std::vector<uint8_t> file_;
  Arena arena_;
  LoadedModel loaded_;
  UserState user_;
  CandidateState candidates_;
  Random random_{5};
  std::size_t steps_ = 0;
  std::vector<float> events_;
  AttentionWeights weights_;
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
    layers.run_user();
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
      [=](benchmark::State& state) { run(state, shape, &Layers::run_attention, true); });
  add("layer_sequence/" + name, candidates,
      [=](benchmark::State& state) { run(state, shape, &Layers::run_sequence, true); });
  add("layer_head/" + name, candidates,
      [=](benchmark::State& state) { run(state, shape, &Layers::run_head_layers, false); });
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
