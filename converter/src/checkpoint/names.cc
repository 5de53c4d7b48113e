// Names of tensors that only training needs, other names in front of the same tensors, other
// spellings. Checkpoints are full of what only training needs: two Adam slots for every weight, and
// networks for the auxiliary loss, which never score anything.
#include "checkpoint/names.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

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
  return contains({"optimizer", "optimizer_weights", "optimizer_state_dict", "optimizer_state",
                   "keras_api"},  // metrics
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

namespace {

struct Entry {
  TensorInfo info;
  size_t index = 0;  // in the whole
};

class Renamed final : public Checkpoint {
 public:
  Renamed(std::shared_ptr<const Checkpoint> whole, const std::vector<std::string>& names)
      : Checkpoint(whole->file(), whole->format()), whole_(std::move(whole)) {
    const std::vector<TensorInfo>& tensors = whole_->tensors();
    std::unordered_map<std::string_view, const std::string*> new_names;
    for (size_t i = 0; i < tensors.size(); ++i) {
      new_names.emplace(tensors[i].name, &names[i]);
    }
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (names[i].empty()) continue;
      Entry entry{tensors[i], i};
      if (names[i] != entry.info.name) {
        if (entry.info.stored_name.empty()) entry.info.stored_name = entry.info.name;
        entry.info.name = names[i];
      }
      const auto kept = new_names.find(entry.info.alias_of);
      if (kept != new_names.end() && !kept->second->empty()) entry.info.alias_of = *kept->second;
      entries_.push_back(std::move(entry));
    }
    adopt(entries_);
    if (whole_->has_order()) set_order();
    set_notes(whole_->notes());
  }

  std::vector<std::string> full_names() const override {
    const std::vector<std::string> all = whole_->full_names();
    std::vector<std::string> names;
    if (all.empty()) return names;
    for (const Entry& entry : entries_)
      names.push_back(all[entry.index]);
    return names;
  }

 private:
  Raw open_raw(size_t index) const override { return open_raw_of(*whole_, entries_[index].index); }

  std::shared_ptr<const Checkpoint> whole_;
  std::vector<Entry> entries_;  // in the order of tensors(); their `info` is moved away
};

}  // namespace

std::unique_ptr<Checkpoint> renamed(std::shared_ptr<const Checkpoint> whole,
                                    const std::vector<std::string>& names) {
  return std::make_unique<Renamed>(std::move(whole), names);
}

namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kFirstPart = "/part_0";
constexpr std::string_view kFirstOutput = ":0";

bool ends_with(std::string_view name, std::string_view end) {
  return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
}

bool has(const Names& names, char c) {
  return std::any_of(names.begin(), names.end(),
                     [c](const std::string& name) { return name.find(c) != std::string::npos; });
}

bool are_unique(const Names& names) {
  return std::unordered_set<std::string_view>(names.begin(), names.end()).size() == names.size();
}

[[noreturn]] void refuse_parts(const Checkpoint& whole, const std::string& variable, size_t parts) {
  const std::string first = augur::quoted(variable + std::string(kFirstPart));
  throw Error(whole.file() + ": the variable " + augur::quoted(variable) + " is in " +
              std::to_string(parts) + " parts, from " + first +
              ", as TensorFlow partitions it. Join them into one tensor of that name, "
              "numpy.concatenate([part_0, part_1, ...], axis=0), and save the file anew, or let "
              "augur_rank do so (python3 -m augur_rank convert ...); or give the TensorFlow "
              "checkpoint itself, where they are one tensor");
}

// Takes "/part_0" off. False if no name has it.
bool join_parts(const Checkpoint& whole, Names& names) {
  const std::unordered_set<std::string> known(names.begin(), names.end());
  bool changed = false;
  for (std::string& name : names) {
    if (!ends_with(name, kFirstPart) || is_training_only(name)) continue;
    const std::string variable = name.substr(0, name.size() - kFirstPart.size());
    if (known.count(variable) != 0) continue;
    size_t parts = 1;
    while (known.count(variable + "/part_" + std::to_string(parts)) != 0)
      ++parts;
    if (parts > 1) refuse_parts(whole, variable, parts);
    name = variable;
    changed = true;
  }
  return changed;
}

