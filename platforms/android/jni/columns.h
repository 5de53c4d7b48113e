// Columns of Java as columns of the C API.
#pragma once

#include <augur/augur.h>
#include <jni.h>
#include <stddef.h>

#include "scratch.h"

namespace augur_jni {

struct Columns {
  augur_column* columns;
  size_t count;
};

// Reads what dev.augur.Columns made. Direct buffers are referred to; arrays are copied once, into
// `scratch`. `more` bytes can be taken of it afterwards, for the outputs. A column's counts must be
// `rows`. False with an exception pending.
bool read_columns(JNIEnv* env, Scratch& scratch, jobjectArray data, jintArray numbers,
                  jbyteArray names, jint rows, size_t more, Columns& columns);

}  // namespace augur_jni
