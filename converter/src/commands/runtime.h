// What the runtime itself says of a model file, through its C API.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "convert/conversion.h"
#include "inspect/memory.h"

namespace augur::convert {

// Throws Error unless the runtime opens the bytes as a model, and the sidecars with it. `name` is
// the file, for the message.
void check_opens(const std::vector<uint8_t>& file, const std::string& name,
                 const std::vector<Sidecar>& sidecars = {});

struct MemoryOptions {
  uint32_t max_history = 0;  // augur_session_options: 0 for the model's own limit
  uint32_t tile = 0;         // 0: chosen for the model
};

// Throws Error if the runtime does not open the bytes, or refuses the options.
MemoryNeeds measure_memory(const std::vector<uint8_t>& file, const std::string& name,
                           const MemoryOptions& options);

}  // namespace augur::convert
