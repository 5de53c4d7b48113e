// ExecuTorch with the XNNPACK backend and one thread: the extractor in chunks of steps, the
// attention, the evolution in chunks, the head. The model's file has the length of a chunk and the
// names of the four programs.
//
//   augur-compare-executorch FORM MODEL INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK
#include <executorch/extension/module/module.h>
#include <executorch/extension/tensor/tensor.h>

#include "contender.h"

// Declared here: the package has the library but not its header.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  bool _unsafe_reset_threadpool(std::uint32_t new_thread_count);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace {

using executorch::extension::from_blob;
using executorch::extension::Module;
using executorch::extension::TensorPtr;
using executorch::runtime::EValue;

class Program {
 public:
  explicit Program(const std::string& path) : module_(path) {
    if (module_.load_method("forward") != executorch::runtime::Error::Ok)
      augur::compare::fail(path + ": cannot be loaded");
  }

  std::vector<EValue> run(const std::vector<EValue>& inputs) {
    auto result = module_.forward(inputs);
    if (!result.ok()) augur::compare::fail("forward failed");
    return std::move(result.get());
  }

 private:
  Module module_;
};

TensorPtr tensor(float* values, std::size_t rows, std::size_t columns) {
  return from_blob(values, {static_cast<int>(rows), static_cast<int>(columns)});
}

void copy(float* to, const EValue& from, std::size_t count) {
  std::memcpy(to, from.toTensor().const_data_ptr<float>(), count * sizeof(float));
}

}  // namespace

int main(int argc, char** argv) {
  const augur::compare::Arguments arguments(argc, argv);
  augur::compare::Inputs inputs = augur::compare::read_inputs(
      arguments.inputs, arguments.hidden, arguments.steps, arguments.candidates);
  const std::size_t h = arguments.hidden, t = arguments.steps, n = arguments.candidates;
  std::vector<float> states(t * h), projections(t * 3 * h), state(h), attention(t * n),
      evolved(n * h), scores(n);
  if (auto* pool = executorch::extension::threadpool::get_threadpool())
    pool->_unsafe_reset_threadpool(1);
  const long before = augur::compare::watch_memory();

  const std::string path = argv[2], folder = path.substr(0, path.rfind('/') + 1);
  std::ifstream file(path);
  std::size_t chunk = 0;
  std::string extract_name, attend_name, evolve_name, head_name;
  if (!(file >> chunk >> extract_name >> attend_name >> evolve_name >> head_name) || chunk == 0)
    augur::compare::fail(path + ": cannot be read");
  Program extract(folder + extract_name), attend(folder + attend_name),
      evolve(folder + evolve_name), head(folder + head_name);

  std::vector<TensorPtr> behaviours, projected;
  std::vector<float> shares(n * chunk);  // the attention to a chunk of steps
  for (std::size_t begin = 0; begin + chunk <= t; begin += chunk) {
    behaviours.push_back(tensor(inputs.history.data() + begin * h, chunk, h));
    projected.push_back(tensor(projections.data() + begin * 3 * h, chunk, 3 * h));
  }
  const TensorPtr state_tensor = tensor(state.data(), 1, h),
                  states_tensor = tensor(states.data(), t, h),
                  candidates = tensor(inputs.candidate.data(), n, h),
                  evolved_tensor = tensor(evolved.data(), n, h),
                  shares_tensor = tensor(shares.data(), n, chunk),
                  user = tensor(inputs.user.data(), 1, augur::compare::kUserWidth),
                  history = tensor(inputs.history.data(), t, h);
  return augur::compare::contend(arguments, inputs, before, [&] {
    std::fill(state.begin(), state.end(), 0.f);
    std::fill(evolved.begin(), evolved.end(), 0.f);
    for (std::size_t i = 0; i < behaviours.size(); ++i) {
      const auto found = extract.run({behaviours[i], state_tensor});
      copy(states.data() + i * chunk * h, found[0], chunk * h);
      copy(projections.data() + i * chunk * 3 * h, found[1], chunk * 3 * h);
      copy(state.data(), found[2], h);
    }
    copy(attention.data(), attend.run({states_tensor, candidates})[0], t * n);
    for (std::size_t i = 0; i < projected.size(); ++i) {
      for (std::size_t row = 0; row < n; ++row)
        std::memcpy(&shares[row * chunk], &attention[row * t + i * chunk], chunk * sizeof(float));
      copy(evolved.data(), evolve.run({projected[i], shares_tensor, evolved_tensor})[0], n * h);
    }
    copy(scores.data(), head.run({history, candidates, user, evolved_tensor})[0], n);
    return scores.data();
  });
}
