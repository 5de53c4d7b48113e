// Questions of DeepCTR and DeepCTR-Torch; see deepctr.h.
#include "libraries/deepctr.h"

namespace augur::convert::deepctr {

Parameter group_name() {
  return ask::text("group_name", "its group: those of one group stand side by side")
      .found_in("SparseFeat(..., group_name=), VarLenSparseFeat(...)")
      .as_label()
      .with_default(kDefaultGroup);
}

Parameter task() {
  return ask::choice("task", "the model's task",
                     {{"binary", "the score is a probability"},
                      {"regression", "the score is the network's output"}})
      .found_in("DIEN(..., task=), DIN(..., task=)")
      .with_default("binary");
}

Parameter truncation() {
  return ask::choice("truncation", "which events a longer history keeps, as rows were padded",
                     {{"newest", "the newest: truncating='pre' of Keras' pad_sequences", {"pre"}},
                      {"oldest", "the oldest: truncating='post'", {"post"}}})
      .found_in("the code that makes the rows: pad_sequences(..., truncating=)")
      .with_default("newest");
}

std::string output_kind(const Answers& answers) {
  return answers.text("task") == "regression" ? "identity" : "sigmoid";
}

void set_truncation(Json& stack, const Answers& answers) {
  if (answers.text("truncation") == "oldest") stack["truncation"] = "oldest";
}

void warn_of_empty_histories(const Answers& answers) {
  if (!answers.flag("att_weight_normalization")) return;
  answers.warn(
      "att_weight_normalization: without any event the library's softmax weighs the padding, so "
      "that a DIN's sum is row 0 of the history's tables; here it is 0. Scores of empty histories "
      "differ");
}

}  // namespace augur::convert::deepctr
