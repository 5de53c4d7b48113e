// A model opened from the bytes of its file; see open_model.h.
#include "validate/open_model.h"

#include "error.h"

namespace augur::convert {

OpenModel::OpenModel(const std::vector<uint8_t>& file, const std::string& name) {
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model_, &error);
  if (status == AUGUR_OK) return;
  throw Error(name + ": the runtime does not open it: " + error.message + " (" +
              augur_status_name(status) + ")");
}

}  // namespace augur::convert
