// onnxruntime through its C API: one thread, all optimisations, N fixed, denormals taken as zero.
//
//   augur-compare-onnxruntime FORM MODEL INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK
#include <onnxruntime_cxx_api.h>

#include <array>

#include "contender.h"

namespace {

using augur::compare::kUserWidth;

Ort::SessionOptions options(std::size_t candidates) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  options.AddConfigEntry("session.set_denormal_as_zero", "1");
  Ort::ThrowOnError(Ort::GetApi().AddFreeDimensionOverrideByName(
      options, "N", static_cast<std::int64_t>(candidates)));
  return options;
}

std::vector<float> repeated(const std::vector<float>& values, std::size_t times) {
  std::vector<float> all;
  for (std::size_t i = 0; i < times; ++i)
    all.insert(all.end(), values.begin(), values.end());
  return all;
}

int contend(int argc, char** argv) {
  const augur::compare::Arguments arguments(argc, argv);
  augur::compare::Inputs inputs = augur::compare::read_inputs(
      arguments.inputs, arguments.hidden, arguments.steps, arguments.candidates);
  const auto hidden = static_cast<std::int64_t>(arguments.hidden);
  const auto steps = static_cast<std::int64_t>(arguments.steps);
  const auto count = static_cast<std::int64_t>(arguments.candidates);
  std::vector<std::int64_t> history_shape = {steps, hidden}, user_shape = {1, kUserWidth};
  if (std::string(argv[1]) == "plain") {
    inputs.history = repeated(inputs.history, arguments.candidates);
    inputs.user = repeated(inputs.user, arguments.candidates);
    history_shape = {count, steps, hidden};
    user_shape = {count, kUserWidth};
  }
  std::vector<float> scores(arguments.candidates);
  const long before = augur::compare::watch_memory();
  const Ort::Env environment(ORT_LOGGING_LEVEL_ERROR, "compare");
  Ort::Session session(environment, argv[2], options(arguments.candidates));
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const auto tensor = [&](std::vector<float>& values, const std::vector<std::int64_t>& shape) {
    return Ort::Value::CreateTensor<float>(memory, values.data(), values.size(), shape.data(),
                                           shape.size());
  };
  const std::array<Ort::Value, 3> values = {tensor(inputs.history, history_shape),
                                            tensor(inputs.candidate, {count, hidden}),
                                            tensor(inputs.user, user_shape)};
  Ort::Value output = tensor(scores, {count, 1});
  const char* const names[] = {"hist", "cand", "user"};
  const char* const output_name = "y";
  return augur::compare::contend(arguments, inputs, before, [&] {
    session.Run(Ort::RunOptions{nullptr}, names, values.data(), 3, &output_name, &output, 1);
    return scores.data();
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return contend(argc, argv);
  } catch (const std::exception& error) {
    augur::compare::fail(error.what());
  }
}
