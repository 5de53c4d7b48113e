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

// add(column, columns, sums) adds up all rows.
template <class Add>
void pool(std::size_t count, std::size_t width, bool mean, const PooledPadding& padding,
          const Add& add, float* out) {
  const std::size_t missing = padding.length > count ? padding.length - count : 0;
  if (missing > 0) embed_padding(*padding.fields, padding.row_memory);
  const std::size_t pooled = count + missing;
  for (std::size_t first = 0; first < width; first += kColumns) {
    const std::size_t columns = width - first < kColumns ? width - first : kColumns;
    double sums[kColumns] = {};
    add(first, columns, sums);
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
  const auto add = [&](std::size_t first, std::size_t columns, double* sums) {
    for_pieces(steps, nullptr, [&](const float* rows, std::size_t, std::size_t count) {
      add_rows(rows + first, count, width, columns, sums);
    });
  };
  pool(steps.ring.count, width, mean, padding, add, out);
}

void pool_behaviours(const Behaviours& behaviours, std::size_t width, bool mean,
                     const PooledPadding& padding, float* out) {
  if (behaviours.sums == nullptr)
    return pool_rows(behaviours.embeddings, width, mean, padding, out);
  const auto add = [&](std::size_t first, std::size_t columns, double* sums) {
    add_rows(behaviours.sums + first, behaviours.blocks, width, columns, sums);
  };
  pool(behaviours.embeddings.ring.count, width, mean, padding, add, out);
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
