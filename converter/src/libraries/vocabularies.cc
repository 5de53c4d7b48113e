// Vocabularies; see vocabularies.h.
#include "libraries/vocabularies.h"

#include <utility>

#include "libraries/tensors.h"
#include "text/text.h"

namespace augur::convert {
namespace {

// What changes in the table, and in its vocabulary.
Json changes_of(const Answers& answers, const KeyRule& rule) {
  Json changes = Json::object();
  if (!rule.padding_key.empty()) changes["padding_key"] = rule.padding_key;
  if (rule.unknown.is_null() || answers.is_stated("out_of_table")) return changes;
  changes["out_of_table"] = rule.unknown;
  if (!rule.unknown_key.empty()) changes["unknown_key"] = rule.unknown_key;
  return changes;
}

}  // namespace

void add_key_rule(Json& table, const Answers& answers, const KeyRule& rule) {
  Json changes = changes_of(answers, rule);
  if (!changes.empty()) table["with_vocabulary"] = std::move(changes);
}

std::vector<Parameter> vocabulary_file_parameters(const std::string& name, const std::string& about,
                                                  const std::string& where) {
  return {ask::text(name, about + "; requests then give the keys, not rows")
              .found_in(where)
              .not_required(),
          ask::list("integer_keys",
                    "with " + name +
                        ": the fields whose keys are whole numbers, so that requests give numbers "
                        "and not texts",
                    ask::text("", "a field's name"))
              .found_in("your data: the type of the field's values")
              .with_default(Json::array())};
}

VocabularyFile::VocabularyFile(const Answers& answers, const std::string& name)
    : answers_(answers), path_(answers.text_or(name, "")) {
  if (!path_.empty()) integers_ = answers.texts("integer_keys");
}

void VocabularyFile::add_to(Json& table, const std::string& field, const KeyRule& rule) {
  if (path_.empty()) return add_key_rule(table, answers_, rule);
  fields_.push_back(field);
  const bool integers = contains(integers_, field);
  Json vocabulary = {{"file", path_ + "#" + field}, {"keys", integers ? "integer" : "string"}};
  const Json changes = changes_of(answers_, rule);
  if (integers && !rule.unknown_key.empty() && !changes.contains("unknown_key")) {
    answers_.fail("out_of_table", "the vocabulary of " + augur::quoted(field) +
                                      " has integer_keys and the key " + rule.unknown_key +
                                      ", which stands for unknown ones; leave out_of_table out");
  }
  for (const auto& [key, value] : changes.items())
    (key == "out_of_table" ? table : vocabulary)[key] = value;
  table["vocabulary"] = std::move(vocabulary);
}

void VocabularyFile::finish() const {
  for (const std::string& field : integers_) {
    if (contains(fields_, field)) continue;
    answers_.fail("integer_keys", "no table has the keys of " + augur::quoted(field) +
                                      did_you_mean(field, fields_) + "; there are " +
                                      join(fields_));
  }
}

}  // namespace augur::convert
