// Included before src/operator-run.c and src/operators/fully-connected-nc.c, which use pthreadpool. Augur has threads of
// its own and gives XNNPACK no pool, and has only fully connected layers, which use the tiled loop of two dimensions. That
// loop is in one-loop.c, so that the linker leaves pthreadpool out. The calls of the other loops are replaced by abort().
#pragma once

#include <pthreadpool.h>
#include <stdlib.h>

void xnn_loop_2d_without_pool(pthreadpool_task_2d_tile_2d_t task, void* context, size_t rows, size_t columns,
                size_t tile_rows, size_t tile_columns);

#define pthreadpool_get_threads_count(pool) ((void)(pool), (size_t)1)
#define pthreadpool_parallelize_2d_tile_2d(pool, task, context, rows, columns, tile_rows, tile_columns, flags) \
  ((void)(pool), (void)(flags), xnn_loop_2d_without_pool(task, context, rows, columns, tile_rows, tile_columns))

#define pthreadpool_parallelize_1d(...) abort()
#define pthreadpool_parallelize_1d_with_thread(...) abort()
#define pthreadpool_parallelize_1d_tile_1d(...) abort()
#define pthreadpool_parallelize_2d(...) abort()
#define pthreadpool_parallelize_2d_with_thread(...) abort()
#define pthreadpool_parallelize_2d_tile_1d(...) abort()
#define pthreadpool_parallelize_3d(...) abort()
#define pthreadpool_parallelize_3d_tile_1d(...) abort()
#define pthreadpool_parallelize_3d_tile_1d_with_thread(...) abort()
#define pthreadpool_parallelize_3d_tile_2d(...) abort()
#define pthreadpool_parallelize_4d(...) abort()
#define pthreadpool_parallelize_4d_tile_2d(...) abort()
#define pthreadpool_parallelize_5d(...) abort()
#define pthreadpool_parallelize_5d_tile_2d(...) abort()
#define pthreadpool_parallelize_6d_tile_2d(...) abort()
