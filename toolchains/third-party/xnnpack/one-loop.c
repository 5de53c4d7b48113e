// The loop that one-loop.h puts in the place of pthreadpool's. It is what pthreadpool_parallelize_2d_tile_2d() does without
// a pool and with PTHREADPOOL_FLAG_DISABLE_DENORMALS, which XNNPACK always sets.
#include <pthreadpool.h>

#include "threadpool-utils.h"  // pthreadpool's, which is not installed

void xnn_loop_2d_without_pool(pthreadpool_task_2d_tile_2d_t task, void* context, size_t rows, size_t columns,
                size_t tile_rows, size_t tile_columns) {
  const struct fpu_state saved = get_fpu_state();
  disable_fpu_denormals();
  for (size_t i = 0; i < rows; i += tile_rows) {
    for (size_t j = 0; j < columns; j += tile_columns)
      task(context, i, j, min(rows - i, tile_rows), min(columns - j, tile_columns));
  }
  set_fpu_state(saved);
}
