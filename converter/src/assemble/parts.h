// The parts of a description that are not layers: tables, fields, behaviour sequences, the head.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "assemble/context.h"

namespace augur::convert {

// Reads the tables and the fields of a description.

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

// Reads the stacks of a description: one behaviour sequence each.

// What the head needs to know of a stack.
struct StackInfo {
  std::string name;
  size_t event = 0;            // width of e_t
  size_t query = 0;            // width of e_a; 0: no query
  size_t projected_query = 0;  // width of q; 0: no query projection
  size_t result = 0;           // width of what it hands to the head
  size_t max_history = 0;
  bool can_be_padded = false;  // it is known what a padded event's fields hold
  bool result_used = false;
};

struct ReadStacks {
  std::vector<std::unique_ptr<fb::StackT>> stacks;
  std::vector<StackInfo> infos;  // in the same order
};

// The list "stacks". `candidate` are the fields that a query may name; those that are named are put
// into `used_candidates`.
ReadStacks read_stacks(const Node& list, const std::vector<std::unique_ptr<fb::FieldT>>& candidate,
                       std::vector<std::string>& used_candidates, Context& context);

// "padding": "masked" or {"to_length": N} with N up to the stack's longest history. Gives 0 or N.
uint32_t read_padding(const Node& node, const StackInfo& stack);

// Reads the "head" and the "output" of a description: the slots, the dense layers, the logit.

// What the head's slots may name, and which of it they do.
struct HeadSources {
  const std::vector<std::unique_ptr<fb::FieldT>>& features;
  const std::vector<std::unique_ptr<fb::FieldT>>& candidate;
  std::vector<StackInfo>& stacks;
  std::set<std::string> used_features;
  std::vector<std::string>& used_candidates;
};

// `output` says how the last layer becomes one logit.
std::unique_ptr<fb::HeadT> read_head(const Node& head, const Node& output, HeadSources& sources,
                                     Context& context);

// What `output` makes a score of the logit.
fb::OutputKind read_score(const Node& output);

}  // namespace augur::convert
