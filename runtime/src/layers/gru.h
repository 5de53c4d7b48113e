// The recurrent cell behind the interest extractor (GRU) and the interest evolution (GRU, AIGRU,
// AGRU, AUGRU).
#pragma once

#include "kernels/product.h"
#include "kernels/recurrence.h"
#include "layers/attention_weights.h"
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

 private:
  friend class GruInputs;
  friend class GruRun;

  augur_status load_recurrent(Reader& reader, const fb::Gru* file);

  CellKind kind_;
  std::uint32_t inputs_ = 0;
  std::uint32_t hidden_ = 0;
  Product input_;  // W x + b; with a scaled input W x alone
  Cell cell_;      // what the state meets
};

// The part that no state enters.
class GruInputs {
 public:
  augur_status create(const Gru& gru, std::size_t input_stride, Arena& arena, Fault& error);

  // projections[steps, gate_rows] of x[steps, inputs], from step `first` on.
  void project(const float* x, std::size_t first, std::size_t steps, float* projections) const;

 private:
  ProductRun input_;
};

// The recurrence, for one thread at a time.
class GruRun {
 public:
  void create(const Gru& gru, Arena& arena);

  // All steps of `rows` states [rows, hidden], in place. weights: of the same rows, none if the
  // kind uses no attention. history: with one row, the state after every step; or nullptr.
  void run(const float* projections, std::size_t steps, AttentionWeights weights, std::size_t rows,
           float* states, float* history) const;

 private:
  const Gru* gru_ = nullptr;
  float* scratch_ = nullptr;
};

}  // namespace augur
