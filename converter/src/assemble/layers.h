// The layers of a description: each is read, checked, brought to the model file's form (BatchNorms
// folded, gates in one order, the attention's first layer split) and made into the file's table.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assemble/context.h"
#include "description/matrix.h"

namespace augur::convert {

// Dense layers with their BatchNorms folded in, and a softmax of two turned into one logit.

// BatchNorm in inference: gamma (x - mean) / sqrt(variance + epsilon) + beta, per unit.
struct BatchNorm {
  Vector mean;
  Vector variance;
  std::optional<Vector> gamma;  // absent: 1
  std::optional<Vector> beta;   // absent: 0
  double epsilon = 0;
};

// scale * x + shift, per unit.
struct Affine {
  Vector scale;
  Vector shift;
};

// The same map as the BatchNorm. Needs variance + epsilon > 0 in every unit.
Affine affine_of(const BatchNorm& norm);

// y = weight x + bias.
struct DenseWeights {
  Matrix weight;               // [outputs, inputs]
  std::optional<Vector> bias;  // [outputs]; absent: 0
};

// Puts `before` in front of the layer: y = weight (scale * x + shift) + bias.
void fold_before(DenseWeights& dense, const Affine& before);

// Puts `after` behind the layer: y = scale * (weight x + bias) + shift.
void fold_after(DenseWeights& dense, const Affine& after);

// A part of a layer's input: `width` columns. With `map` they are map * x, of an x of map->columns
// numbers.
struct InputPart {
  size_t width = 0;
  std::optional<Matrix> map;
};

// Lets the layer read the x of every part that has a map. The widths add up to the layer's inputs.
void fold_input_maps(DenseWeights& dense, const std::vector<InputPart>& parts);

// softmax([y0, y1])[click] = σ(y_click - y_other): the layer of two outputs becomes one of one.
void keep_click(DenseWeights& dense, size_t click);

// Reads the statistics of a BatchNorm, as a layer of its own or inside a Dice.

// The keys mean, variance, gamma, beta (null: none) and epsilon of `node`, all of them required.
// Throws Error unless variance + epsilon > 0 in every unit. Warns if the statistics look untrained.
BatchNorm read_batch_norm(const Node& node, size_t units, Context& context);

// Reads an "activation" of a description.

// nullptr for "none". `units` is the layer's width; a single alpha is expanded to it.
std::unique_ptr<fb::ActivationT> read_activation(const Node& node, size_t units, Context& context);

// Reads dense layers of a description and folds their BatchNorms.

// A layer whose BatchNorms are folded.
struct DenseLayer {
  DenseWeights weights;
  std::unique_ptr<fb::ActivationT> activation;  // nullptr: none
};

// Reads a list of layers, each {weight, bias, activation} and optionally batch_norm and
// orientation. `inputs` is the width of the first one's input, `because` how it comes about. A
// BatchNorm after the last layer's activation cannot be folded and is refused. `hint` is what else
// to say when the first layer is not for that many inputs (see MatrixShape).
std::vector<DenseLayer> read_layers(const Node& list, size_t inputs, const std::string& because,
                                    Context& context,
                                    const std::function<std::string(size_t)>& hint = nullptr);

// Reads one layer, as above.
DenseLayer read_layer(const Node& node, size_t inputs, const std::string& because,
                      Context& context);

// The model file's form.
std::unique_ptr<fb::DenseT> make_dense(DenseLayer layer, const Node& where);

// The first layer of an MLP attention, split so that each part can be computed where it is
// cheapest: the key's once per user, the query's once per candidate, the product's per pair.

enum class PairInput { kQuery, kKey, kQueryMinusKey, kKeyMinusQuery, kProduct };

struct PairSplit {
  std::optional<Matrix> query;    // [units, query width]
  std::optional<Matrix> key;      // [units, key width]
  std::optional<Matrix> product;  // [units, key width]
};

// Splits `weight` [units, sum of the inputs' widths], whose columns follow `inputs`. A difference
// is linear: W (q - k) = W q - W k. Differences and products need both widths to be equal.
PairSplit split_pair(const Matrix& weight, const std::vector<PairInput>& inputs, size_t query_width,
                     size_t key_width);

// Reads the "attention" of a stack.

// The two sides that attention compares.
struct AttentionSides {
  size_t query = 0;           // width of e_a
  std::string query_because;  // "item 18 + category 18"
  size_t key = 0;             // width of h_t, or of e_t without an extractor
  std::string key_because;
};

struct ReadAttention {
  std::unique_ptr<fb::AttentionT> attention;
  size_t projected_query = 0;  // width of q
};

ReadAttention read_attention(const Node& node, const AttentionSides& sides, Context& context);

// GRU cells of every library brought to one form: rows stacked u, r, c, with u the share of the
// candidate state, and as few biases as the reset's position allows.

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

// Reads recurrent layers of a description: the extractor's GRUs and the evolution's cell.

// A GRU of the extractor over steps of `inputs` numbers; `because` says how they come about.
std::unique_ptr<fb::GruT> read_gru(const Node& node, size_t inputs, const std::string& because,
                                   Context& context);

// "evolution": a GRU, AIGRU, AGRU or AUGRU over steps of `inputs` numbers.
std::unique_ptr<fb::EvolutionT> read_evolution(const Node& node, size_t inputs,
                                               const std::string& because, Context& context);

// The layer's units H.
size_t units_of(const fb::GruT& gru);

}  // namespace augur::convert
