// Included before cpuinfo's src/init.c: finding out what the processor can takes memory, and a
// pthread_once remembers for ever that there was none. Here it is tried again until it succeeds.
// Whoever calls cpuinfo_initialize() before it has succeeded keeps other threads out
// (runtime/src/kernels/xnnpack_memory.cc does).
#pragma once

#include <pthread.h>

#define pthread_once(guard, initialise) \
  ((void)(guard), cpuinfo_is_initialized ? 0 : ((initialise)(), 0))
