// Reads the tables and the fields of a description.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assemble/context.h"

namespace augur::convert {

// The list "tables". Fills context.tables.
std::vector<std::unique_ptr<fb::EmbeddingTableT>> read_tables(const Node& list, Context& context);

// A list of fields: "features", "candidate", or a stack's "fields". `what` names one of them in
// messages.
std::vector<std::unique_ptr<fb::FieldT>> read_fields(const Node& list, const char* what,
                                                     Context& context);

// Throws Error if an id field of a history and the candidate's field of the same name read tables
// of different length: the ids of one name come from one vocabulary. Tables whose rows are stated
// may differ.
void check_vocabularies(const Node& stack, const std::vector<std::unique_ptr<fb::FieldT>>& history,
                        const std::vector<std::unique_ptr<fb::FieldT>>& candidate,
                        const Context& context);

// How many numbers the field puts into its place: the table's dim, 1, or the vector's.
size_t width_of(const fb::FieldT& field, const Context& context);

// The sum over the fields, and how it comes about: "item 18 + category 18".
struct Width {
  size_t total = 0;
  std::string because;
  std::vector<std::pair<std::string, size_t>> parts;
  void add(const std::string& name, size_t width);
};
Width width_of(const std::vector<std::unique_ptr<fb::FieldT>>& fields, const Context& context);

// The field of that name, or nullptr.
const fb::FieldT* find_field(const std::vector<std::unique_ptr<fb::FieldT>>& fields,
                             const std::string& name);

// Their names, for messages.
std::vector<std::string> names_of(const std::vector<std::unique_ptr<fb::FieldT>>& fields);

}  // namespace augur::convert
