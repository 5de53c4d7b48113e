// Reads files of keys; see key_file.h.
#include "vocabulary/key_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "common/key_hash.h"
#include "description/node.h"
#include "error.h"
#include "text/file.h"
#include "text/strict_json.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr uint64_t kLargestFile = uint64_t{4} << 30;
constexpr uint32_t kMostRows = 1u << 30;  // of a table

[[noreturn]] void fail(const std::string& file, size_t line, const std::string& message) {
  throw Error(file + ":" + std::to_string(line) + ": " + message);
}

bool is_json_name(const std::string& path) {
  constexpr std::string_view kEnd = ".json";
  return path.size() >= kEnd.size() &&
         path.compare(path.size() - kEnd.size(), kEnd.size(), kEnd) == 0;
}

std::optional<uint32_t> row_number(std::string_view text) {
  const std::optional<int64_t> number = integer_key(text);
  if (!number || *number < 0 || *number >= kMostRows) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

// ---- text ----

class TextReader {
 public:
  TextReader(KeyFile& result, KeyForm form) : result_(result), form_(form) {}

  void read(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
      text.remove_prefix(kByteOrderMark.size());
    result_.entries.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      ++line_;
      form_ == KeyForm::kRowCommaKey ? add_behind_row(line) : add(line);
    }
  }

 private:
  void add_behind_row(std::string_view line) {
    const size_t comma = line.find(',');
    const std::optional<uint32_t> row = row_number(line.substr(0, comma));
    if (comma == std::string_view::npos || !row) {
      fail(result_.name, line_,
           "expected a row, which is a whole number below 2^30, a comma and a key, found " +
               augur::quoted(std::string(line)));
    }
    const std::string_view key = line.substr(comma + 1);
    result_.entries.push_back(
        {std::string(key.substr(0, key.find(','))), *row, static_cast<uint32_t>(line_)});
  }

  void add(std::string_view line) {
    const size_t tab = line.rfind('\t');
    const bool states_row = tab != std::string_view::npos;
    if (line_ == 1) states_rows_ = states_row;
    if (states_row != states_rows_) {
      fail(result_.name, line_,
           std::string(states_row ? "has a tab and a row, and line 1 has none"
                                  : "has no tab and row, and line 1 has them") +
               "; all lines are of one form. A key with a tab in it needs a JSON file");
    }
    if (line.empty()) {
      fail(result_.name, line_,
           "is empty. Each line is the key of a row; for a row without a key write key, tab and "
           "row in every line");
    }
    const auto number = static_cast<uint32_t>(line_);
    if (!states_row) {
      if (line_ > kMostRows) fail(result_.name, line_, "no table has so many rows");
      result_.entries.push_back({std::string(line), number - 1, number});
      return;
    }
    const std::optional<uint32_t> row = row_number(line.substr(tab + 1));
    if (!row) {
      fail(result_.name, line_,
           "expected a row after the tab, a whole number below 2^30, found " +
               augur::quoted(std::string(line.substr(tab + 1))));
    }
    result_.entries.push_back({std::string(line.substr(0, tab)), *row, number});
  }

  KeyFile& result_;
  KeyForm form_;
  size_t line_ = 0;
  bool states_rows_ = false;
};

// ---- JSON ----

// Receives the parts of a JSON text one after the other, so that a large file makes no tree.
class JsonReader {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  JsonReader(KeyFile& result, std::optional<std::string> member, const size_t& line)
      : result_(result), member_(std::move(member)), line_(line) {}

