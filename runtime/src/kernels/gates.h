// The gates of GRU, AIGRU, AGRU and AUGRU, fused into one loop over the recurrent product's output.
//
// Every row is one candidate (or the user alone). `projection` is W x + b for the step's input,
// shared by all rows; `product` is U h of each row. Gate rows are stacked u, r, c (AGRU: r, c).
// Formulas: schema/augur.fbs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur {

// How much of the candidate state c enters h: the share s in h' = (1 - s) h + s c.
enum class ShareRule : std::uint8_t {
  kPlain,     // s = u
  kScale,     // s = a u
  kLift,      // s = a + (1 - a) u
  kAttention  // s = a; there are no rows for u
};

struct CellStep {
  ShareRule share = ShareRule::kPlain;
  std::size_t hidden = 0;
  std::size_t rows = 0;
  const float* projection = nullptr;  // [gates * hidden]
  const float* projection_bias =
      nullptr;  // [gates * hidden] or nullptr; not nullptr: the input is scaled by
                // the attention, a * projection + projection_bias (AIGRU)
  const float* attention =
      nullptr;  // attention[row * attention_stride]; nullptr for kPlain without AIGRU
  std::size_t attention_stride = 0;
  std::size_t state_stride = 0;
};

constexpr std::size_t gate_count(ShareRule share) {
  return share == ShareRule::kAttention ? 2 : 3;
}

// Reset after the product. product [rows, gates * hidden]: U h with d_c added to its rows for c.
void step_reset_after(const CellStep& step, const float* product, std::size_t product_stride,
                      float* state);

// Reset before the product, in two halves around U_c (r ∘ h).
// First: product [rows, (gates - 1) * hidden] is U_u h, U_r h. Writes r ∘ h to reset_state (strided
// as the state) and, where there is a u, the share s over the product's rows for u.
void step_reset_before_gates(const CellStep& step, float* product, std::size_t product_stride,
                             const float* state, float* reset_state);
// Second: candidate_product [rows, hidden] is U_c (r ∘ h).
void step_reset_before_state(const CellStep& step, const float* product, std::size_t product_stride,
                             const float* candidate_product, std::size_t candidate_stride,
                             float* state);

}  // namespace augur
