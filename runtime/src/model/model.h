// An opened model: the file's bytes, the network packed into the arena, and what the file says of
// itself.
#pragma once

#include "memory/mapping.h"
#include "model/network.h"

namespace augur {

struct Model {
  Mapping mapping;  // empty for a model in the app's own buffer
  const fb::Model* file = nullptr;
  std::size_t file_bytes = 0;
  Network network;

  // `name` is for messages. The bytes must stay; nothing else of the call must.
  augur_status load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                    Error& error);
};

}  // namespace augur
