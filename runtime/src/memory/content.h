// The bytes of a model or of a sidecar, wherever the caller has them, so that they can be read: in
// place, mapped, or copied.
#pragma once

#include "memory/arena.h"
#include "memory/mapping.h"

namespace augur {

// Where they are: of a path, a buffer or a descriptor the first that is given.
struct ContentSource {
  const char* path = nullptr;
  const void* data = nullptr;
  std::size_t bytes = 0;
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the descriptor's file; 0: to its end

  const char* name() const;  // for messages
};

struct Content {
  Mapping mapping;  // empty unless a file is mapped
  const void* data = nullptr;
  std::size_t size = 0;
};

enum class Copy {
  kIfNeeded,  // only where FlatBuffers could not read it: at no multiple of 4
  kAlways
};

// Copies, if there are any, lie in `arena`. If its block is too small and must_fit, that fails with
// AUGUR_OUT_OF_MEMORY and what is required, and nothing comes from the heap; else the arena is
// overflowed, and the content can be read all the same.
augur_status fetch(const ContentSource& source, Copy copy, bool must_fit, Arena& arena,
                   Content* content, Fault& error);

}  // namespace augur
