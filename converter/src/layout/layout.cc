// Layouts as data; see layout.h.
#include "layout/layout.h"

#include <algorithm>

#include "description/pattern.h"
#include "error.h"
#include "layout/builtin.h"
#include "layout/parameters.h"
#include "layout/template.h"
#include "text/text.h"

namespace augur::convert {
namespace {

const std::vector<std::string> kKeys = {"layout",    "title",         "about",      "assumes",
                                        "recognise", "recognised_by", "parameters", "fragments",
                                        "variables", "refuse",        "description"};

// Parameters that every layout has: parts of the description that no checkpoint can tell.
Json common_parameters() {
  Json common;
  common["name"] = {
      {"kind", "text"}, {"about", "the model's name, for people to see"}, {"optional", true}};
  common["notes"] = {{"kind", "list"},
                     {"about", "remarks that travel with the model"},
                     {"of", {{"kind", "text"}, {"about", "one remark"}}},
                     {"default", Json::array()}};
  common["calibration"] = {
      {"kind", "object"},
      {"about",
       "score = sigmoid(scale * logit + offset), where negatives were sampled in training"},
      {"keys",
       {{"scale", {{"kind", "number"}, {"about", "above 0"}}},
        {"offset", {{"kind", "number"}, {"about", "added to the logit"}}}}},
      {"optional", true}};
  const Json vocabulary = {
      {"kind", "object"},
      {"about", "a table, and how many rows it must have"},
      {"keys",
       {{"table", {{"kind", "text"}, {"about", "the table's name in the model (--report)"}}},
        {"rows", {{"kind", "integer"}, {"about", "the vocabulary's size, padding with it"}}}}}};
  common["vocabularies"] = {
      {"kind", "list"},
      {"about", "sizes that the app's vocabularies have; a checkpoint with others is refused"},
      {"of", vocabulary},
      {"default", Json::array()}};
  common["ignore"] = {{"kind", "list"},
                      {"about", "tensors that are rightly left out; * stands for any characters"},
                      {"of", {{"kind", "text"}, {"about", "a tensor's name or pattern"}}},
                      {"default", Json::array()}};
  return common;
}

void append_to(Json& description, const char* key, const Json& values) {
  if (values.empty()) return;
  Json& list = description[key];
  if (!list.is_array()) list = Json::array();
  list.insert(list.end(), values.begin(), values.end());
}

// What the layout itself leaves out, as far as it is there.
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

// An answer that changes nothing was meant for another model, or for another version of this one.
void refuse_idle_answers(const Template& engine, const Json& common, const Node& answers) {
  for (const auto& [key, unused] : answers.value().items()) {
    if (common.contains(key) || engine.has_used(key)) continue;
    answers.at(key).fail(
        "nothing in this checkpoint depends on this answer, so it is not the one that was meant; "
        "leave it out");
  }
}

void add_lines(std::string& text, const std::optional<Node>& lines, const char* indent) {
  if (!lines) return;
  for (const std::string& line : lines->texts())
    text += indent + line + "\n";
}

}  // namespace

Layout::Layout(Json json, std::string source) : json_(std::move(json)), source_(std::move(source)) {
  const Node node = root();
  node.allow_keys("a layout", kKeys);
  name_ = node.at("layout").name();
  title_ = node.at("title").name();
  Json parameters = node.at("parameters").value();
  const Json common = common_parameters();
  for (const auto& [key, value] : common.items()) {
    if (parameters.contains(key)) node.at("parameters").fail("\"" + key + "\" is every layout's");
    parameters[key] = value;
  }
  json_["parameters"] = std::move(parameters);
  check_parameters(root().at("parameters"));
}

std::string Layout::explanation() const {
  if (library_ != nullptr) return augur::convert::explanation(*library_);
  const Node node = root();
  std::string text = name_ + ": " + title_ + "\n";
  add_lines(text, node.find("about"), "");
  text += "\nWhat it assumes:\n";
  add_lines(text, node.find("assumes"), "  - ");
  text += "\nRecognised by:\n  " + recognised_by() + "\n";
  text += "\nWhat it asks (JSON given with --model, or --set key=value):\n";
  for (const std::string& line : explain_parameters(node.at("parameters"))) {
    text += "  " + line + "\n";
  }
  return text;
}

bool Layout::recognises(const checkpoint::Checkpoint& checkpoint) const {
  if (library_ != nullptr) return augur::convert::recognises(*library_, checkpoint);
  const Template engine(checkpoint, std::nullopt);
  return engine.holds(root().at("recognise"), {});
}

std::string Layout::recognised_by() const {
  if (library_ != nullptr) return library_->recognised_by;
  return root().at("recognised_by").text();
}

Described Layout::describe(const checkpoint::Checkpoint& checkpoint, const Node& answers) const {
  if (library_ != nullptr) return augur::convert::describe(*library_, checkpoint, answers);
  const Node node = root();
  const Template engine(checkpoint, node.find("fragments"));
  if (!engine.holds(node.at("recognise"), {})) {
    throw Error(checkpoint.file() + ": not a checkpoint of the layout " + name_ +
                ", which is recognised by " + recognised_by() + "; " +
                fitting_layouts_text(checkpoint));
  }
  Scope scope = read_answers(node.at("parameters"), answers);
  // Refusals come first where they need no variables; the rest of them are "$refuse" in their
  // place.
  for (const Node& refusal : node.at("refuse").items()) {
    refusal.allow_keys("a refusal", {"if", "reason"});
    if (engine.holds(refusal.at("if"), scope)) {
      throw Error(checkpoint.file() + ": " + refusal.at("reason").text());
    }
  }
  for (const Node& entry : node.at("variables").items()) {
    for (const auto& [name, unused] : entry.value().items()) {
      scope[name] = engine.expand(entry.at(name), scope);
    }
  }
  Json description = engine.expand(node.at("description"), scope);
  description["format"] = 1;
  if (const auto found = scope.find("name"); found != scope.end()) {
    description["name"] = found->second;
  } else if (!description.contains("name")) {
    description["name"] = name_;
  }
  refuse_idle_answers(engine, common_parameters(), answers);
  state_vocabularies(description, scope.at("vocabularies"), answers);
  append_to(description, "notes", scope.at("notes"));
  drop_idle_patterns(description, checkpoint);
  append_to(description, "ignore", scope.at("ignore"));
  if (const auto found = scope.find("calibration"); found != scope.end()) {
    description["calibration"] = found->second;
  }
  return {std::move(description), {}};
}

std::vector<Layout> builtin_layouts() {
  std::vector<Layout> layouts;
  for (const Library& library : libraries())
    layouts.emplace_back(library);
  for (size_t i = 0; i < kBuiltinLayoutCount; ++i) {
    const std::string source = std::string("layout ") + kBuiltinLayouts[i].name;
    layouts.emplace_back(parse_json(kBuiltinLayouts[i].text, source), source);
  }
  std::sort(layouts.begin(), layouts.end(),
            [](const Layout& a, const Layout& b) { return a.name() < b.name(); });
  return layouts;
}

Layout find_layout(const std::string& name) {
  constexpr const char* kSuffix = ".json";
  const size_t suffix = std::char_traits<char>::length(kSuffix);
  if (name.size() > suffix && name.compare(name.size() - suffix, suffix, kSuffix) == 0) {
    return {read_json_file(name), name};
  }
  std::vector<std::string> known;
  for (Layout& layout : builtin_layouts()) {
    if (layout.name() == name) return std::move(layout);
    known.push_back(layout.name());
  }
  throw Error("there is no layout " + augur::quoted(name) + did_you_mean(name, known) +
              "; there are " + join(known) + ", and files that end with .json");
}

namespace {

std::vector<Layout> fitting_layouts(const checkpoint::Checkpoint& checkpoint) {
  std::vector<Layout> fitting;
  for (Layout& layout : builtin_layouts()) {
    if (layout.recognises(checkpoint)) fitting.push_back(std::move(layout));
  }
  return fitting;
}

}  // namespace

std::string fitting_layouts_text(const checkpoint::Checkpoint& checkpoint) {
  if (fitting_layouts(checkpoint).empty()) return fitting_libraries_text(checkpoint);
  std::vector<std::string> names;
  for (const Layout& layout : fitting_layouts(checkpoint))
    names.push_back(layout.name() + " (by " + layout.recognised_by() + ")");
  if (names.empty()) {
    return "its tensors are those of no layout that is known (--list-layouts); describe the model "
           "with --model (docs/conversion.md)";
  }
  return (names.size() == 1 ? "its tensors fit the layout " : "its tensors fit several layouts, ") +
         join(names);
}

Layout recognise_layout(const checkpoint::Checkpoint& checkpoint) {
  std::vector<Layout> fitting = fitting_layouts(checkpoint);
  if (fitting.size() == 1) return std::move(fitting.front());
  throw Error(checkpoint.file() + ": " + fitting_layouts_text(checkpoint) +
              (fitting.empty() ? "" : "; state with --layout which one is meant"));
}

}  // namespace augur::convert
