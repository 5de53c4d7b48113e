// Labels and expected answers; see records.h.
#include "requests/records.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "error.h"
#include "requests/json.h"
#include "requests/line_reader.h"
#include "text/strict_json.h"

namespace augur::requests {
namespace {

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
