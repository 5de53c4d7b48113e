// Small kernels over a history's steps. Sums run over ascending indices into one accumulator each,
// so that a candidate's result does not depend on the others in its tile.
#pragma once

#include <cstddef>

namespace augur {

// Steps are laid out in rows of this many, so that loops over them need no remainder.
inline constexpr std::size_t kStepBlock = 16;
constexpr std::size_t padded_steps(std::size_t steps) {
  return (steps + kStepBlock - 1) / kStepBlock * kStepBlock;
}

// x [steps, width] (strided) -> transposed [width, padded_steps(steps)], the padding zero.
void transpose_steps(const float* x, std::size_t stride, std::size_t steps, std::size_t width,
                     float* transposed);

// scores[row][t] = Σ_k queries[row][k] keys[k][t], keys as transpose_steps makes them. scores has
// padded_steps(steps) columns, also as its stride.
void dot_scores(const float* queries, std::size_t query_stride, std::size_t rows, std::size_t width,
                const float* keys, std::size_t steps, float* scores);

// products[t][k] = query[k] x[t][k]
void multiply_rows(const float* query, const float* x, std::size_t stride, std::size_t steps,
                   std::size_t width, float* products);

// out[unit] += x[unit]
void add_row(const float* x, std::size_t width, float* out);

// scores *= scale, then a softmax over the first `steps`; in place, rows of padded_steps(steps).
void scale_scores(float scale, std::size_t rows, std::size_t steps, float* scores);
void softmax(std::size_t rows, std::size_t steps, float* scores);

// out[row] = Σ_t weights[row][t] x[t]
void weighted_sum(const float* weights, std::size_t rows, const float* x, std::size_t stride,
                  std::size_t steps, std::size_t width, std::size_t out_stride, float* out);

}  // namespace augur
