// What the runtime itself says of a model file; see runtime.h.
#include "commands/runtime.h"

#include "augur/augur.h"
#include "error.h"
#include "validate/open_model.h"

namespace augur::convert {
void check_opens(const std::vector<uint8_t>& file, const std::string& name,
                 const std::vector<Sidecar>& sidecars) {
  const OpenModel model(file, name, sidecars);
}

MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options) {
  const OpenModel model(file, name);
  augur_model_info info = {};
  info.struct_size = sizeof info;
  if (augur_model_get_info(&model.get(), &info) != AUGUR_OK) {
    throw Error(name + ": the runtime does not tell its sizes");
  }
  augur_session_options session = {};
  session.struct_size = sizeof session;
  session.max_history = options.max_history;
  session.tile = options.tile;
  MemoryNeeds needs;
  needs.file_bytes = file.size();
  needs.arena_bytes = info.arena_bytes;
  needs.arena_used_bytes = info.arena_used_bytes;
  needs.session_bytes = augur_session_bytes(&model.get(), &session);
  if (needs.session_bytes == 0) {
    throw Error(name + ": a session cannot have these options: history " +
                std::to_string(options.max_history) + ", tile " + std::to_string(options.tile));
  }
  return needs;
}

}  // namespace augur::convert
