// Converting the trained models.
#include "data/converted.h"

#include <sstream>
#include <stdexcept>

#include "commands/run.h"
#include "data/test_data.h"

namespace augur::data {

ConvertedModel::ConvertedModel(const std::string& kind) {
  const std::string path = folder_.path(kind + ".augur");
  std::ostringstream out;
  std::ostringstream messages;
  const int status = convert::run_augur_convert(
      {"--weights", checkpoint_file(kind), "--layout", "augur-reference", "--set", "kind=" + kind,
       "--set", "max_history=" + std::to_string(kMaxHistory), "--out", path},
      {out, messages});
  if (status != 0) throw std::runtime_error(messages.str());
  augur_error error = testing::empty_error();
  augur_model* model = nullptr;
  if (augur_model_open_file(path.c_str(), nullptr, &model, &error) != AUGUR_OK)
    throw std::runtime_error(error.message);
  model_.reset(model);
}

}  // namespace augur::data
