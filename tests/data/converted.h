// The trained models as the converter makes them.
#pragma once

#include <string>

#include "runtime/support/handles.h"
#include "support/temp_folder.h"

namespace augur::data {

// Runs augur-convert with the layout augur-reference on a kind's checkpoint, and opens the result.
class ConvertedModel {
 public:
  explicit ConvertedModel(const std::string& kind);

  const augur_model* get() const { return model_.get(); }

 private:
  testing::TempFolder folder_;
  testing::ModelHandle model_;
};

}  // namespace augur::data
