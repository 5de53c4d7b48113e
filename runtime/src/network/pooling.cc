// Pools rows.
#include "network/pooling.h"

#include <cstring>

#include "kernels/kernel_set.h"
#include "network/embedding.h"

namespace augur {

void pool_rows(const Steps& steps, std::size_t width, bool mean, const PooledPadding& padding,
               float* out) {
  std::memset(out, 0, width * sizeof(float));
  for_pieces(steps, nullptr, [&](const float* rows, std::size_t, std::size_t piece) {
    for (std::size_t t = 0; t < piece; ++t) {
      for (std::size_t k = 0; k < width; ++k)
        out[k] += rows[t * width + k];
    }
  });
  std::size_t count = steps.ring.count;
  if (padding.length > count) {
    embed_padding(*padding.fields, padding.row_memory);
    const auto missing = static_cast<float>(padding.length - count);
    for (std::size_t k = 0; k < width; ++k)
      out[k] += missing * padding.row_memory[k];
    count = padding.length;
  }
  if (!mean || count == 0) return;
  const auto divisor = static_cast<float>(count);
  for (std::size_t k = 0; k < width; ++k)
    out[k] /= divisor;
}

void copy_row(const float* row, std::size_t width, float* out) {
  if (row == nullptr) {
    std::memset(out, 0, width * sizeof(float));
  } else {
    std::memcpy(out, row, width * sizeof(float));
  }
}

void pool_by_attention(const Steps& steps, std::size_t width, const AttentionWeights& weights,
                       std::size_t candidates, float* scratch, float* out) {
  WeightedSum sum;
  sum.stride = weights.stride;
  sum.rows = candidates;
  sum.width = width;
  sum.out = out;
  sum.scratch = scratch;
  for_pieces(steps, nullptr, [&](const float* rows, std::size_t row, std::size_t count) {
    sum.weights = weights.data + row * weights.stride;
    sum.x = rows;
    sum.steps = count;
    kernels().weighted_sum(sum);
    sum.add = true;
  });
}

}  // namespace augur
