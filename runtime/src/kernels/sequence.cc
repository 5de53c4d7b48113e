// Sequence kernels, written so that the inner loops vectorise.
#include "kernels/sequence.h"

#include <cstring>

#include "kernels/elementary.h"

namespace augur {

void transpose_steps(const float* x, std::size_t stride, std::size_t steps, std::size_t width,
                     float* transposed) {
  const std::size_t padded = padded_steps(steps);
  for (std::size_t k = 0; k < width; ++k) {
    float* row = transposed + k * padded;
    for (std::size_t t = 0; t < steps; ++t)
      row[t] = x[t * stride + k];
    for (std::size_t t = steps; t < padded; ++t)
      row[t] = 0.0f;
  }
}

void dot_scores(const float* queries, std::size_t query_stride, std::size_t rows, std::size_t width,
                const float* keys, std::size_t steps, float* scores) {
  const std::size_t padded = padded_steps(steps);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* query = queries + row * query_stride;
    for (std::size_t block = 0; block < padded; block += kStepBlock) {
      float sums[kStepBlock] = {};
      for (std::size_t k = 0; k < width; ++k) {
        const float* key = keys + k * padded + block;
        for (std::size_t t = 0; t < kStepBlock; ++t)
          sums[t] += query[k] * key[t];
      }
      std::memcpy(scores + row * padded + block, sums, sizeof(sums));
    }
  }
}

void multiply_rows(const float* query, const float* x, std::size_t stride, std::size_t steps,
                   std::size_t width, float* products) {
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t k = 0; k < width; ++k)
      products[t * width + k] = query[k] * x[t * stride + k];
  }
}

void add_row(const float* x, std::size_t width, float* out) {
  for (std::size_t k = 0; k < width; ++k)
    out[k] += x[k];
}

void scale_scores(float scale, std::size_t rows, std::size_t steps, float* scores) {
  const std::size_t count = rows * padded_steps(steps);
  for (std::size_t i = 0; i < count; ++i)
    scores[i] *= scale;
}

void softmax(std::size_t rows, std::size_t steps, float* scores) {
  const std::size_t padded = padded_steps(steps);
  for (std::size_t row = 0; row < rows; ++row) {
    float* s = scores + row * padded;
    float largest = s[0];
    for (std::size_t t = 1; t < steps; ++t)
      largest = s[t] > largest ? s[t] : largest;
    for (std::size_t t = 0; t < steps; ++t)
      s[t] = exp_f32(s[t] - largest);
    float sum = 0.0f;
    for (std::size_t t = 0; t < steps; ++t)
      sum += s[t];
    const float inverse = 1.0f / sum;
    for (std::size_t t = 0; t < steps; ++t)
      s[t] *= inverse;
  }
}

void weighted_sum(const float* weights, std::size_t rows, const float* x, std::size_t stride,
                  std::size_t steps, std::size_t width, std::size_t out_stride, float* out) {
  const std::size_t padded = padded_steps(steps);
  for (std::size_t row = 0; row < rows; ++row) {
    float* sum = out + row * out_stride;
    for (std::size_t k = 0; k < width; ++k)
      sum[k] = 0.0f;
    for (std::size_t t = 0; t < steps; ++t) {
      const float weight = weights[row * padded + t];
      for (std::size_t k = 0; k < width; ++k)
        sum[k] += weight * x[t * stride + k];
    }
  }
}

}  // namespace augur
