// Makes the bytes of a model or of a sidecar readable: in place, mapped or copied. The caller gives
// a path, a buffer or a file descriptor.
#pragma once

#include "memory/arena.h"
#include "memory/mapping.h"

namespace augur {

// Where the bytes are. If several of path, buffer and descriptor are given, the first one is used.
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
  kIfNeeded,  // only if it is not at a multiple of 4, where FlatBuffers cannot read it
  kAlways
};

// A copy, if one is made, lies in `arena`. If the arena's block is too small: with must_fit, the
// call fails with AUGUR_OUT_OF_MEMORY and the required bytes, and takes nothing from the heap;
// without, the arena is overflowed, and the content can still be read.
augur_status fetch(const ContentSource& source, Copy copy, bool must_fit, Arena& arena,
                   Content* content, Fault& error);

}  // namespace augur
