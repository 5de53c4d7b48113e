// Ranking requests: one JSON object a line, oldest event first.
//
//   {"id": "r1", "features": {"user": 5},
//    "history": {"item": [3, 9], "category": [1, 4]},
//    "candidates": {"item": [7, 8], "category": [2, 2]}}
//
// With several stacks the history is {"clicks": {"item": [...]}, "skips": {...}}; with one, that
// form serves too. A stack {} has no events. A field of kind `ids` is a list of lists and one of
// kind `vector` a list of arrays; among the features, which have one row, a list and an array.
// "features" may be left out where the model has none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "augur/augur.h"
#include "requests/json_lines.h"

namespace augur::requests {

// The fields that a model declares, asked through the C API: what requests are checked against.

struct Field {
  std::string name;
  augur_field_kind kind = AUGUR_ID;
  uint32_t width = 1;  // AUGUR_VECTOR: how many numbers a row has
};

// Fields that are given together: the features, the events of one stack, the candidates.
struct FieldGroup {
  std::string title;     // what messages call it: "features", "history 'clicks'", "candidates"
  std::string row_name;  // what one row is: "feature", "event", "candidate"
  std::vector<Field> fields;

  // The field's index, or fields.size() if there is none.
  size_t find(std::string_view name) const;
  // 'item', 'category'
  std::string names() const;
};

struct ModelFields {
  FieldGroup features;
  FieldGroup candidates;
  std::vector<std::string> stack_names;
  std::vector<FieldGroup> stacks;

  // The stack's index, or stacks.size() if there is none.
  size_t find_stack(std::string_view name) const;
};

ModelFields declared_fields(const augur_model& model);

// 'a', 'b', 'c'
std::string quoted_list(const std::vector<std::string>& names);

// The values of one group of fields, as the columns that the C API takes.

// One field's values for all rows; which vectors are used depends on its kind (see augur_column).
struct FieldValues {
  bool given = false;
  std::vector<int64_t> ids;
  std::vector<float> values;
  std::vector<uint32_t> counts;  // AUGUR_IDS: ids of each row
};

// Keeps its memory from one request to the next. The group must outlive it.
class ColumnSet {
 public:
  explicit ColumnSet(const FieldGroup& group);

  const FieldGroup& group() const { return *group_; }
  FieldValues& values(size_t field) { return values_[field]; }
  const FieldValues& values(size_t field) const { return values_[field]; }

  // Rows that the field holds so far.
  size_t rows(size_t field) const;
  // No field is given any more.
  void clear();

  // Checks that every field is there with one value a row, and builds the columns. With
  // `may_be_empty`, no field at all means no rows. Throws Error without saying where.
  void finish(bool may_be_empty);

  // After finish(); valid until the next change.
  const std::vector<augur_column>& columns() const { return columns_; }
  size_t row_count() const { return row_count_; }

 private:
  const FieldGroup* group_;
  std::vector<FieldValues> values_;
  std::vector<augur_column> columns_;
  size_t row_count_ = 0;
};

// Goes through a finished set row by row: columns() are those of one row.
class RowCursor {
 public:
  explicit RowCursor(const ColumnSet& set);

  // Moves on to a row; cheap when rows are visited in ascending order.
  void move_to(size_t row);
  const std::vector<augur_column>& columns() const { return columns_; }

 private:
  const ColumnSet* set_;
  std::vector<augur_column> columns_;
  std::vector<size_t> first_id_;  // AUGUR_IDS: where the row's ids begin
  size_t row_ = 0;
};

// Made once and filled again and again. `fields` must outlive it.
struct Request {
  explicit Request(const ModelFields& fields);

  std::string id;
  std::string where;  // "requests.jsonl:12", for messages
  ColumnSet features;
  std::vector<ColumnSet> histories;  // one a stack
  ColumnSet candidates;
};

// Fills `request` from one line. Values go straight into columns; ids are not compared with their
// tables, for the runtime does that. Throws Error: "<where>: <part>: <what was expected and what
// came>".
void parse_request(std::string_view line, const std::string& where, const ModelFields& fields,
                   Request& request);

// A file of requests.
class RequestReader {
 public:
  // `fields` must outlive it. Throws Error if the file cannot be opened.
  RequestReader(const std::string& path, const ModelFields& fields)
      : lines_(path), fields_(&fields) {}

  // False at the end of the file. Throws Error.
  bool next(Request& request) {
    std::string_view line;
    if (!lines_.next(line)) return false;
    parse_request(line, lines_.where(), *fields_, request);
    return true;
  }

 private:
  LineReader lines_;
  const ModelFields* fields_;
};

}  // namespace augur::requests
