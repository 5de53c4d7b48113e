// Ranking requests: the fields that a model declares, the values of one request, and their JSON
// form, one object a line, oldest event first:
//
//   {"id": "r1", "features": {"user": 5},
//    "history": {"item": [3, 9], "category": [1, 4]},
//    "candidates": {"item": [7, 8], "category": [2, 2]}}
//
// With several sequences the history is {"clicks": {"item": [...]}, "skips": {...}}; a model with
// one sequence takes both forms. A sequence {} has no events. A field of kind `ids` is a list of
// lists and one of kind `vector` a list of arrays. The features have one row, so there such a field
// is a list or an array. "features" may be left out where the model has none.
//
// An id is a text ("sku-7") where the field's table has string keys, else an integer: a key or,
// without keys, a row. A request names columns; several fields may read one column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "augur/augur.h"
#include "requests/json_lines.h"

namespace augur::requests {

// A column of a request, and what the fields that read it want.
struct DeclaredField {
  std::string name;  // the column's
  augur_field_kind kind = AUGUR_ID;
  uint32_t width = 1;  // AUGUR_VECTOR: how many numbers a row has
  augur_key_type keys = AUGUR_KEY_ROW;

  bool is_id() const { return kind == AUGUR_ID || kind == AUGUR_IDS; }
  bool has_string_keys() const { return is_id() && keys == AUGUR_KEY_STRING; }
};

// Fields that are given together: the features, the events of one sequence, the candidates.
struct DeclaredFields {
  std::string title;     // what messages call it: "features", "history 'clicks'", "candidates"
  std::string row_name;  // what one row is: "feature", "event", "candidate"
  std::vector<DeclaredField> fields;

  // The field's index, or fields.size() if there is none.
  size_t find(std::string_view name) const;
  // 'item', 'category'
  std::string names() const;
};

// All fields of a model, against which requests are checked.
struct ModelFields {
  DeclaredFields features;
  DeclaredFields candidates;
  std::vector<std::string> sequence_names;
  std::vector<DeclaredFields> sequences;

  // The sequence's index, or sequences.size() if there is none.
  size_t find_sequence(std::string_view name) const;
};

// Asks the model through the C API. Throws Error if it does not answer, or if no column could serve
// all the fields that read it.
ModelFields declared_fields(const augur_model& model);

// Strings, one behind the other.
class Strings {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  void clear() {
    bytes_.clear();
    ends_.clear();
  }
  size_t size() const { return ends_.size(); }
  // Valid until the next change.
  std::string_view operator[](size_t index) const {
    const size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;  // of each string in bytes_
};

// One column's values for all rows; which members are used depends on its kind (see augur_column).
struct RequestColumn {
  bool given = false;
  std::vector<int64_t> ids;
  Strings strings;  // in the place of ids where keys are strings
  std::vector<float> values;
  std::vector<uint32_t> counts;  // AUGUR_IDS: ids of each row

  // How many ids or numbers there are.
  size_t length() const { return ids.size() + strings.size() + values.size(); }
  // An id as text: the string, or the integer's digits.
  std::string id_text(size_t index) const {
    return strings.size() > 0 ? std::string(strings[index]) : std::to_string(ids[index]);
  }
  void clear();
};

// The values of one group of fields, as the columns that the C API takes. Keeps its memory from one
// request to the next. The group must outlive it.
class RequestColumns {
 public:
  explicit RequestColumns(const DeclaredFields& group);

  const DeclaredFields& group() const { return *group_; }
  RequestColumn& values(size_t field) { return values_[field]; }
  const RequestColumn& values(size_t field) const { return values_[field]; }

  // Rows that the field holds so far.
  size_t rows(size_t field) const;
  // Forgets all values.
  void clear();

  // Checks that every field is there with one value a row, and builds the columns. With
  // `may_be_empty`, no field at all means no rows. Throws Error, which does not name the line.
  void finish(bool may_be_empty);

  // After finish(); valid until the next change.
  const std::vector<augur_column>& columns() const { return columns_; }
  size_t row_count() const { return row_count_; }

 private:
  const DeclaredFields* group_;
  std::vector<RequestColumn> values_;
  std::vector<std::vector<augur_string>> strings_;  // of values_, for columns_
  std::vector<augur_column> columns_;
  size_t row_count_ = 0;
};

// Gives a finished set row by row: columns() are those of one row.
class RowCursor {
 public:
  explicit RowCursor(const RequestColumns& set);

  // Moves to a row; cheap when rows are visited in ascending order.
  void move_to(size_t row);
  const std::vector<augur_column>& columns() const { return columns_; }

 private:
  const RequestColumns* set_;
  std::vector<augur_column> columns_;
  std::vector<size_t> first_id_;  // AUGUR_IDS: where the row's ids begin
  size_t row_ = 0;
};

// A request; made once and filled again for each line. `fields` must outlive it.
struct Request {
  explicit Request(const ModelFields& fields);

  std::string id;
  std::string where;  // "requests.jsonl:12", for messages
  RequestColumns features;
  std::vector<RequestColumns> histories;  // one a sequence
  RequestColumns candidates;
};

// Fills `request` from one line. Ids are not compared with their tables, because the runtime does
// that. Throws Error: "<where>: <part>: <what was expected and what
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
