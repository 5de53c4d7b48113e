// Pools rows.
#include "network/pooling.h"

#include <cstring>

#include "kernels/kernel_set.h"
#include "network/embedding.h"

namespace augur {

namespace {

constexpr std::size_t kColumns = 16;  // that are summed up together

// out[kCount] += rows[count, kCount], `stride` apart. The sums stay in registers.
template <std::size_t kCount, typename Value>
void add_columns(const Value* rows, std::size_t count, std::size_t stride, double* out) {
  double sums[kCount];
  for (std::size_t k = 0; k < kCount; ++k)
    sums[k] = out[k];
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t k = 0; k < kCount; ++k)
      sums[k] += static_cast<double>(rows[row * stride + k]);
  }
  for (std::size_t k = 0; k < kCount; ++k)
    out[k] = sums[k];
}

// out[columns] += rows[count, columns], `stride` apart
template <typename Value>
void add_rows(const Value* rows, std::size_t count, std::size_t stride, std::size_t columns,
              double* out) {
  if (columns == kColumns) return add_columns<kColumns>(rows, count, stride, out);
  std::size_t k = 0;
  for (; columns - k >= 4; k += 4)
    add_columns<4>(rows + k, count, stride, out + k);
  for (; k < columns; ++k)
    add_columns<1>(rows + k, count, stride, out + k);
}

// Pools the rows of `steps`; from the sums of their blocks, if there are any.
void pool(const Steps& steps, const double* block_sums, std::size_t blocks, std::size_t width,
          bool mean, const PooledPadding& padding, float* out) {
  const std::size_t all = steps.ring.count;
  const std::size_t missing = padding.length > all ? padding.length - all : 0;
  if (missing > 0) embed_padding(*padding.fields, padding.row_memory);
  const std::size_t pooled = all + missing;
  for (std::size_t first = 0; first < width; first += kColumns) {
    const std::size_t columns = width - first < kColumns ? width - first : kColumns;
    double sums[kColumns] = {};
    if (block_sums != nullptr) {
      add_rows(block_sums + first, blocks, width, columns, sums);
    } else {
      for_pieces(steps, nullptr, [&](const float* rows, std::size_t, std::size_t count) {
        add_rows(rows + first, count, width, columns, sums);
      });
    }
    for (std::size_t k = 0; k < columns; ++k) {
      if (missing > 0)
        sums[k] +=
            static_cast<double>(missing) * static_cast<double>(padding.row_memory[first + k]);
      if (mean && pooled > 0) sums[k] /= static_cast<double>(pooled);
      out[first + k] = static_cast<float>(sums[k]);
    }
  }
}

}  // namespace

void pool_rows(const Steps& steps, std::size_t width, bool mean, const PooledPadding& padding,
               float* out) {
  pool(steps, nullptr, 0, width, mean, padding, out);
}

void pool_behaviours(const Behaviours& behaviours, std::size_t width, bool mean,
                     const PooledPadding& padding, float* out) {
  pool(behaviours.embeddings, behaviours.sums, behaviours.blocks, width, mean, padding, out);
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
