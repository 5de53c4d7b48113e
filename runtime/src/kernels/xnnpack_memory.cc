// The allocator hook behind XnnpackScope.
#include "kernels/xnnpack_memory.h"

#include <cpuinfo.h>
#include <pthread.h>
#include <xnnpack.h>

namespace augur {
namespace {

pthread_mutex_t scope_lock = PTHREAD_MUTEX_INITIALIZER;
Arena* scope_arena = nullptr;  // guarded by scope_lock
bool forks_watched = false;    // guarded by scope_lock
unsigned fork_count = 0;       // changes in a new process only, where there is one thread

void before_fork() {
  pthread_mutex_lock(&scope_lock);
}
void after_fork_in_parent() {
  pthread_mutex_unlock(&scope_lock);
}
void after_fork_in_child() {
  ++fork_count;
  pthread_mutex_unlock(&scope_lock);
}

void* allocate_aligned(void*, std::size_t alignment, std::size_t bytes) {
  if (scope_arena == nullptr || alignment > kAlignment) return nullptr;
  return scope_arena->take(bytes);
}

void* allocate(void* context, std::size_t bytes) {
  return allocate_aligned(context, kAlignment, bytes);
}

// The old contents cannot be copied, because their size is not known. No operator that is used here
// needs this.
void* reallocate(void* context, void* old, std::size_t bytes) {
  return old == nullptr ? allocate(context, bytes) : nullptr;
}

void deallocate(void*, void*) {}

constexpr xnn_allocator kArenaAllocator = {nullptr,    allocate,         reallocate,
                                           deallocate, allocate_aligned, deallocate};

augur_status initialise(Fault& error) {
  if (!forks_watched) {
    if (pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0)
      return error.fail(AUGUR_OUT_OF_MEMORY, "no memory to prepare for a fork");
    forks_watched = true;
  }
  if (!cpuinfo_initialize()) {
    return error.fail(
        AUGUR_OUT_OF_MEMORY,
        "no memory to detect the processor's instructions, or the system does not report them");
  }
  if (xnn_initialize(&kArenaAllocator) != xnn_status_success) {
    return error.fail(AUGUR_UNSUPPORTED,
                      "this processor lacks the vector instructions that XNNPACK needs");
  }
  return AUGUR_OK;
}

}  // namespace

XnnpackScope::XnnpackScope(Arena& arena) {
  pthread_mutex_lock(&scope_lock);
  scope_arena = &arena;
}

XnnpackScope::~XnnpackScope() {
  scope_arena = nullptr;
  pthread_mutex_unlock(&scope_lock);
}

augur_status initialise_xnnpack(Fault& error) {
  pthread_mutex_lock(&scope_lock);
  const augur_status status = initialise(error);
  pthread_mutex_unlock(&scope_lock);
  return status;
}

unsigned forks() {
  return fork_count;
}

}  // namespace augur