// "layers/gru/cell/vars/12"
bool is_numbered_variable(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return false;
  const std::string_view number = name.substr(slash + 1);
  return ends_with(name.substr(0, slash), "/vars") &&
         std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "a/a/kernel" for "a/a_1/kernel", or "". A Keras file names the layer first, which is not
// numbered; model.save() puts "model_weights/" before it.
std::string without_keras_number(std::string_view name) {
  constexpr std::string_view kRoot = "model_weights/";
  const size_t begin = name.substr(0, kRoot.size()) == kRoot ? kRoot.size() : 0;
  const size_t slash = name.find('/', begin);
  if (slash == std::string_view::npos || slash == begin) return "";
  const std::string_view layer = name.substr(begin, slash - begin);
  const std::string_view rest = name.substr(slash + 1);
  const size_t end = rest.find('/');
  if (end == std::string_view::npos || end < layer.size() + 2 ||
      rest.substr(0, layer.size()) != layer || rest[layer.size()] != '_') {
    return "";
  }
  const std::string_view number = rest.substr(layer.size() + 1, end - layer.size() - 1);
  if (!std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return "";
  }
  return std::string(name.substr(0, slash + 1)).append(layer).append(rest.substr(end));
}

}  // namespace

Names names_of(const Checkpoint& checkpoint) {
  Names names;
  for (const TensorInfo& tensor : checkpoint.tensors())
    names.push_back(tensor.name);
  return names;
}

std::optional<Names> with_full_names(const Checkpoint& whole) {
  const Names full = whole.full_names();
  if (full.empty()) return std::nullopt;
  Names names = names_of(whole);
  std::map<std::string_view, size_t> uses;
  for (size_t i = 0; i < names.size(); ++i) {
    ++uses[names[i]];
    if (!is_training_only(names[i])) ++uses[full[i]];
  }
  bool changed = false;
  Names out = names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (full[i].empty() || is_training_only(names[i]) || uses[full[i]] > 1) continue;
    out[i] = full[i];
    changed = true;
  }
  if (!changed) return std::nullopt;
  return out;
}

std::optional<Names> without_keras_numbers(const Checkpoint& whole) {
  if (!whole.notes().has_keras_names) return std::nullopt;
  Names names = names_of(whole);
  bool changed = false;
  for (std::string& name : names) {
    std::string plain = without_keras_number(name);
    if (plain.empty() || whole.find(plain) != nullptr) continue;
    name = std::move(plain);
    changed = true;
  }
  const std::unordered_set<std::string> unique(names.begin(), names.end());
  if (!changed || unique.size() != names.size()) return std::nullopt;
  return names;
}

const char kSaveByName[] =
    "numpy.savez(\"model.npz\", **{v.path: v.numpy() for v in model.weights}) in Keras 3, "
    "v.name for v.path before";

std::optional<View> plainly_spelt(const Checkpoint& whole, const Names& names) {
  View view = {names, ""};
  if (has(names, '|') && !has(names, '/')) {
    for (std::string& name : view.names)
      std::replace(name.begin(), name.end(), '|', '/');
    view.note = "'|' in names read as '/'";
  }
  if (join_parts(whole, view.names))
    view.note += std::string(view.note.empty() ? "" : "; ") + "'/part_0' taken off names";
  if (view.note.empty() || !are_unique(view.names)) return std::nullopt;
  return view;
}

std::optional<View> without_outputs(const Checkpoint& whole, const Names& names) {
  if (whole.notes().has_keras_names) return std::nullopt;
  View view = {names, "':0' taken off names"};
  for (std::string& name : view.names) {
    if (ends_with(name, kFirstOutput)) name.resize(name.size() - kFirstOutput.size());
  }
  if (view.names == names || !are_unique(view.names)) return std::nullopt;
  return view;
}

void refuse_numbered_variables(const Checkpoint& whole) {
  for (const TensorInfo& tensor : whole.tensors()) {
    if (is_training_only(tensor.name) || !is_numbered_variable(tensor.name)) continue;
    throw Error(whole.file() + ": its tensors are numbered (" + augur::quoted(tensor.name) +
                "), as Keras writes .weights.h5 and .keras: such names do not tell which variable "
                "is which. Save them by name from the program that loads the model: " +
                kSaveByName + "; or describe the model with --model, by these names");
  }
}

}  // namespace augur::checkpoint
