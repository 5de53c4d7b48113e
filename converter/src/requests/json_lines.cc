// Files of JSON lines; see json_lines.h.
#include "requests/json_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "error.h"
#include "text/strict_json.h"

namespace augur::requests {
namespace {

constexpr size_t kChunk = size_t{1} << 16;
constexpr size_t kLongestLine = size_t{64} << 20;

using Json = nlohmann::json;

Json parse_object(std::string_view line) {
  Json json;
  try {
    json = parse_strict_json<Json>(line);
  } catch (const Json::exception& error) {
    throw Error(malformed(error.what()));
  }
  if (!json.is_object()) throw Error(std::string("expected an object; came ") + json.type_name());
  return json;
}

std::string read_id(const Json& json) {
  const auto id = json.find("id");
  if (id == json.end()) throw Error("'id' is missing");
  if (!id->is_string()) throw Error(std::string("'id': expected a text; came ") + id->type_name());
  return id->get<std::string>();
}

const Json& read_array(const Json& json, const char* key) {
  const Json& array = json.at(key);
  if (array.is_array()) return array;
  throw Error(augur::quoted(key) + ": expected an array, one value a candidate; came " +
              array.type_name());
}

[[noreturn]] void fail_at(const char* key, size_t index, const std::string& expected,
                          const Json& came) {
  constexpr size_t kLongest = 40;
  std::string text = came.dump();
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  throw Error(augur::quoted(key) + ": expected " + expected + "; came " + text + ", at index " +
              std::to_string(index));
}

Labels parse_labels(const Json& json) {
  if (!json.contains("labels")) throw Error("'labels' is missing");
  Labels labels;
  for (const Json& value : read_array(json, "labels")) {
    const bool is_label = value.is_boolean() || value == 0 || value == 1;
    if (!is_label) fail_at("labels", labels.clicked.size(), "0 or 1", value);
    labels.clicked.push_back(value == 1 || value == Json(true) ? 1 : 0);
  }
  return labels;
}

std::vector<double> parse_numbers(const Json& json, const char* key) {
  std::vector<double> numbers;
  if (!json.contains(key)) return numbers;
  for (const Json& value : read_array(json, key)) {
    if (!value.is_number()) fail_at(key, numbers.size(), "a number", value);
    numbers.push_back(value.get<double>());
  }
  return numbers;
}

Expected parse_expected(const Json& json) {
  if (json.contains("indices")) {
    throw Error("'indices': these answers were written with --top, which leaves candidates out");
  }
  if (!json.contains("scores") && !json.contains("logits")) {
    throw Error("neither 'scores' nor 'logits' is there");
  }
  Expected expected;
  expected.scores = parse_numbers(json, "scores");
  expected.logits = parse_numbers(json, "logits");
  return expected;
}

template <typename Record, typename Parse>
ById<Record> read_records(const std::string& path, Parse parse) {
  ById<Record> records;
  LineReader lines(path);
  std::string_view line;
  while (lines.next(line)) {
    const std::string where = lines.where();
    try {
      const Json json = parse_object(line);
      const std::string id = read_id(json);
      Record record = parse(json);
      record.where = where;
      const auto [known, is_new] = records.emplace(id, std::move(record));
      if (!is_new) {
        throw Error("the id " + augur::quoted(id) + " is already at " + known->second.where);
      }
    } catch (const Error& error) {
      throw Error(where + ": " + error.what());
    }
  }
  return records;
}

template <typename Record>
const Record& find_record(const ById<Record>& records, const std::string& id, const char* what,
                          const std::string& request_where) {
  const auto found = records.find(id);
  if (found != records.end()) return found->second;
  throw Error(request_where + ": there are no " + what + " for request " + augur::quoted(id));
}

void check_count(const std::string& where, const char* key, size_t count, size_t candidates,
                 const std::string& request_where) {
  if (count == candidates) return;
  throw Error(where + ": " + augur::quoted(key) + " has " + std::to_string(count) +
              (count == 1 ? " value" : " values") + "; the request at " + request_where + " has " +
              std::to_string(candidates) + (candidates == 1 ? " candidate" : " candidates"));
}

}  // namespace

std::string malformed(const std::string& what) {
  // "[json.exception.parse_error.101] parse error at line 1, column 17: syntax error ..."
  constexpr size_t kLongest = 240;
  std::string text = what;
  const size_t code_end = text.find("] ");
  if (text.rfind("[json.exception", 0) == 0 && code_end != std::string::npos) {
    text.erase(0, code_end + 2);
  }
  const std::string place = "parse error at line 1, ";
  if (text.rfind(place, 0) == 0) text.erase(0, place.size());
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return "not valid JSON: " + text;
}

LineReader::LineReader(const std::string& path)
    : name_(path == "-" ? "standard input" : path),
      file_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) throw Error(name_ + ": cannot be opened: " + std::strerror(errno));
  struct stat status;
  if (fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
    if (file_ != STDIN_FILENO) close(file_);
    throw Error(name_ + ": is a folder, not a file of JSON lines");
  }
}

LineReader::~LineReader() {
  if (file_ != STDIN_FILENO) close(file_);
}

bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.size() > kLongestLine) {
    throw Error(name_ + ":" + std::to_string(number_ + 1) + ": the line is longer than " +
                std::to_string(kLongestLine >> 20) + " MiB; expected a line of JSON a request");
  }
  const size_t before = buffer_.size();
  buffer_.resize(before + kChunk);
  ssize_t count = 0;
  do {
    count = read(file_, &buffer_[before], kChunk);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<size_t>(count > 0 ? count : 0));
  if (count >= 0) return count > 0;
  throw Error(name_ + ": cannot be read after line " + std::to_string(number_) + ": " +
              std::strerror(errno));
}

bool LineReader::next(std::string_view& line) {
  for (;;) {
    size_t searched = begin_;
    size_t end = 0;
    while ((end = buffer_.find('\n', searched)) == std::string::npos) {
      searched = buffer_.size() - begin_;
      if (fill()) continue;
      if (buffer_.empty()) return false;
      end = buffer_.size();
      break;
    }
    ++number_;
    line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = std::min(end + 1, buffer_.size());
    const size_t last = line.find_last_not_of(" \t\r\n");
    if (last == std::string_view::npos) continue;
    line = line.substr(0, last + 1);
    return true;
  }
}

std::string LineReader::where() const {
  return name_ + ":" + std::to_string(number_);
}

ById<Labels> read_labels(const std::string& path) {
  return read_records<Labels>(path, parse_labels);
}

ById<Expected> read_expected(const std::string& path) {
  return read_records<Expected>(path, parse_expected);
}

const Labels& labels_of(const ById<Labels>& labels, const std::string& id, size_t candidates,
                        const std::string& request_where) {
  const Labels& found = find_record(labels, id, "labels", request_where);
  check_count(found.where, "labels", found.clicked.size(), candidates, request_where);
  return found;
}

const Expected& expected_of(const ById<Expected>& expected, const std::string& id,
                            size_t candidates, const std::string& request_where) {
  const Expected& found = find_record(expected, id, "expected answers", request_where);
  if (!found.scores.empty() || found.logits.empty()) {
    check_count(found.where, "scores", found.scores.size(), candidates, request_where);
  }
  if (!found.logits.empty() || found.scores.empty()) {
    check_count(found.where, "logits", found.logits.size(), candidates, request_where);
  }
  return found;
}

}  // namespace augur::requests
