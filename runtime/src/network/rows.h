// Rows and weights that one layer passes to the next. They point into the layers' buffers; nothing
// is copied.
#pragma once

#include <cstddef>

namespace augur {

// A history's rows side by side: behaviours' embeddings or interest states.
struct Steps {
  const float* rows = nullptr;  // [count, width]
  std::size_t count = 0;
};

// Rows of floats. stride 0: one row that all candidates share.
struct Rows {
  const float* data = nullptr;
  std::size_t stride = 0;
};

// The attention's weights: that of step t for candidate c is data[t * stride + c]. One step of all
// candidates lies side by side, as the kernels read it.
struct AttentionWeights {
  const float* data = nullptr;
  std::size_t stride = 0;
};

}  // namespace augur
