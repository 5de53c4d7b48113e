// What the runtime needs for a model.
#pragma once

#include <cstddef>

namespace augur::convert {

struct MemoryNeeds {
  size_t file_bytes = 0;        // mapped; the tables are read in place
  size_t arena_bytes = 0;       // the model's: packed weights, operators
  size_t arena_used_bytes = 0;  // of the arena
  size_t session_bytes = 0;     // each session's
};

}  // namespace augur::convert
