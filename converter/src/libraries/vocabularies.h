// Vocabularies in a library's own files: which member of the file is a table's, and what the
// library does with keys.
#pragma once

#include <string>
#include <vector>

#include "libraries/answers.h"
#include "libraries/parameter.h"

namespace augur::convert {

// The library's treatment of keys. See "with_vocabulary" in library.h.
struct KeyRule {
  Json unknown;  // the rule for keys that a vocabulary does not have; null: the table's own
  std::string padding_key = {};
  std::string unknown_key = {};  // of the row for unknown keys, where `unknown` names one
};

// States the rule in `table`, for the case that the user gives it a vocabulary. An answer to
// out_of_table counts more than rule.unknown.
void add_key_rule(Json& table, const Answers& answers, const KeyRule& rule);

// The questions about a JSON file that has an object or a list of keys for each field: its path,
// called `name`, which is found at `where`, and which fields have integers as keys.
std::vector<Parameter> vocabulary_file_parameters(const std::string& name, const std::string& about,
                                                  const std::string& where);

// The file that answers the question `name`, if there is such an answer.
class VocabularyFile {
 public:
  VocabularyFile(const Answers& answers, const std::string& name);

  // Gives the table the keys of the field, if there is a file, and the rule.
  void add_to(Json& table, const std::string& field, const KeyRule& rule);
  // Once all tables have been seen. Throws Error if integer_keys names no field of theirs.
  void finish() const;

 private:
  const Answers& answers_;
  std::string path_;  // "" without an answer
  std::vector<std::string> integers_;
  std::vector<std::string> fields_;
};

}  // namespace augur::convert
