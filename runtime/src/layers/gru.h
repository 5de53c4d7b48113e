// The recurrent cell behind the interest extractor (GRU) and the interest evolution (GRU, AIGRU,
// AGRU, AUGRU).
#pragma once

#include "kernels/gates.h"
#include "kernels/product.h"
#include "model/reader.h"

namespace augur {

// How a cell meets the attention.
struct CellKind {
  ShareRule share = ShareRule::kPlain;
  bool scaled_input = false;  // AIGRU
  bool unit_share = false;    // the attention lies in [0, 1]
  bool unit_input = false;    // the inputs lie in [-1, 1]: they are states of a GRU

  bool uses_attention() const { return share != ShareRule::kPlain || scaled_input; }
  // The states lie in [-1, 1].
  bool bounded() const { return share == ShareRule::kPlain || unit_share; }
};

class Gru {
 public:
  augur_status load(Reader& reader, const fb::Gru* file, std::uint32_t inputs, CellKind kind);

  const CellKind& kind() const { return kind_; }
  std::uint32_t inputs() const { return inputs_; }
  std::uint32_t hidden() const { return hidden_; }
  std::uint32_t gate_rows() const {
    return static_cast<std::uint32_t>(gate_count(kind_.share)) * hidden_;
  }
  bool reset_before() const { return reset_before_; }

 private:
  friend class GruRun;

  CellKind kind_;
  bool reset_before_ = false;
  std::uint32_t inputs_ = 0;
  std::uint32_t hidden_ = 0;
  Product input_;                // W x + b; with a scaled input W x alone
  const float* bias_ = nullptr;  // b, with a scaled input
  Product recurrent_;            // reset after: U h + d_c; before: the gates' rows of U h
  Product candidate_;            // reset before: U_c (r ∘ h)
};

class GruRun {
 public:
  augur_status create(const Gru& gru, std::size_t input_stride, std::size_t max_rows, Arena& arena,
                      Error& error);

  // The part that no state enters: projections[steps, gate_rows] of x[steps, inputs].
  void project(const float* x, std::size_t steps, float* projections) const;

  // One step of `rows` states [rows, hidden], in place. attention[row * attention_stride]; nullptr
  // if the kind uses none.
  void step(const float* projection, const float* attention, std::size_t attention_stride,
            std::size_t rows, float* states) const;

 private:
  const Gru* gru_ = nullptr;
  ProductRun input_;
  ProductRun recurrent_;
  ProductRun candidate_;
  float* product_ = nullptr;            // [max_rows, recurrent outputs]
  float* reset_state_ = nullptr;        // [max_rows, hidden], reset before
  float* candidate_product_ = nullptr;  // [max_rows, hidden], reset before
};

}  // namespace augur
