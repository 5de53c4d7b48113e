// The parts of a description that are not layers: tables, fields, behaviour sequences (which the
// user's JSON and the schema call stacks), and the head.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "assemble/context.h"

namespace augur::convert {

// --- Tables and fields: tables.cc, hash.cc, fields.cc ---

using Tables = std::vector<std::unique_ptr<fb::EmbeddingTableT>>;
using Fields = std::vector<std::unique_ptr<fb::FieldT>>;

// Reads the list "tables" and fills context.tables.
Tables read_tables(const Node& list, Context& context);

// Reads a hash, the table's rule or a field's own. Throws Error if its rows are not in the table,
// or if it cannot hash the table's keys.
std::unique_ptr<fb::HashT> read_hash(const Node& node, const TableInfo& table);

// Reads a list of fields: "features", "candidate", or a sequence's "fields". `what` is the name of
// one in messages.
Fields read_fields(const Node& list, const char* what, Context& context);

// Throws Error if an id field of the history and the candidate's field of the same name read tables
// of different length, because ids under one name should come from one vocabulary. Tables that
// state their rows may differ.
void check_vocabularies(const Node& sequence, const Fields& history, const Fields& candidate,
                        const Context& context);

// The field of that name, or nullptr.
const fb::FieldT* find_field(const Fields& fields, const std::string& name);

// The field that `name` names. Throws Error, with a message that begins with `missing`, if there is
// none: "there is no feature 'x'".
const fb::FieldT& require_field(const Node& name, const Fields& fields, const std::string& missing);

// How many numbers a field has after embedding: the table's dim, 1, or the vector's.
size_t width_of(const fb::FieldT& field, const Context& context);

// The width of several parts together, and how it comes about: "item 18 + category 18".
struct Width {
  size_t total = 0;
  std::string because;
  std::vector<std::pair<std::string, size_t>> parts;
  void add(const std::string& name, size_t width);
};
Width width_of(const Fields& fields, const Context& context);

// --- Behaviour sequences: sequence.cc ---

// What the head needs to know of a sequence.
struct SequenceInfo {
  std::string name;
  size_t event = 0;            // width of e_t
  size_t query = 0;            // width of e_a; 0: no query
  size_t projected_query = 0;  // width of q; 0: no query projection
  size_t result = 0;           // width of the result
  size_t max_history = 0;
  bool can_be_padded = false;  // it is known what the fields of a padded event hold
  bool result_used = false;
};

struct ReadSequences {
  std::vector<std::unique_ptr<fb::StackT>> sequences;
  std::vector<SequenceInfo> infos;  // in the same order
};

// Reads the list "stacks". A query names fields of `candidate`; their names are added to
// `used_candidates`.
ReadSequences read_sequences(const Node& list, const Fields& candidate,
                             std::vector<std::string>& used_candidates, Context& context);

// Reads "padding": 0 for "masked", N for {"to_length": N}. N must be at least the sequence's
// longest history.
uint32_t read_padding(const Node& node, const SequenceInfo& sequence);

// --- The head and the output: head.cc ---

// What the head's slots may name, and what they do name.
struct HeadSources {
  const Fields& features;
  const Fields& candidate;
  std::vector<SequenceInfo>& sequences;
  std::set<std::string> used_features;
  std::vector<std::string>& used_candidates;
};

// Reads the slots and the dense layers; `output` states how the last layer becomes one logit.
std::unique_ptr<fb::HeadT> read_head(const Node& head, const Node& output, HeadSources& sources,
                                     Context& context);

// How a score is computed from the logit.
fb::OutputKind read_score(const Node& output);

}  // namespace augur::convert
