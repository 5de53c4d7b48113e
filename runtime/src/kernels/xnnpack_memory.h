// XNNPACK takes its memory through one process-wide hook. Everything it allocates comes from the
// arena of the scope that is open; scopes exclude each other by a lock. Nothing is freed
// individually: an arena is freed as a whole.
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

// Initialises XNNPACK for the process, with the hook, unless that has been done. Thread-safe. If it
// failed for lack of memory, it can be called again.
augur_status initialise_xnnpack(Fault& error);

// How many forks lie between the first process that initialised XNNPACK and this one. (A fork waits
// until no scope is open, so that the child finds the lock free.)
unsigned forks();

}  // namespace augur
