// Included before src/operator-run.c, which calls pthreadpool's loops of one to six dimensions. Augur
// has only fully connected layers, which use the tiled loop of two dimensions. The calls of the others
// are replaced by abort(), so that the linker can leave their code out.
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
