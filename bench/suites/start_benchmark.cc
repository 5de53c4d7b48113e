// Measures the way from a file to the first answer. The file is in the page cache, and the process
// has done the same before.
//
//   start/open      opens the model
//   start/verified  opens a model of 10 MB, and verifies its content hash
//   start/create    creates the first session
//   start/first     the session's first ranking; setting features and history is not measured
//   start/new_user  its second ranking, after all inputs were set anew; compare with start/first
//
// Arguments: width of embeddings and states, number of items (which decides the file's size), T, N.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>

#include "suites/model.h"

namespace augur::bench {
namespace {

enum class Part { kOpen, kCreate, kFirst, kNewUser };

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A file that holds the model and has no name in the file system.
class ModelFile {
 public:
  explicit ModelFile(const std::vector<uint8_t>& bytes) : file_(std::tmpfile()) {
    if (file_ != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size() &&
        std::fflush(file_) == 0)
      return;
    std::perror("a temporary file");
    std::exit(1);
  }
  ~ModelFile() { std::fclose(file_); }
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  int fd() const { return fileno(file_); }

 private:
  std::FILE* file_;
};

void run(benchmark::State& state, Part part) {
  ModelShape shape;
  shape.width = static_cast<uint32_t>(state.range(0));
  shape.items = static_cast<uint32_t>(state.range(1));
  shape.history = static_cast<uint32_t>(state.range(2));
  const std::vector<uint8_t> bytes = random_model(shape);
  const ModelFile file(bytes);
  for ([[maybe_unused]] const auto _ : state) {
    auto begin = std::chrono::steady_clock::now();
    RandomSession session(shape, static_cast<uint32_t>(state.range(3)), OpenFile{file.fd()});
    double seconds = seconds_since(begin);
    if (part != Part::kOpen) {
      begin = std::chrono::steady_clock::now();
      session.create();
      seconds = seconds_since(begin);
    }
    for (int rankings = 0; part >= Part::kFirst && rankings < (part == Part::kFirst ? 1 : 2);
         ++rankings) {
      session.set_user();
      begin = std::chrono::steady_clock::now();
      session.rank();
      seconds = seconds_since(begin);
    }
    state.SetIterationTime(seconds);
  }
  state.counters["file"] = static_cast<double>(bytes.size());
}

void open_verified(benchmark::State& state) {
  ModelShape shape;
  shape.items = 136000;
  const std::vector<uint8_t> bytes = random_model(shape);
  const ModelFile file(bytes);
  augur_model_options options = {};
  options.struct_size = sizeof(options);
  options.verify = AUGUR_VERIFY_CONTENT_HASH;
  for ([[maybe_unused]] const auto _ : state) {
    augur_model* model = nullptr;
    if (augur_model_open_fd(file.fd(), 0, 0, &options, &model, nullptr) != AUGUR_OK) {
      state.SkipWithError("the model does not open");
      break;
    }
    augur_model_close(model);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}
BENCHMARK(open_verified)->Name("start/verified")->Unit(benchmark::kMillisecond);

const bool added = [] {
  constexpr struct {
    const char* name;
    Part part;
  } kParts[] = {{"start/open", Part::kOpen},
                {"start/create", Part::kCreate},
                {"start/first", Part::kFirst},
                {"start/new_user", Part::kNewUser}};
  for (const auto& one : kParts) {
    auto* registered = benchmark::RegisterBenchmark(
        one.name, [part = one.part](benchmark::State& state) { run(state, part); });
    for (const int64_t candidates : {1, 10, 100}) {
      if (one.part < Part::kFirst && candidates > 1) break;
      registered->Args({36, 38000, 50, candidates})->Args({128, 6500, 100, candidates});
    }
    registered->UseManualTime()->Iterations(60)->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace augur::bench
