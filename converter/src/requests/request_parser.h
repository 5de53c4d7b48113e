// Reads ranking requests: one JSON object a line, oldest event first.
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

#include <string>
#include <string_view>
#include <vector>

#include "requests/columns.h"
#include "requests/fields.h"
#include "requests/line_reader.h"

namespace augur::requests {

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
