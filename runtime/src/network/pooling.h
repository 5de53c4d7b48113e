// Pools a history's rows, in place of the interest evolution or in addition to it.
#pragma once

#include "model/embedding_table.h"
#include "network/rows.h"

namespace augur {

// Padding that is pooled together with the rows: padding rows of `fields`, until there are `length`
// rows.
struct PooledPadding {
  const FieldGroup* fields = nullptr;
  std::uint32_t length = 0;     // 0: none
  float* row_memory = nullptr;  // [width]
};

// out[width] = the rows' sum or mean; zeros if there are no rows. The rows are f32. Sums are in
// f64, so that their order makes no difference to what is stored, or next to none.
void pool_rows(const Steps& steps, std::size_t width, bool mean, const PooledPadding& padding,
               float* out);
// The same of events.
void pool_behaviours(const Behaviours& behaviours, std::size_t width, bool mean,
                     const PooledPadding& padding, float* out);

// out[width] = the row; zeros if it is nullptr.
void copy_row(const float* row, std::size_t width, float* out);

// out[candidates, width] = Σ_t a_t rows_t. The rows are f32. scratch:
// weighted_sum_scratch(width) floats.
void pool_by_attention(const Steps& steps, std::size_t width, const AttentionWeights& weights,
                       std::size_t candidates, float* scratch, float* out);

}  // namespace augur
