// onnxruntime on one thread, with all graph optimisations. The number of candidates is fixed when
// the session is created, so that the optimisations can use it.
#include <onnxruntime_cxx_api.h>

#include "contender.h"

namespace augur::compare {
namespace {

Ort::Env& environment() {
  static Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "compare");
  return env;
}

Ids repeated(const Ids& ids, size_t times) {
  Ids all;
  for (size_t i = 0; i < times; ++i)
    all.insert(all.end(), ids.begin(), ids.end());
  return all;
}

class OnnxruntimeContender : public Contender {
 public:
  OnnxruntimeContender(std::string file, bool repeat_history)
      : file_(std::move(file)), repeat_history_(repeat_history) {}

  void prepare(const Request& request) override {
    const size_t candidates = request.item.size();
    const size_t steps = request.history_item.size();
    const size_t rows = repeat_history_ ? candidates : 1;
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetInterOpNumThreads(1);
    options.SetExecutionMode(ORT_SEQUENTIAL);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");
    Ort::ThrowOnError(Ort::GetApi().AddFreeDimensionOverrideByName(
        options, "N", static_cast<int64_t>(candidates)));
    session_ = Ort::Session(environment(), file_.c_str(), options);

    inputs_.clear();
    values_.clear();
    values_.reserve(5);
    const std::vector<int64_t> row_shape = {static_cast<int64_t>(rows)};
    std::vector<int64_t> history_shape = {static_cast<int64_t>(steps)};
    if (repeat_history_) history_shape.insert(history_shape.begin(), row_shape[0]);
    const std::vector<int64_t> candidate_shape = {static_cast<int64_t>(candidates)};
    add(repeated({request.user}, rows), row_shape);
    add(repeated(request.history_item, rows), history_shape);
    add(repeated(request.history_category, rows), history_shape);
    add(request.item, candidate_shape);
    add(request.category, candidate_shape);
    logits_.resize(candidates);
    output_ = Ort::Value::CreateTensor<float>(memory_, logits_.data(), candidates,
                                              candidate_shape.data(), 1);
  }

  const float* run() override {
    constexpr const char* kInputs[] = {"user", "history_item", "history_category", "item",
                                       "category"};
    constexpr const char* kOutputs[] = {"logits"};
    session_.Run(Ort::RunOptions(nullptr), kInputs, inputs_.data(), inputs_.size(), kOutputs,
                 &output_, 1);
    return logits_.data();
  }

 private:
  void add(Ids ids, const std::vector<int64_t>& shape) {
    values_.push_back(std::move(ids));
    inputs_.push_back(Ort::Value::CreateTensor<int64_t>(
        memory_, values_.back().data(), values_.back().size(), shape.data(), shape.size()));
  }

  std::string file_;
  bool repeat_history_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  Ort::Session session_{nullptr};
  std::vector<Ids> values_;
  std::vector<Ort::Value> inputs_;
  std::vector<float> logits_;
  Ort::Value output_{nullptr};
};

}  // namespace

std::unique_ptr<Contender> make_onnxruntime(const std::string& file, bool repeat_history) {
  return std::make_unique<OnnxruntimeContender>(file, repeat_history);
}

}  // namespace augur::compare