  bool null() { return other("null"); }
  bool boolean(bool) { return other("true or false"); }
  bool number_integer(number_integer_t value) { return number(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) { return number(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) { return other(text.c_str()); }
  bool binary(binary_t&) { return other("bytes"); }
  bool string(string_t& value) {
    if (!in_keys()) return other("a text");
    if (!is_list_) refuse(augur::quoted(value));
    add_in_order(std::move(value), false);
    return true;
  }
  bool start_object(size_t) { return open(false); }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(true); }
  bool end_array() { return close(); }
  bool key(string_t& name) {
    if (in_keys()) {
      key_ = std::move(name);
      return true;
    }
    if (depth_ != 1 || !member_ || keys_depth_ != 0) return true;
    chosen_ = name == *member_;
    if (chosen_ && found_)
      fail(result_.name, line_, "the member stands twice in the file's object");
    if (!chosen_) members_.push_back(std::move(name));
    return true;
  }
  bool parse_error(size_t, const std::string&, const Json::exception& error) {
    std::string message = error.what();
    const size_t end = message.find("] ");
    if (end != std::string::npos) message.erase(0, end + 2);
    throw Error(result_.name + ": not JSON: " + message);
  }

  // At the end of the file.
  void finish() const {
    if (found_) return;
    if (members_.empty()) throw Error(result_.name + ": the file holds no object with members");
    throw Error(result_.name + ": there is no member " + augur::quoted(*member_) +
                did_you_mean(*member_, members_) + "; there are " + first_members());
  }

 private:
  // Whether the value or key that comes next is one of the keys' object or list.
  bool in_keys() const { return keys_depth_ != 0 && depth_ == keys_depth_; }
  // Whether the value that comes next is to hold the keys.
  bool is_holder() const { return !found_ && (member_ ? depth_ == 1 && chosen_ : depth_ == 0); }

  bool other(const char* what) {
    if (in_keys()) refuse(what);
    if (is_holder()) refuse_holder(what);
    return true;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    if (is_list_)
      fail(result_.name, line_, "expected a key, a text or a whole number, found " + what);
    fail(result_.name, line_,
         "key " + augur::quoted(key_) + ": expected its row, a whole number below 2^30, found " +
             what);
  }

  [[noreturn]] void refuse_holder(const std::string& what) const {
    fail(result_.name, line_,
         "expected an object of keys with their rows, or a list of keys, found " + what);
  }

  bool number(std::string text) {
    if (!in_keys()) return other("a number");
    if (is_list_) {
      add_in_order(std::move(text), true);
      return true;
    }
    const std::optional<uint32_t> row = row_number(text);
    if (!row) refuse(text);
    result_.entries.push_back({std::move(key_), *row, static_cast<uint32_t>(line_)});
    return true;
  }

  void add_in_order(std::string key, bool is_number) {
    const size_t row = result_.entries.size();
    if (row > 0 && is_number != result_.numbers)
      fail(result_.name, line_, "the keys are texts or numbers, not some of each");
    if (row >= kMostRows) fail(result_.name, line_, "no table has so many rows");
    result_.numbers = is_number;
    result_.entries.push_back(
        {std::move(key), static_cast<uint32_t>(row), static_cast<uint32_t>(line_)});
  }

  bool open(bool list) {
    if (in_keys()) refuse(list ? "a list" : "an object");
    const bool holds_keys = is_holder();
    ++depth_;
    if (holds_keys) {
      is_list_ = list;
      keys_depth_ = depth_;
      found_ = true;
    }
    return true;
  }

  bool close() {
    if (depth_ == keys_depth_) keys_depth_ = 0;
    --depth_;
    return true;
  }

  std::string first_members() const {
    constexpr size_t kShown = 10;
    const size_t shown = std::min(kShown, members_.size());
    return join({members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(shown)}) +
           (shown < members_.size() ? ", ..." : "");
  }

  KeyFile& result_;
  const std::optional<std::string> member_;
  const size_t& line_;
  size_t depth_ = 0;
  size_t keys_depth_ = 0;  // of the object or list that holds the keys, while it is open
  bool found_ = false;
  bool chosen_ = false;               // the last key of the outermost object is the member's
  bool is_list_ = false;              // the keys are a list
  std::string key_;                   // whose row comes next
  std::vector<std::string> members_;  // those before the chosen one
};

void read_json(std::string_view text, const std::optional<std::string>& member, KeyFile& result) {
  size_t line = 1;
  refuse_zero_bytes(text);
  JsonReader reader(result, member, line);
  Json::sax_parse(CountingIterator(text.data(), &line),
                  CountingIterator(text.data() + text.size(), &line), &reader,
                  Json::input_format_t::json, /*strict=*/true, /*ignore_comments=*/true);
  reader.finish();
}

void refuse_duplicates(const KeyFile& file) {
  struct Place {
    uint64_t hash;
    uint32_t entry;
  };
  const auto key_of = [&](const Place& place) -> const std::string& {
    return file.entries[place.entry].key;
  };
  std::vector<Place> places;
  places.reserve(file.entries.size());
  for (uint32_t i = 0; i < file.entries.size(); ++i) {
    const std::string& key = file.entries[i].key;
    places.push_back({hash_string(key.data(), key.size()).low, i});
  }
  std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : a.entry < b.entry;
  });
  const auto twice = std::adjacent_find(
      places.begin(), places.end(),
      [&](const Place& a, const Place& b) { return a.hash == b.hash && key_of(a) == key_of(b); });
  if (twice == places.end()) return;
  throw Error(file.name + ": the key " + augur::quoted(key_of(*twice)) + " stands twice, in line " +
              std::to_string(file.entries[twice->entry].line) + " and in line " +
              std::to_string(file.entries[(twice + 1)->entry].line));
}

}  // namespace

std::pair<std::string, std::optional<std::string>> split_member(const std::string& path) {
  const size_t mark = path.rfind('#');
  std::error_code unknown;
  if (mark == std::string::npos || std::filesystem::exists(path, unknown))
    return {path, std::nullopt};
  return {path.substr(0, mark), path.substr(mark + 1)};
}

const KeyEntry* KeyFile::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const KeyEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::string KeyFile::place(const KeyEntry& entry) const {
  return name + ":" + std::to_string(entry.line);
}

KeyFile read_key_file(const std::string& path, KeyForm form) {
  const auto [file, member] =
      form == KeyForm::kByName ? split_member(path) : std::pair(path, std::optional<std::string>());
  const std::vector<uint8_t> bytes =
      read_file(file, kLargestFile, " is too large for a file of keys");
  return parse_key_file({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file, member,
                        form);
}

KeyFile parse_key_file(std::string_view text, const std::string& file,
                       const std::optional<std::string>& member, KeyForm form) {
  KeyFile result;
  result.name = member ? file + "#" + *member : file;
  if (member || (form == KeyForm::kByName && is_json_name(file))) {
    read_json(text, member, result);
  } else {
    TextReader(result, form).read(text);
  }
  if (result.entries.empty()) throw Error(result.name + ": there is no key in it");
  refuse_duplicates(result);
  return result;
}

std::optional<int64_t> integer_key(std::string_view key) {
  const std::string_view digits = key.substr(!key.empty() && key.front() == '-' ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && key.size() > 1)) return std::nullopt;
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (failed != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return number;
}

}  // namespace augur::convert
