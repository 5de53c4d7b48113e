// Recurrent layers; see layers.h.
#include "assemble/layers.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "text/text.h"

namespace augur::convert {
namespace {

// The first row of the gate's block.
size_t first_row(const GruWeights& weights, GruGate gate) {
  const auto found = std::find(weights.gates.begin(), weights.gates.end(), gate);
  assert(found != weights.gates.end());
  return static_cast<size_t>(found - weights.gates.begin()) * weights.recurrent.columns;
}

// Because σ(-x) = 1 - σ(x), negated rows turn the share of the state into the share of the
// candidate.
double sign_of(const GruWeights& weights, GruGate gate) {
  return gate == GruGate::kUpdate && weights.update == UpdateGate::kShareOfState ? -1.0 : 1.0;
}

Matrix block(const GruWeights& weights, const Matrix& matrix, GruGate gate) {
  Matrix rows = row_range(matrix, first_row(weights, gate), weights.recurrent.columns);
  for (double& value : rows.values)
    value *= sign_of(weights, gate);
  return rows;
}

// The gate's part of a bias; zeros if there is none.
Vector block(const GruWeights& weights, const std::optional<Vector>& bias, GruGate gate) {
  const size_t units = weights.recurrent.columns;
  if (!bias) return Vector(units);
  Vector part = range(*bias, first_row(weights, gate), units);
  for (double& value : part.values)
    value *= sign_of(weights, gate);
  return part;
}

std::vector<GruGate> read_gates(const Node& node, bool with_update) {
  std::vector<GruGate> gates;
  for (const Node& item : node.items()) {
    const std::string word = item.text();
    if (word == "z" || word == "n" || word == "h") {
      item.fail("\"" + word + "\" is not one of \"u\", \"r\", \"c\"; it is called \"" +
                (word == "z" ? "u" : "c") +
                "\" here: u is the update gate, r the reset gate, c the candidate state");
    }
    gates.push_back(item.choice<GruGate>(
        {{"u", GruGate::kUpdate}, {"r", GruGate::kReset}, {"c", GruGate::kCandidate}}));
    if (std::count(gates.begin(), gates.end(), gates.back()) > 1) {
      item.fail("the gate " + item.text() + " stands twice");
    }
  }
  const bool has_update = std::count(gates.begin(), gates.end(), GruGate::kUpdate) > 0;
  if (gates.size() != (has_update ? 3U : 2U) || (with_update && !has_update)) {
    node.fail(
        with_update
            ? "expected the order of the three gates, such as [\"r\", \"u\", \"c\"]: u the "
              "update gate, r the reset gate, c the candidate state"
            : "expected the order of the gates of an AGRU, such as [\"r\", \"c\"], with \"u\" "
              "as well if the checkpoint keeps rows for it");
  }
  return gates;
}

std::optional<Vector> read_bias(const Node& node, size_t size, const std::string& because,
                                Context& context) {
  if (node.is_null()) return std::nullopt;
  return read_vector(node, size, because, context.weights);
}

// For the message: how many blocks the matrix has instead of `gates`.
std::string explain_blocks(const Matrix& recurrent, size_t gates) {
  if (recurrent.columns == 0 || recurrent.rows % recurrent.columns != 0) return "";
  const size_t blocks = recurrent.rows / recurrent.columns;
  if (blocks == gates) return "";
  return "; it holds " + std::to_string(blocks) + " blocks of " +
         std::to_string(recurrent.columns) + " units" +
         (blocks == 4 ? ", as an LSTM does, which is not in the model family" : "");
}

GruWeights read_weights(const Node& node, size_t inputs, const std::string& because,
                        bool with_update, Context& context) {
  GruWeights weights;
  weights.gates = read_gates(node.at("gates"), with_update);
  if (with_update) {
    weights.update = node.at("update_gate")
                         .choice<UpdateGate>({{"share_of_candidate", UpdateGate::kShareOfCandidate},
                                              {"share_of_state", UpdateGate::kShareOfState}});
  }
  weights.reset =
      node.at("reset").choice<ResetPosition>({{"after_product", ResetPosition::kAfterProduct},
                                              {"before_product", ResetPosition::kBeforeProduct}});

  const Orientation orientation = context.orientation_of(node);
  const size_t gates = weights.gates.size();
  const std::string count = std::to_string(gates) + " gates";
  const Node recurrent = node.at("recurrent");
  weights.recurrent =
      read_matrix(recurrent, orientation, {std::nullopt, std::nullopt, ""}, context.weights);
  const size_t units = weights.recurrent.rows / gates;
  // Reading it again with a GRU's shape as the expected one throws the Error with the right
  // message.
  if (units == 0 || weights.recurrent.rows != gates * weights.recurrent.columns) {
    const size_t smaller = std::min(weights.recurrent.rows, weights.recurrent.columns);
    read_matrix(recurrent, orientation,
                {gates * smaller, smaller, count + " of " + std::to_string(smaller) + " units",
                 [&](size_t) { return explain_blocks(weights.recurrent, gates); }},
                context.weights);
  }
  const std::string of_units = count + " of " + std::to_string(units) + " units";
  weights.input =
      read_matrix(node.at("input"), orientation,
                  {gates * units, inputs, of_units + "; input " + because}, context.weights);
  const Node bias = node.at("bias");
  if (!bias.is_null() && !bias.is_object()) {
    bias.fail(
        "a GRU may have two biases, and which one it is matters: state {\"input\": ..., "
        "\"recurrent\": ...}, null for the one that is not there");
  }
  if (!bias.is_null()) {
    bias.allow_keys("a GRU's bias", {"input", "recurrent"});
    weights.input_bias = read_bias(bias.at("input"), gates * units, of_units, context);
    weights.recurrent_bias = read_bias(bias.at("recurrent"), gates * units, of_units, context);
  }
  return weights;
}

std::unique_ptr<fb::GruT> make_gru(const GruWeights& weights, bool keep_update, const Node& node) {
  const NormalGru normal = normalise_gru(weights, keep_update);
  auto gru = std::make_unique<fb::GruT>();
  gru->reset = weights.reset == ResetPosition::kAfterProduct ? fb::Reset::AfterProduct
                                                             : fb::Reset::BeforeProduct;
  gru->input = make_tensor(normal.input, node);
  gru->recurrent = make_tensor(normal.recurrent, node);
  gru->bias = make_tensor(normal.bias, node);
  if (normal.candidate_recurrent_bias) {
    gru->candidate_recurrent_bias = make_tensor(*normal.candidate_recurrent_bias, node);
  }
  return gru;
}

const std::vector<std::string> kCellKeys = {"gates",     "update_gate", "reset",      "input",
                                            "recurrent", "bias",        "orientation"};

}  // namespace

NormalGru normalise_gru(const GruWeights& weights, bool keep_update) {
  std::vector<GruGate> gates = {GruGate::kReset, GruGate::kCandidate};
  if (keep_update) gates.insert(gates.begin(), GruGate::kUpdate);

  std::vector<Matrix> input, recurrent;
  std::vector<Vector> bias;
  for (const GruGate gate : gates) {
    input.push_back(block(weights, weights.input, gate));
    recurrent.push_back(block(weights, weights.recurrent, gate));
    Vector sum = block(weights, weights.input_bias, gate);
    // The two biases of the candidate state cannot be summed if the reset gate multiplies one of
    // them.
    const bool apart = gate == GruGate::kCandidate && weights.reset == ResetPosition::kAfterProduct;
    if (!apart) add(sum, 1, block(weights, weights.recurrent_bias, gate));
    bias.push_back(std::move(sum));
  }

  NormalGru result;
  result.input = stacked(input);
  result.recurrent = stacked(recurrent);
  result.bias = stacked(bias);
  result.bias.name = weights.input_bias ? weights.input_bias->name : "";
  if (weights.recurrent_bias) {
    if (weights.reset == ResetPosition::kAfterProduct) {
      result.candidate_recurrent_bias = block(weights, weights.recurrent_bias, GruGate::kCandidate);
    }
    result.bias.name += (result.bias.name.empty() ? "" : " + ") + weights.recurrent_bias->name;
  }
  return result;
}

std::unique_ptr<fb::GruT> read_gru(const Node& node, size_t inputs, const std::string& because,
                                   Context& context) {
  node.allow_keys("a GRU", kCellKeys);
  return make_gru(read_weights(node, inputs, because, true, context), true, node);
}

std::unique_ptr<fb::EvolutionT> read_evolution(const Node& node, size_t inputs,
                                               const std::string& because, Context& context) {
  auto evolution = std::make_unique<fb::EvolutionT>();
  evolution->kind =
      node.at("kind").choice<fb::EvolutionKind>({{"gru", fb::EvolutionKind::Gru},
                                                 {"aigru", fb::EvolutionKind::Aigru},
                                                 {"agru", fb::EvolutionKind::Agru},
                                                 {"augru", fb::EvolutionKind::Augru}});
  const bool agru = evolution->kind == fb::EvolutionKind::Agru;
  std::vector<std::string> keys = kCellKeys;
  keys.insert(keys.begin(), "kind");
  if (agru) {
    // The attention takes the update gate's place, so there is nothing to state about that gate.
    keys.erase(std::find(keys.begin(), keys.end(), "update_gate"));
  }
  if (evolution->kind == fb::EvolutionKind::Augru) keys.emplace_back("form");
  node.allow_keys("an evolution layer of kind \"" + node.at("kind").text() + "\"", keys);
  if (evolution->kind == fb::EvolutionKind::Augru) {
    evolution->form = node.at("form").choice<fb::AugruForm>(
        {{"scale", fb::AugruForm::Scale}, {"lift", fb::AugruForm::Lift}});
  }
  const GruWeights weights = read_weights(node, inputs, because, !agru, context);
  evolution->cell = make_gru(weights, !agru, node);
  return evolution;
}

size_t units_of(const fb::GruT& gru) {
  return gru.recurrent->shape[1];
}

}  // namespace augur::convert
