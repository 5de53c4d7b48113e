// XNNPACK takes its memory through one process-wide hook. Everything it allocates comes from the
// arena of the scope that is open; scopes exclude each other by a lock. Nothing is freed singly:
// arenas go as a whole.
#pragma once

#include "common/error.h"
#include "memory/arena.h"

namespace augur {

class XnnpackScope {
 public:
  // Blocks until no other scope is open.
  explicit XnnpackScope(Arena& arena);
  ~XnnpackScope();
  XnnpackScope(const XnnpackScope&) = delete;
  XnnpackScope& operator=(const XnnpackScope&) = delete;
};

// Initialises XNNPACK once for the process, with the hook. Thread-safe.
augur_status initialise_xnnpack(Fault& error);

}  // namespace augur
