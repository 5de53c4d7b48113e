// A model opened from the bytes of its file; see open_model.h.
#include "validate/open_model.h"

#include "error.h"

namespace augur::convert {

OpenModel::OpenModel(const std::vector<uint8_t>& file, const std::string& name,
                     const std::vector<Sidecar>& sidecars) {
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model_, &error);
  if (status != AUGUR_OK) {
    throw Error(name + ": the runtime does not open it: " + error.message + " (" +
                augur_status_name(status) + ")");
  }
  for (const Sidecar& sidecar : sidecars) {
    if (augur_model_attach_table_buffer(model_, sidecar.table.c_str(), sidecar.file.data(),
                                        sidecar.file.size(), &error) == AUGUR_OK) {
      continue;
    }
    augur_model_close(model_);
    throw Error(sidecar.path + ": the runtime does not attach it: " + error.message);
  }
}

}  // namespace augur::convert
