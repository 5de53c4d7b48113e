// Included before cpuinfo's src/init.c, which finds out what the processor can do. That needs memory;
// if there is none, pthread_once would never try again. With this macro it is tried again until it
// succeeds. Until then the caller of cpuinfo_initialize() must keep other threads out
// (runtime/src/kernels/xnnpack_memory.cc does).
#pragma once

#include <pthread.h>

#define pthread_once(guard, initialise) \
  ((void)(guard), cpuinfo_is_initialized ? 0 : ((initialise)(), 0))
