// Which names are meant; see weights.h.
#include "convert/weights.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libraries/library.h"

namespace augur::convert {
namespace {

using checkpoint::Checkpoint;
using checkpoint::NamedCheckpoint;

// Every text in a description: tensors' names are among them.
void add_texts(const Json& json, std::set<std::string>* texts) {
  if (json.is_string()) texts->insert(json.get<std::string>());
  if (!json.is_structured()) return;
  for (const Json& item : json)
    add_texts(item, texts);
}

NamedCheckpoint named_for_layout(std::unique_ptr<Checkpoint> whole, const std::string& name) {
  const Library* const stated = name == "auto" ? nullptr : &find_library(name);
  const auto knows = [stated](const Checkpoint& checkpoint) {
    return std::any_of(libraries().begin(), libraries().end(), [&](const Library& library) {
      return (stated == nullptr || stated == &library) && recognises(library, checkpoint);
    });
  };
  return under_known_names(std::move(whole), knows, checkpoint::NameOrder::kProgramFirst);
}

NamedCheckpoint named_for_description(std::unique_ptr<Checkpoint> whole, const std::string& file) {
  std::set<std::string> texts;
  add_texts(read_json_file(file), &texts);
  const auto knows = [&texts](const Checkpoint& checkpoint) {
    return std::any_of(texts.begin(), texts.end(), [&checkpoint](const std::string& text) {
      return checkpoint.find(text) != nullptr;
    });
  };
  return under_known_names(std::move(whole), knows, checkpoint::NameOrder::kStoredFirst);
}

// One layout is stated, and the checkpoint is not one of it.
bool is_other_layout(const ConversionInputs& inputs, const Checkpoint& checkpoint) {
  return !inputs.layout.empty() && inputs.layout != "auto" &&
         !recognises(find_library(inputs.layout), checkpoint);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

}  // namespace

NamedCheckpoint open_stated(const std::string& weights, const std::string& prefix,
                            const std::string& suffix) {
  NamedCheckpoint stated{checkpoint::open_checkpoint(weights), "", ""};
  if (!prefix.empty()) stated = under_prefix(std::move(stated.checkpoint), prefix);
  if (!suffix.empty()) {
    NamedCheckpoint averages = under_suffix(std::move(stated.checkpoint), suffix);
    averages.note = joined(stated.note, averages.note);
    stated = std::move(averages);
  }
  return stated;
}

NamedCheckpoint open_weights(const ConversionInputs& inputs) {
  NamedCheckpoint stated = open_stated(inputs.weights, inputs.prefix, inputs.suffix);
  NamedCheckpoint named = inputs.layout.empty()
                              ? named_for_description(std::move(stated.checkpoint), inputs.model)
                              : named_for_layout(std::move(stated.checkpoint), inputs.layout);
  if (is_other_layout(inputs, *named.checkpoint)) {
    // The names by which the fitting layout knows them, for the message that names it.
    named = named_for_layout(open_stated(inputs.weights, inputs.prefix, inputs.suffix).checkpoint,
                             "auto");
  }
  named.note = joined(stated.note, named.note);
  return named;
}

std::string fitting_libraries_text(const ConversionInputs& inputs) {
  NamedCheckpoint stated = open_stated(inputs.weights, inputs.prefix, inputs.suffix);
  try {
    const NamedCheckpoint named = named_for_layout(std::move(stated.checkpoint), "auto");
    return named.checkpoint->file() + ": " + fitting_libraries_text(*named.checkpoint);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace augur::convert
