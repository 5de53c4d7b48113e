// Fuzzes the reader of npz files: any bytes give a checkpoint or an Error.
#include "checkpoint/numpy.h"

#include "exercise_checkpoint.h"

using namespace augur::checkpoint;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    exercise(*open_npz(view_bytes(data, size, "fuzz")));
  } catch (const augur::Error&) {
  }
  return 0;
}
