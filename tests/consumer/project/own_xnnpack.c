/* An app may have another XNNPACK, whose functions have the names of those inside libaugur. They
 * must neither clash nor be taken for ours: these would end the program. */
#include <stdlib.h>

int xnn_initialize(const void* allocator);
int xnn_initialize(const void* allocator) {
  (void)allocator;
  abort();
}

void* pthreadpool_create(size_t threads);
void* pthreadpool_create(size_t threads) {
  (void)threads;
  abort();
}

int cpuinfo_initialize(void);
int cpuinfo_initialize(void) {
  abort();
}
