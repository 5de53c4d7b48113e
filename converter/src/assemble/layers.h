// The layers of a description. Each is read and checked, brought to the model file's form
// (BatchNorms folded, gates in one order, the attention's first layer split), and made into the
// file's table.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assemble/context.h"
#include "description/matrix.h"

namespace augur::convert {

// --- Dense layers and BatchNorm: dense.cc ---

// BatchNorm in inference: gamma (x - mean) / sqrt(variance + epsilon) + beta, for each unit.
struct BatchNorm {
  Vector mean;
  Vector variance;
  std::optional<Vector> gamma;  // absent: 1
  std::optional<Vector> beta;   // absent: 0
  double epsilon = 0;
};

// Reads the keys mean, variance, gamma, beta (null: none) and epsilon of `node`; all are required.
// Throws Error unless variance + epsilon > 0 in every unit. Warns if the statistics look untrained.
BatchNorm read_batch_norm(const Node& node, size_t units, Context& context);

// scale * x + shift, for each unit.
struct Affine {
  Vector scale;
  Vector shift;
};

// The same function as the BatchNorm. Needs variance + epsilon > 0 in every unit.
Affine affine_of(const BatchNorm& norm);

// y = weight x + bias.
struct DenseWeights {
  Matrix weight;               // [outputs, inputs]
  std::optional<Vector> bias;  // [outputs]; absent: 0
};

// Folds in a map of the layer's inputs: y = weight (scale * x + shift) + bias.
void fold_before(DenseWeights& dense, const Affine& before);

// Folds in a map of the layer's outputs: y = scale * (weight x + bias) + shift.
void fold_after(DenseWeights& dense, const Affine& after);

// `width` neighbouring inputs of a layer. With `map` they are map * x, where x has map->columns
// numbers.
struct InputPart {
  size_t width = 0;
  std::optional<Matrix> map;
};

// Folds in the maps, so that the layer reads the x of every part that has one. The widths must add
// up to the layer's inputs.
void fold_input_maps(DenseWeights& dense, const std::vector<InputPart>& parts);

// Turns a layer of two outputs, a softmax's, into one output, a sigmoid's:
// softmax([y0, y1])[click] = σ(y_click - y_other).
void keep_click(DenseWeights& dense, size_t click);

// A layer whose BatchNorms are folded.
struct DenseLayer {
  DenseWeights weights;
  std::unique_ptr<fb::ActivationT> activation;  // nullptr: none
};

// Reads a list of layers, each {weight, bias, activation} and optionally batch_norm and
// orientation. `inputs` is the width of the first one's input, and `because` how that width comes
// about. A BatchNorm after the last layer's activation cannot be folded and is refused. `hint` adds
// to the message if the first layer has another number of inputs (see MatrixShape).
std::vector<DenseLayer> read_layers(const Node& list, size_t inputs, const std::string& because,
                                    Context& context,
                                    const std::function<std::string(size_t)>& hint = nullptr);

// Reads one layer in the same way.
DenseLayer read_layer(const Node& node, size_t inputs, const std::string& because,
                      Context& context);

std::unique_ptr<fb::DenseT> make_dense(DenseLayer layer, const Node& where);

// --- Activations: activation.cc ---

// nullptr for "none". `units` is the layer's width; a single alpha is repeated for each unit.
std::unique_ptr<fb::ActivationT> read_activation(const Node& node, size_t units, Context& context);

// --- Attention: attention.cc ---

// The inputs of an MLP attention's first layer, which reads a query q and a key k.
enum class PairInput { kQuery, kKey, kQueryMinusKey, kKeyMinusQuery, kProduct };

// That layer's weights, split so that each part is computed as seldom as possible: for the key once
// a user, for the query once a candidate, for the product once a pair of both.
struct PairSplit {
  std::optional<Matrix> query;    // [units, query width]
  std::optional<Matrix> key;      // [units, key width]
  std::optional<Matrix> product;  // [units, key width]
};

// Splits `weight` [units, sum of the inputs' widths], whose columns follow `inputs`. A difference
// is split as W (q - k) = W q - W k. Differences and products need equal widths of query and key.
PairSplit split_pair(const Matrix& weight, const std::vector<PairInput>& inputs, size_t query_width,
                     size_t key_width);

// What an attention compares.
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

// --- Recurrent layers: gru.cc ---

enum class GruGate { kUpdate, kReset, kCandidate };

// What the update gate u multiplies in a step without attention.
enum class UpdateGate {
  kShareOfCandidate,  // h' = (1 - u) h + u c    the paper; torch's AUGRU ports
  kShareOfState       // h' = u h + (1 - u) c    TensorFlow, torch.nn.GRU, Keras
};

enum class ResetPosition {
  kAfterProduct,  // c = tanh(W x + b + r * (U h + d))
  kBeforeProduct  // c = tanh(W x + b + U (r * h) + d)
};

// A cell as the checkpoint holds it, but with all matrices as [outputs, inputs].
struct GruWeights {
  std::vector<GruGate> gates;  // the order of the row blocks; without kUpdate in an AGRU
  UpdateGate update = UpdateGate::kShareOfCandidate;
  ResetPosition reset = ResetPosition::kAfterProduct;
  Matrix input;                          // [gates * H, inputs]
  Matrix recurrent;                      // [gates * H, H]
  std::optional<Vector> input_bias;      // [gates * H]
  std::optional<Vector> recurrent_bias;  // [gates * H]
};

// The cell as the model file holds it (schema/augur.fbs, table Gru): rows in the order u, r, c,
// where u is the share of the candidate state, and biases summed where the reset's position allows
// it.
struct NormalGru {
  Matrix input;
  Matrix recurrent;
  Vector bias;
  std::optional<Vector> candidate_recurrent_bias;  // [H], d of kAfterProduct's formula
};

// `keep_update` false drops the update gate's rows: in an AGRU the attention takes the gate's
// place.
NormalGru normalise_gru(const GruWeights& weights, bool keep_update);

// Reads a GRU of the extractor, whose steps have `inputs` numbers; `because` is how that width
// comes about.
std::unique_ptr<fb::GruT> read_gru(const Node& node, size_t inputs, const std::string& because,
                                   Context& context);

// Reads an "evolution" in the same way: a GRU, AIGRU, AGRU or AUGRU.
std::unique_ptr<fb::EvolutionT> read_evolution(const Node& node, size_t inputs,
                                               const std::string& because, Context& context);

// The number H of the layer's units.
size_t units_of(const fb::GruT& gru);

}  // namespace augur::convert
