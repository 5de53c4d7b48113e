// What the fuzzers of checkpoints do with an opened one: they read everything, and check that the
// interface's promises hold.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Stops the fuzzer.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// Larger tensors (deflate can expand a few bytes to them) are not read, so that runs stay quick.
constexpr uint64_t kLargestRead = uint64_t{8} << 20;

inline void exercise(const Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorInfo& tensor = tensors[i];
    require(i == 0 || tensors[i - 1].name < tensor.name, "names ascend");
    require(checkpoint.find(tensor.name) == &tensor, "a listed tensor is found");
    is_training_only(tensor.name);
    if (tensor.bytes > kLargestRead) continue;
    try {
      require(checkpoint.read(tensor).size() == tensor.count(), "read() gives count() values");
    } catch (const Error&) {
    }
    try {
      require(checkpoint.read_int64(tensor).size() == tensor.count(),
              "read_int64() gives count() values");
    } catch (const Error&) {
    }
  }
  try {
    checkpoint.get("fc1.weight");
  } catch (const Error&) {
  }
}

}  // namespace augur::checkpoint
