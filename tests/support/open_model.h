// A small model, open, and what it declares.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "augur/augur.h"
#include "requests/request.h"
#include "support/models.h"

namespace augur::tools_test {

class TestModel {
 public:
  explicit TestModel(const fb::ModelT& model) : file_(packed(model)) {
    augur_error error = {};
    error.struct_size = sizeof error;
    augur_model* opened = nullptr;
    const augur_status status =
        augur_model_open_buffer(file_.data(), file_.size(), nullptr, &opened, &error);
    model_.reset(opened);
    REQUIRE_MESSAGE(status == AUGUR_OK, error.message);
    fields_ = requests::declared_fields(*model_);
  }

  const augur_model& get() const { return *model_; }
  const requests::ModelFields& fields() const { return fields_; }

 private:
  std::vector<uint8_t> file_;
  std::unique_ptr<augur_model, void (*)(augur_model*)> model_{nullptr, augur_model_close};
  requests::ModelFields fields_;
};

}  // namespace augur::tools_test
