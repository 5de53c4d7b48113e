// Files of JSON lines: reads them line by line, and reads those that go with requests and are
// joined to them by id:
//
//   labels     {"id": "t0", "labels": [1, 0]}                   1 or true: clicked
//   expected   {"id": "t0", "scores": [...], "logits": [...]}   either or both
//
// What augur-rank wrote without --top is a file of expected answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace augur::requests {

// The message for malformed JSON, without the parser's own codes, made from the text of a
// nlohmann::json exception: "not valid JSON: column 17: unexpected ...".
std::string malformed(const std::string& what);

// Reads a text file line by line, so that files of any size are read in little memory.
class LineReader {
 public:
  // "-" is the standard input. Throws Error if the file cannot be opened.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line that is not blank, without its end; false at the end of the file. The line is
  // valid until the next call. Throws Error if the file cannot be read, or if a line is
  // longer than 64 MiB.
  bool next(std::string_view& line);

  // Where the last line stands: "requests.jsonl:12".
  std::string where() const;
  const std::string& name() const { return name_; }

 private:
  // Reads more of the file into the buffer; false at the end of the file.
  bool fill();

  std::string name_;
  int file_;
  std::string buffer_;  // from begin_ on: read, but not yet returned
  size_t begin_ = 0;
  size_t number_ = 0;
};

struct Labels {
  std::string where;  // "labels.jsonl:3", for messages
  std::vector<uint8_t> clicked;
};

struct Expected {
  std::string where;
  std::vector<double> scores;  // empty if the file does not have them
  std::vector<double> logits;
};

template <typename Record>
using ById = std::unordered_map<std::string, Record>;

// Each throws Error with file, line and field; an id that occurs twice is an error too.
ById<Labels> read_labels(const std::string& path);
ById<Expected> read_expected(const std::string& path);

// The record of a request. Throws Error, which names `request_where`, if there is none or if it has
// not one value for each of the `candidates` candidates.
const Labels& labels_of(const ById<Labels>& labels, const std::string& id, size_t candidates,
                        const std::string& request_where);
const Expected& expected_of(const ById<Expected>& expected, const std::string& id,
                            size_t candidates, const std::string& request_where);

// A sentence that says how many records belong to no request, with an example; "" if there is none.
// `asked` has the requests' ids, `file` and `requests` are the names of the two files.
template <typename Record>
std::string not_asked(const ById<Record>& records, const std::unordered_set<std::string>& asked,
                      const std::string& file, const std::string& requests) {
  const Record* first = nullptr;
  size_t count = 0;
  for (const auto& [id, record] : records) {
    if (asked.count(id) != 0) continue;
    ++count;
    if (first == nullptr || record.where < first->where) first = &record;
  }
  if (count == 0) return "";
  return file + ": " + std::to_string(count) + " of its " + std::to_string(records.size()) +
         " lines are for no request of " + requests + ", such as " + first->where;
}

}  // namespace augur::requests
