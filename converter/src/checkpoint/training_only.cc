// Names of tensors that only training needs. Checkpoints are full of them: two Adam slots for every
// weight, and networks for the auxiliary loss that never score anything.
#include <algorithm>
#include <initializer_list>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {
namespace {

using Words = std::initializer_list<std::string_view>;

bool contains(Words words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// "Adam_1" to "Adam": TensorFlow numbers names that were taken.
std::string_view without_number(std::string_view word) {
  const size_t underscore = word.rfind('_');
  if (underscore == std::string_view::npos || underscore + 1 == word.size()) return word;
  const std::string_view number = word.substr(underscore + 1);
  const bool digits =
      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? word.substr(0, underscore) : word;
}

// The last part of a name: slots are children of their variable (TF1), counters are leaves.
bool is_training_leaf(std::string_view leaf) {
  return contains({"Adam", "AdamOptimizer", "LazyAdam", "AdamW", "Adadelta", "Adagrad", "Ftrl",
                   "Momentum", "RMSProp", "beta1_power", "beta2_power", "global_step",
                   "num_batches_tracked", "save_counter", "_CHECKPOINTABLE_OBJECT_GRAPH"},
                  without_number(leaf));
}

// Any part of a name: the auxiliary loss's networks (f1gru ... bn1gru in the authors' code), and
// TensorFlow 2's place for slots.
bool is_training_scope(std::string_view part) {
  return contains({"auxiliary_net", "aux_net", "aux_loss", "auxiliary_loss", "bn1gru", "f1gru",
                   "f2gru", "f3gru", ".OPTIMIZER_SLOT"},
                  part);
}

// Keras' optimizers in TensorFlow graphs: training/Adam/gru1/kernel/m, training/Adam/iter.
bool is_training_pair(std::string_view first, std::string_view second) {
  return first == "training" && contains({"Adam", "Adamax", "Nadam", "Adadelta", "Adagrad", "Ftrl",
                                          "RMSprop", "SGD", "TFOptimizer"},
                                         without_number(second));
}

// The first part of a name: what frameworks save beside the model.
bool is_training_root(std::string_view part) {
  return contains({"optimizer", "optimizer_weights", "optimizer_state_dict", "optimizer_state"},
                  part);
}

}  // namespace

bool is_training_only(std::string_view name) {
  // TensorFlow 2 ends its names with this; what is before says what the variable is.
  constexpr std::string_view kValue = "/.ATTRIBUTES/VARIABLE_VALUE";
  if (name.size() > kValue.size() && name.substr(name.size() - kValue.size()) == kValue) {
    name.remove_suffix(kValue.size());
  }
  if (const size_t slash = name.find('/'); slash != std::string_view::npos) {
    const size_t end = std::min(name.find('/', slash + 1), name.size());
    if (is_training_pair(name.substr(0, slash), name.substr(slash + 1, end - slash - 1)))
      return true;
  }
  for (size_t begin = 0; begin <= name.size();) {
    // A dot at a part's beginning belongs to it (.OPTIMIZER_SLOT).
    const size_t skip = begin < name.size() && name[begin] == '.' ? 1 : 0;
    const size_t end = std::min(name.find_first_of("/.", begin + skip), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (begin == 0 && is_training_root(part)) return true;
    if (is_training_scope(part)) return true;
    if (end == name.size()) return is_training_leaf(part.substr(0, part.find(':')));
    begin = end + 1;
  }
  return false;
}

}  // namespace augur::checkpoint
