// How attention hands its weights to pooling and to the evolution.
#pragma once

#include <cstddef>

namespace augur {

// The weight of step t for candidate c is data[t * stride + c]: one step of all candidates side by
// side, as the kernels read them. Not copied.
struct AttentionWeights {
  const float* data = nullptr;
  std::size_t stride = 0;
};

}  // namespace augur
