/* An app that has functions with the names of XNNPACK's, pthreadpool's and cpuinfo's. They must not
 * clash with those inside libaugur, and libaugur must not call them: they end the program. */
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

/* Called by ../isolation/ranks.c: this app uses no library of its own. */
int app_works(const char* model_file);
int app_works(const char* model_file) {
  (void)model_file;
  return 1;
}
