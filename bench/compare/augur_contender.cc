// Augur through its C API: set the user's feature and history, rank.
#include <augur/augur.hpp>
#include <stdexcept>

#include "contender.h"

namespace augur::compare {
namespace {

class AugurContender : public Contender {
 public:
  explicit AugurContender(const std::string& file) {
    ErrorInfo error;
    model_ = Model::open_file(file.c_str(), &error);
    if (model_) session_ = Session::create(model_, &error);
    if (!session_) throw std::runtime_error(error.message);
  }

  void prepare(const Request& request) override {
    request_ = &request;
    logits_.resize(request.item.size());
  }

  const float* run() override {
    check(session_.set_feature("user", request_->user));
    check(session_.set_history(
        {column("item", request_->history_item), column("category", request_->history_category)},
        request_->history_item.size()));
    check(session_.rank({column("item", request_->item), column("category", request_->category)},
                        request_->item.size(), nullptr, logits_.data()));
    return logits_.data();
  }

 private:
  void check(Status status) const {
    if (!ok(status)) throw std::runtime_error(session_.error());
  }

  Model model_;
  Session session_;
  const Request* request_ = nullptr;
  std::vector<float> logits_;
};

}  // namespace

std::unique_ptr<Contender> make_augur(const std::string& file) {
  return std::make_unique<AugurContender>(file);
}

}  // namespace augur::compare
