// TensorFlow 1's GRUCell; see tf_cell.h.
#include "libraries/tf_cell.h"

namespace augur::convert {

Json tf_cell(const Tensors& tensors, const std::string& at, const std::string& ends) {
  const std::string gates = at + "gates/kernel" + ends, candidate = at + "candidate/kernel" + ends;
  const int64_t inputs = tensors.size(candidate, 0) - tensors.size(candidate, 1);
  const auto rows = [&](int64_t first, bool to_end) {
    Json parts = Json::array();
    for (const std::string& kernel : {gates, candidate}) {
      const int64_t end = to_end ? tensors.size(kernel, 0) : inputs;
      parts.push_back({{"tensor", kernel}, {"rows", {first, end}}});
    }
    return Json{{"along", "outputs"}, {"concat", parts}};
  };
  return {{"gates", {"r", "u", "c"}},
          {"reset", "before_product"},
          {"input", rows(0, false)},
          {"recurrent", rows(inputs, true)},
          {"bias",
           {{"input", {{"concat", {at + "gates/bias" + ends, at + "candidate/bias" + ends}}}},
            {"recurrent", nullptr}}}};
}

Json tf_gru(const Tensors& tensors, const std::string& at, const std::string& ends) {
  Json gru = tf_cell(tensors, at, ends);
  gru["update_gate"] = "share_of_state";
  return gru;
}

}  // namespace augur::convert
