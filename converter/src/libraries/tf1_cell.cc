// Cells of TensorFlow 1; see tf1_cell.h.
#include "libraries/tf1_cell.h"

#include <algorithm>
#include <vector>

namespace augur::convert {
namespace {

Json rows_of(const std::string& tensor, int64_t first, int64_t end) {
  return {{"tensor", tensor}, {"rows", {first, end}}};
}

// Without the share that the update gate has of the state.
Json cell(const Tensors& tensors, const std::string& at, const std::string& end) {
  const std::string gates = at + "gates/kernel" + end, candidate = at + "candidate/kernel" + end;
  const int64_t rows = tensors.size(candidate, 0);
  const int64_t inputs = rows - tensors.size(candidate, 1);
  return {{"gates", {"r", "u", "c"}},
          {"reset", "before_product"},
          {"input",
           {{"along", "outputs"},
            {"concat", {rows_of(gates, 0, inputs), rows_of(candidate, 0, inputs)}}}},
          {"recurrent",
           {{"along", "outputs"},
            {"concat",
             {rows_of(gates, inputs, tensors.size(gates, 0)), rows_of(candidate, inputs, rows)}}}},
          {"bias",
           {{"input", {{"concat", {at + "gates/bias" + end, at + "candidate/bias" + end}}}},
            {"recurrent", nullptr}}}};
}

}  // namespace

std::string told_attention_cell(const Tensors& tensors, const std::string& at,
                                const std::string& end, std::string* evidence) {
  const checkpoint::TensorInfo* info = tensors.checkpoint().find(at + "gates/bias" + end);
  if (info == nullptr) return "";
  const std::vector<float> biases = tensors.checkpoint().read(*info);
  const auto units = static_cast<std::ptrdiff_t>(biases.size() / 2);
  if (units < 2) return "";
  const auto is_trained = [&biases](std::ptrdiff_t begin, std::ptrdiff_t end_of_gate) {
    const float first = biases[static_cast<size_t>(begin)];
    return std::any_of(biases.begin() + begin, biases.begin() + end_of_gate,
                       [first](float bias) { return bias != first; });
  };
  const std::string update_gate = "the biases of the update gate (the second half of " + info->name;
  if (is_trained(units, 2 * units)) {
    *evidence = update_gate + ") were trained, and an AGRU does not train them";
    return "augru";
  }
  if (!is_trained(0, units)) return "";
  *evidence = update_gate + ") are all equal, as they begin: only an AGRU does not train them";
  return "agru";
}

Json tf1_gru(const Tensors& tensors, const std::string& at, const std::string& end) {
  Json gru = cell(tensors, at, end);
  gru["update_gate"] = "share_of_state";
  return gru;
}

Json tf1_evolution(const Tensors& tensors, const std::string& kind, const std::string& at,
                   const std::string& end) {
  Json evolution = kind == "agru" ? cell(tensors, at, end) : tf1_gru(tensors, at, end);
  evolution["kind"] = kind;
  if (kind == "augru") evolution["form"] = "lift";
  return evolution;
}

}  // namespace augur::convert
