// GRU cells of every library brought to one form: rows stacked u, r, c, with u the share of the
// candidate state, and as few biases as the reset's position allows.
#pragma once

#include <optional>
#include <vector>

#include "tensors/matrix.h"

namespace augur::convert {

enum class Gate { kUpdate, kReset, kCandidate };

// Which state the update gate is the share of in a plain step.
enum class UpdateGate {
  kShareOfCandidate,  // h' = (1 - u) h + u c    the paper; torch's AUGRU ports
  kShareOfState       // h' = u h + (1 - u) c    TensorFlow, torch.nn.GRU, Keras
};

enum class ResetPosition {
  kAfterProduct,  // c = tanh(W x + b + r * (U h + d))
  kBeforeProduct  // c = tanh(W x + b + U (r * h) + d)
};

// A cell as the checkpoint holds it, as [outputs, inputs].
struct GruWeights {
  std::vector<Gate> gates;  // the order of the row blocks; without kUpdate in an AGRU
  UpdateGate update = UpdateGate::kShareOfCandidate;
  ResetPosition reset = ResetPosition::kAfterProduct;
  Matrix input;                          // [gates * H, inputs]
  Matrix recurrent;                      // [gates * H, H]
  std::optional<Vector> input_bias;      // [gates * H]
  std::optional<Vector> recurrent_bias;  // [gates * H]
};

// The cell as the model file holds it (schema/augur.fbs, table Gru).
struct NormalGru {
  Matrix input;
  Matrix recurrent;
  Vector bias;
  std::optional<Vector>
      candidate_recurrent_bias;  // [H], d of the formula above; kAfterProduct only
};

// `keep_update` false drops the update gate's rows, as for AGRU, whose attention takes their place.
NormalGru normalise_gru(const GruWeights& weights, bool keep_update);

}  // namespace augur::convert
