// TorchScript on one thread, frozen.
#include <ATen/Parallel.h>
#include <torch/script.h>

#include "contender.h"

namespace augur::compare {
namespace {

class TorchContender : public Contender {
 public:
  explicit TorchContender(const std::string& file) : module_(torch::jit::load(file)) {
    at::set_num_threads(1);
    module_.eval();
  }

  void prepare(const Request& request) override {
    user_ = {request.user};
    inputs_.clear();
    const Ids* const columns[] = {&user_, &request.history_item, &request.history_category,
                                  &request.item, &request.category};
    for (const Ids* ids : columns) {
      inputs_.emplace_back(torch::from_blob(const_cast<int64_t*>(ids->data()),
                                            {static_cast<int64_t>(ids->size())}, torch::kInt64));
    }
  }

  const float* run() override {
    const c10::InferenceMode guard;
    output_ = module_.forward(inputs_).toTensor().contiguous();
    return output_.data_ptr<float>();
  }

 private:
  torch::jit::Module module_;
  Ids user_;
  std::vector<torch::jit::IValue> inputs_;
  torch::Tensor output_;
};

}  // namespace

std::unique_ptr<Contender> make_torch(const std::string& file) {
  return std::make_unique<TorchContender>(file);
}

}  // namespace augur::compare
