// Helpers of tests around descriptions; see descriptions.h.
#include "converter/support/descriptions.h"

#include <cstring>

#include "description/weight_source.h"
#include "error.h"

namespace augur::convert::testing {

Json small_description() {
  static const char* const kText = R"({
    "format": 1,
    "name": "small",
    "orientation": "out_in",
    "tables": [
      {"name": "user", "weights": "user", "out_of_table": "error", "padding_row": null},
      {"name": "item", "weights": "item", "out_of_table": "padding_row", "padding_row": 0},
      {"name": "category", "weights": "category", "out_of_table": "error", "padding_row": 0}
    ],
    "features": [{"name": "user", "kind": "id", "table": "user"}],
    "candidate": [
      {"name": "item", "kind": "id", "table": "item"},
      {"name": "category", "kind": "id", "table": "category"}
    ],
    "stacks": [{
      "name": "clicks",
      "fields": [
        {"name": "item", "kind": "id", "table": "item"},
        {"name": "category", "kind": "id", "table": "category"}
      ],
      "max_history": 6,
      "mask": "length",
      "query": ["item", "category"],
      "extractor": [{
        "gates": ["r", "u", "c"], "update_gate": "share_of_state", "reset": "after_product",
        "input": "gru.wi", "recurrent": "gru.wh",
        "bias": {"input": "gru.bi", "recurrent": "gru.bh"}
      }],
      "attention": {
        "kind": "bilinear", "query_projection": null, "weight": "att.w", "axes": ["key", "query"],
        "score_scale": 1, "softmax": true
      },
      "result": "evolution",
      "evolution": {
        "kind": "augru", "form": "scale",
        "gates": ["u", "r", "c"], "update_gate": "share_of_candidate", "reset": "after_product",
        "input": "evolve.wi", "recurrent": "evolve.wh",
        "bias": {"input": "evolve.b", "recurrent": null}
      }
    }],
    "head": {
      "input": [
        {"feature": "user"},
        {"query": "clicks"},
        {"pooled": "clicks", "pooling": "sum", "padding": "masked"},
        {"result": "clicks"}
      ],
      "layers": [
        {
          "weight": "fc1.w", "bias": "fc1.b",
          "activation": {
            "kind": "dice_batchnorm", "mean": "act1.mean", "variance": "act1.var",
            "gamma": null, "beta": null, "epsilon": 1e-8, "alpha": "act1.alpha"
          }
        },
        {"weight": "fc2.w", "bias": "fc2.b", "activation": {"kind": "prelu", "alpha": "act2.alpha"}},
        {"weight": "fc3.w", "bias": "fc3.b", "activation": "none"}
      ]
    },
    "output": {"kind": "sigmoid"}
  })";
  return parse_json(kText, "small.json");
}

TensorSet small_tensors() {
  TensorSet tensors;
  tensors.random("user", {6, 4}).random("item", {9, 3}).random("category", {5, 2});
  tensors.random("gru.wi", {12, 5}).random("gru.wh", {12, 4});
  tensors.random("gru.bi", {12}).random("gru.bh", {12});
  tensors.random("att.w", {4, 5}, 1.0);
  tensors.random("evolve.wi", {12, 4}).random("evolve.wh", {12, 4}).random("evolve.b", {12});
  tensors.random("fc1.w", {7, 18}).random("fc1.b", {7});
  tensors.random("act1.alpha", {7}).random("act1.mean", {7}).between("act1.var", {7}, 0.2, 1.5);
  tensors.random("fc2.w", {3, 7}).random("fc2.b", {3}).random("act2.alpha", {1});
  tensors.random("fc3.w", {1, 3}).random("fc3.b", {1});
  return tensors;
}

Json with(Json description, const std::string& pointer, const Json& value) {
  description[Json::json_pointer(pointer)] = value;
  return description;
}

Json without(Json description, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  Json& parent = description.at(at.parent_pointer());
  if (parent.is_array()) {
    parent.erase(std::stoul(at.back()));
  } else {
    parent.erase(at.back());
  }
  return description;
}

Assembled assemble(const Json& description, const TensorSet& tensors) {
  const OpenTensorSet checkpoint(tensors);
  WeightSource weights(checkpoint.get());
  return assemble_model(Node(description, "model.json"), weights);
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string assembly_error(const Json& description, const TensorSet& tensors) {
  return error_of([&] { assemble(description, tensors); });
}

bool has(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos) return false;
  }
  return true;
}

std::vector<float> floats(const fb::TensorT& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

}  // namespace augur::convert::testing
