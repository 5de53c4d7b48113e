// Fuzzes the answers that a user gives to a layout's questions: they are refused, or make a
// description that makes a model that the runtime opens. What --ask makes of them can be read
// again, and leaves the same questions open.
#include <cstdlib>
#include <string_view>

#include "exercise_description.h"
#include "libraries/library.h"
#include "libraries/questions.h"

using namespace augur::convert;

namespace {

// An AIGRU or AUGRU of augur-reference, whose tensors leave most to the answers.
testing::TensorSet reference_tensors() {
  testing::TensorSet tensors;
  tensors.random("user_emb.weight", {4, 2}).random("item_emb.weight", {5, 2});
  tensors.random("cate_emb.weight", {3, 1});
  tensors.random("gru.weight_ih_l0", {6, 3}).random("gru.weight_hh_l0", {6, 2});
  tensors.random("gru.bias_ih_l0", {6}).random("gru.bias_hh_l0", {6});
  tensors.random("att.W", {2, 3});
  tensors.random("evolve.w_ih", {6, 2}).random("evolve.w_hh", {6, 2}).random("evolve.b", {6});
  tensors.random("fc1.weight", {3, 10}).random("fc1.bias", {3}).random("act1.alpha", {1});
  tensors.random("fc2.weight", {1, 3}).random("fc2.bias", {1});
  return tensors;
}

void exercise_questions(const Library& library, const augur::checkpoint::Checkpoint& weights,
                        const Json& answers) {
  const Json given = without_questions(answers, library);
  const Questions open = open_questions(library, weights, Node(given, "fuzz.json"));
  Json file = open.file;
  file.erase("layout");
  const Json again = without_questions(file, library);
  if (open_questions(library, weights, Node(again, "fuzz.json")).required != open.required)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const testing::OpenTensorSet kWeights(reference_tensors());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Json answers;
  try {
    answers = parse_json(text, "fuzz.json");
  } catch (const augur::Error& error) {
    require_message(error);
    return 0;
  }
  for (const Library& library : libraries()) {
    try {
      if (answers.is_object()) exercise_questions(library, kWeights.get(), answers);
      exercise_description(
          describe(library, kWeights.get(), Node(answers, "fuzz.json")).description,
          kWeights.get());
    } catch (const augur::Error& error) {
      require_message(error);
    }
  }
  return 0;
}
