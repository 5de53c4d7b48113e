// What all libraries share: recognition, the common answers, explanations; see library.h.
#include "libraries/library.h"

#include <algorithm>

#include "description/weight_source.h"
#include "error.h"
#include "libraries/all.h"
#include "text/text.h"

namespace augur::convert {
namespace {

// Parts of the description that no checkpoint can tell.
std::vector<Parameter> common_parameters() {
  return {
      ask::text("name", "the model's name, for people to see")
          .found_in("your choice")
          .not_required(),
      ask::list("notes", "remarks that travel with the model", ask::text("", "one remark"))
          .found_in("your choice")
          .with_default(Json::array()),
      ask::object("calibration",
                  "score = sigmoid(scale * logit + offset), where negatives were sampled in "
                  "training",
                  {ask::number("scale", "above 0"), ask::number("offset", "added to the logit")})
          .found_in("your data: how negatives were sampled")
          .not_required(),
      ask::list("vocabularies",
                "sizes that the app's vocabularies have; a checkpoint with others is refused",
                ask::object("", "a table, and how many rows it must have",
                            {ask::text("table", "the table's name in the model (--report)"),
                             ask::integer("rows", "the vocabulary's size, padding with it")}))
          .found_in("your data")
          .with_default(Json::array()),
      ask::list("ignore", "tensors that have no part in the score; * stands for any characters",
                ask::text("", "a tensor's name or pattern"))
          .found_in("the list of --list-tensors")
          .with_default(Json::array()),
  };
}

void append_to(Json& description, const char* key, const Json& values) {
  if (values.empty()) return;
  Json& list = description[key];
  if (!list.is_array()) list = Json::array();
  list.insert(list.end(), values.begin(), values.end());
}

// What the library itself leaves out, as far as it is there.
void drop_idle_patterns(Json& description, const checkpoint::Checkpoint& checkpoint) {
  const auto found = description.find("ignore");
  if (found == description.end()) return;
  Json patterns = Json::array();
  for (const Json& pattern : *found) {
    if (matches_any(pattern.get<std::string>(), checkpoint)) patterns.push_back(pattern);
  }
  if (patterns.empty()) {
    description.erase("ignore");
  } else {
    *found = std::move(patterns);
  }
}

// The tables' "rows" are checked against the tensors when the description is assembled.
void state_vocabularies(Json& description, const Json& vocabularies, const Node& answers) {
  for (size_t i = 0; i < vocabularies.size(); ++i) {
    const std::string name = vocabularies[i]["table"].get<std::string>();
    std::vector<std::string> known;
    Json* found = nullptr;
    for (Json& table : description["tables"]) {
      known.push_back(table["name"].get<std::string>());
      if (known.back() == name) found = &table;
    }
    if (found == nullptr) {
      answers.at("vocabularies")
          .items()[i]
          .fail("the model has no table " + augur::quoted(name) + did_you_mean(name, known) +
                "; there are " + join(known));
    }
    (*found)["rows"] = vocabularies[i]["rows"];
  }
}

std::vector<const Library*> fitting_libraries(const checkpoint::Checkpoint& checkpoint) {
  std::vector<const Library*> fitting;
  for (const Library& library : libraries()) {
    if (recognises(library, checkpoint)) fitting.push_back(&library);
  }
  return fitting;
}

}  // namespace

const std::vector<Library>& libraries() {
  static const std::vector<Library> kLibraries = all_libraries();
  return kLibraries;
}

const Library& find_library(const std::string& name) {
  std::vector<std::string> known;
  for (const Library& library : libraries()) {
    if (library.name == name) return library;
    known.push_back(library.name);
  }
  throw Error("there is no layout " + augur::quoted(name) + did_you_mean(name, known) +
              "; there are " + join(known) +
              ". A model of one's own is described with --model (docs/description.md)");
}

bool recognises(const Library& library, const checkpoint::Checkpoint& checkpoint) {
  return library.recognises({checkpoint, library.name});
}

std::string fitting_libraries_text(const checkpoint::Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Library* library : fitting_libraries(checkpoint))
    names.push_back(library->name + " (by " + library->recognised_by + ")");
  if (names.empty()) {
    for (const Library& library : libraries()) {
      if (library.other_model == nullptr) continue;
      const std::string model = library.other_model({checkpoint, library.name});
      if (model.empty()) continue;
      return "its tensors are those of " + library.name + "'s " + model +
             ", which is not in the model family (docs/description.md): Augur runs DIEN and DIN";
    }
    return "its tensors are those of no layout that is known (--list-layouts); describe the model "
           "with --model (docs/description.md)";
  }
  return (names.size() == 1 ? "its tensors fit the layout " : "its tensors fit several layouts, ") +
         join(names);
}

const Library& recognise_library(const checkpoint::Checkpoint& checkpoint) {
  const std::vector<const Library*> fitting = fitting_libraries(checkpoint);
  if (fitting.size() == 1) return *fitting.front();
  throw Error(checkpoint.file() + ": " + fitting_libraries_text(checkpoint) +
              (fitting.empty() ? "" : "; state with --layout which one is meant"));
}

std::vector<Parameter> all_parameters(const Library& library) {
  return ask::together({library.parameters, common_parameters()});
}

void require_recognised(const Library& library, const Tensors& tensors) {
  if (library.recognises(tensors)) return;
  const checkpoint::Checkpoint& checkpoint = tensors.checkpoint();
  throw Error(checkpoint.file() + ": not a checkpoint of the layout " + library.name +
              ", which is recognised by " + library.recognised_by + "; " +
              fitting_libraries_text(checkpoint));
}

Described describe(const Library& library, const checkpoint::Checkpoint& checkpoint,
                   const Node& given) {
  const Tensors tensors(checkpoint, library.name);
  require_recognised(library, tensors);
  const std::vector<Parameter> parameters = all_parameters(library);
  const Answers answers(parameters, given, tensors);
  Json description = library.describe(tensors, answers);
  description["format"] = 1;
  description["name"] = answers.text_or("name", description.value("name", library.name));
  state_vocabularies(description, answers.at("vocabularies"), given);
  append_to(description, "notes", answers.at("notes"));
  drop_idle_patterns(description, checkpoint);
  append_to(description, "ignore", answers.at("ignore"));
  if (answers.has("calibration")) description["calibration"] = answers.at("calibration");
  answers.refuse_idle();
  return {std::move(description), answers.warnings()};
}

std::string explanation(const Library& library) {
  std::string text = library.name + ": " + library.title + "\n" + library.about + "\n";
  text += "\nWhat it assumes:\n";
  for (const std::string& line : library.assumes)
    text += "  - " + line + "\n";
  text += "\nRecognised by:\n  " + library.recognised_by + "\n";
  text += "\nWhat it asks (JSON given with --model, or --set key=value):\n";
  for (const std::string& line : explain(all_parameters(library)))
    text += "  " + line + "\n";
  return text;
}

}  // namespace augur::convert
