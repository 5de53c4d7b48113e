// Other spellings of names; see spelling.h.
#include "checkpoint/spelling.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace augur::checkpoint {
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
              "numpy.concatenate([part_0, part_1, ...], axis=0), and save the file anew; or give "
              "the TensorFlow checkpoint itself, where they are one tensor");
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

}  // namespace

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
  if (whole.format() == "HDF5") return std::nullopt;
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
