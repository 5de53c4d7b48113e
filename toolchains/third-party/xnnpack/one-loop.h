// Included before src/operator-run.c: an operator may be spread over threads by loops of one to six
// dimensions, and that file names them all. Fully connected layers, the only operators that Augur
// has, run by the tiled one of two; the code of the others is left out.
#pragma once

#include <pthreadpool.h>
#include <stdlib.h>

#define pthreadpool_parallelize_1d(...) abort()
#define pthreadpool_parallelize_1d_with_thread(...) abort()
#define pthreadpool_parallelize_1d_tile_1d(...) abort()
#define pthreadpool_parallelize_2d(...) abort()
#define pthreadpool_parallelize_2d_with_thread(...) abort()
#define pthreadpool_parallelize_2d_tile_1d(...) abort()
#define pthreadpool_parallelize_2d_tile_1d_with_uarch(...) abort()
#define pthreadpool_parallelize_3d(...) abort()
#define pthreadpool_parallelize_3d_tile_1d(...) abort()
#define pthreadpool_parallelize_3d_tile_1d_with_thread(...) abort()
#define pthreadpool_parallelize_3d_tile_1d_with_uarch(...) abort()
#define pthreadpool_parallelize_3d_tile_1d_with_uarch_with_thread(...) abort()
#define pthreadpool_parallelize_3d_tile_2d(...) abort()
#define pthreadpool_parallelize_3d_tile_2d_with_uarch(...) abort()
#define pthreadpool_parallelize_4d(...) abort()
#define pthreadpool_parallelize_4d_tile_2d(...) abort()
#define pthreadpool_parallelize_4d_tile_2d_with_uarch(...) abort()
#define pthreadpool_parallelize_5d(...) abort()
#define pthreadpool_parallelize_5d_tile_2d(...) abort()
#define pthreadpool_parallelize_6d_tile_2d(...) abort()
