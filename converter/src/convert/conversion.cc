// A conversion from its inputs to the file's bytes; see conversion.h.
#include "convert/conversion.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "description/weight_source.h"
#include "error.h"
#include "libraries/library.h"
#include "text/text.h"
#include "write/model_file.h"

namespace augur::convert {
namespace {

constexpr const char* kLayoutKey = "layout";  // in a file of answers

using checkpoint::Checkpoint;
using checkpoint::NamedCheckpoint;

// Collects all texts of a description, among which are the names of its tensors.
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

// Whether a layout is stated that does not recognise the checkpoint.
bool is_other_layout(const ConversionInputs& inputs, const Checkpoint& checkpoint) {
  return !inputs.layout.empty() && inputs.layout != "auto" &&
         !recognises(find_library(inputs.layout), checkpoint);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

// A --set value is JSON if it can be parsed ("50", "true", "[1, 2]"), and a text otherwise. What
// begins like a list or an object must be one.
Json parse_answer(const std::string& key, const std::string& value) {
  const size_t begin = value.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && (value[begin] == '[' || value[begin] == '{'))
    return parse_json(value, "--set " + key);
  Json parsed = Json::parse(value, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? Json(value) : parsed;
}

Json read_answers(const ConversionInputs& inputs, const Library& library) {
  Json answers = inputs.model.empty() ? Json::object() : read_json_file(inputs.model);
  if (!answers.is_object()) throw Error(inputs.model + ": expected an object");
  answers.erase(kLayoutKey);
  answers = without_questions(std::move(answers), library);
  std::set<std::string> given;
  for (const auto& [key, value] : inputs.answers) {
    if (!given.insert(key).second) throw Error("--set " + key + ": is given twice");
    answers[key] = parse_answer(key, value);
  }
  return answers;
}

// The answers, and where they are from, for messages.
struct StatedAnswers {
  StatedAnswers(const ConversionInputs& inputs, const Library& library)
      : answers(read_answers(inputs, library)) {
    for (const auto& [key, value] : inputs.answers)
      options.push_back(key);
    source = inputs.model.empty() ? "layout " + library.name : inputs.model;
  }
  Node node() const { return {answers, source, options}; }

  Json answers;
  std::vector<std::string> options;
  std::string source;
};

const Library& library_of(const ConversionInputs& inputs, const Checkpoint& checkpoint) {
  return inputs.layout == "auto" ? recognise_library(checkpoint) : find_library(inputs.layout);
}

// Throws Error for a pattern of "ignore" that matches no tensor: it must be misspelt.
void refuse_idle_patterns(const Node& node, const checkpoint::Checkpoint& checkpoint) {
  const std::optional<Node> ignore = node.find("ignore");
  if (!ignore) return;
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : checkpoint.tensors())
    names.push_back(tensor.name);
  for (const Node& item : ignore->items()) {
    const std::string pattern = item.name();
    if (!matches_any(pattern, checkpoint)) {
      item.fail("no tensor of " + checkpoint.file() + " matches " + augur::quoted(pattern) +
                did_you_mean(pattern, names));
    }
  }
}

Json describe(const ConversionInputs& inputs, Conversion& conversion) {
  if (inputs.layout.empty()) {
    if (!inputs.answers.empty()) {
      throw Error("--set answers a layout's questions; a description given with --model has none");
    }
    Json description = read_json_file(inputs.model);
    conversion.folder = std::filesystem::path(inputs.model).parent_path().string();
    add_keys(description, inputs.keys, conversion.folder, /*is_layouts=*/false);
    const Node node(description, inputs.model);
    if (node.is_object()) refuse_idle_patterns(node, *conversion.checkpoint);
    return description;
  }
  const Library& library = library_of(inputs, *conversion.checkpoint);
  conversion.layout = library.name;
  const StatedAnswers stated(inputs, library);
  const Node node = stated.node();
  Described described = augur::convert::describe(library, *conversion.checkpoint, node);
  refuse_idle_patterns(node, *conversion.checkpoint);
  conversion.notices = std::move(described.warnings);
  add_keys(described.description, inputs.keys, conversion.folder, /*is_layouts=*/true);
  return std::move(described.description);
}

void report_unused(Conversion& conversion) {
  const std::vector<std::string>& unused = conversion.assembled.unused;
  if (unused.empty()) return;
  const std::string list = join(unused, ", ", true);
  if (!conversion.layout.empty()) {
    throw Error(conversion.checkpoint->file() + ": the layout " + conversion.layout +
                " does not know the tensors " + list +
                ", so the model is not the one that it describes. If they have no part in the "
                "score, name them in \"ignore\"" +
                (conversion.copies.empty() ? "" : ". But " + conversion.copies));
  }
  conversion.assembled.warnings.push_back(
      conversion.checkpoint->file() + ": not used: " + list +
      ". If they have no part in the score, name them in \"ignore\"");
}

std::vector<TableKeys> keys_of(const fb::ModelT& model) {
  std::vector<TableKeys> keys;
  for (const auto& table : model.tables) {
    if (table->key_type == fb::KeyType::Row) continue;
    keys.push_back(
        {table->name, key_type_name(table->key_type), std::nullopt, table->vocabulary_of});
    if (table->vocabulary) keys.back().vocabulary = summarise_vocabulary(*table->vocabulary);
  }
  return keys;
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
    // Use the names that a fitting layout knows, because the message will name that layout.
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

void take_stated_layout(ConversionInputs& inputs) {
  if (inputs.model.empty()) return;
  const Json answers = read_json_file(inputs.model);
  if (!answers.is_object() || !answers.contains(kLayoutKey)) return;
  const std::string stated = Node(answers, inputs.model).at(kLayoutKey).name();
  if (inputs.layout.empty() || inputs.layout == "auto") {
    inputs.layout = stated;
  } else if (inputs.layout != stated) {
    throw Error(inputs.model + ": layout: its answers are those to " + augur::quoted(stated) +
                ", but --layout is " + inputs.layout);
  }
}

Questions open_questions(const ConversionInputs& inputs) {
  const NamedCheckpoint weights = open_weights(inputs);
  const Library& library = library_of(inputs, *weights.checkpoint);
  const StatedAnswers stated(inputs, library);
  return open_questions(library, *weights.checkpoint, stated.node());
}

Conversion convert(const ConversionInputs& inputs, const RowProgress& progress) {
  Conversion conversion;
  checkpoint::NamedCheckpoint weights_file = open_weights(inputs);
  conversion.checkpoint = std::move(weights_file.checkpoint);
  conversion.names_note = std::move(weights_file.note);
  conversion.copies = std::move(weights_file.copies);
  conversion.description = describe(inputs, conversion);
  const std::string source =
      conversion.layout.empty() ? inputs.model : "layout " + conversion.layout;
  WeightSource weights(*conversion.checkpoint);
  conversion.assembled = assemble_model(Node(conversion.description, source), weights,
                                        static_cast<bool>(inputs.calibrate), conversion.folder);
  std::vector<std::string>& warnings = conversion.assembled.warnings;
  warnings.insert(warnings.begin(), conversion.notices.begin(), conversion.notices.end());
  conversion.used.assign(weights.used().begin(), weights.used().end());
  report_unused(conversion);
  if (!conversion.assembled.batch_dice.empty()) inputs.calibrate(conversion.assembled);
  fb::ModelT& model = conversion.assembled.model;
  if (inputs.with_reference) {
    conversion.reference = pack_model(model, inputs.producer, inputs.producer_version);
  }
  conversion.changes = quantise_model(
      model, inputs.precision, progress ? progress : [](uint64_t, uint64_t) {});
  for (std::string& warning : warnings_of(conversion.changes))
    conversion.assembled.warnings.push_back(std::move(warning));
  conversion.keys = keys_of(model);
  std::vector<TableRows> rows;
  for (const auto& [table, path] : inputs.sidecars)
    rows.push_back(take_rows(model, table));
  model.proof = std::make_unique<fb::ProofT>();
  conversion.file = pack_model(model, inputs.producer, inputs.producer_version);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& [table, path] = inputs.sidecars[i];
    TableRows& taken = rows[i];
    conversion.sidecars.push_back(
        {table, path,
         pack_table(model, table, std::move(taken.weights), std::move(taken.vocabulary))});
  }
  return conversion;
}

void record_proof(Conversion& conversion, const fb::ProofT& proof) {
  fb::ModelT& model = conversion.assembled.model;
  *model.proof = proof;
  conversion.file = pack_again(model);
}

}  // namespace augur::convert
