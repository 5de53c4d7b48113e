// A JSON value that knows its place, so that every error message names the file and the path, such
// as "model.json: stacks[0].extractor[0].gates: ...". Descriptions, layouts and their answers are
// read through it alone: it refuses unknown keys, missing keys and values of the wrong kind.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace augur::convert {

// A JSON value that knows where it stands, so that every complaint names the file and the path,
// such as "model.json: stacks[0].extractor[0].gates: ...". All reading of descriptions, layouts and
// their answers goes through it: unknown keys, missing keys and wrong kinds are refused here and
// nowhere else.

// Keeps the order of keys, so that what is printed looks like what was written.
using Json = nlohmann::ordered_json;

// Parses JSON text ("//" and "/* */" comments allowed). Refuses a key that stands twice in one
// object and nesting deeper than 64. Throws Error, which names `source`.
Json parse_json(std::string_view text, const std::string& source);

// Reads and parses a file. Throws Error if it cannot be read, is larger than 64 MB, or is not JSON.
Json read_json_file(const std::string& path);

// A view of a value inside a document that outlives it.
class Node {
 public:
  // `options` are those of an object's keys whose values were given as --set KEY=VALUE: messages
  // about them name the option and not `source`.
  Node(const Json& value, std::string source, std::vector<std::string> options = {})
      : value_(&value), source_(std::move(source)), options_(std::move(options)) {}

  const Json& value() const { return *value_; }
  // "stacks[0].fields", or "" for the whole document.
  const std::string& path() const { return path_; }
  // "model.json: stacks[0].fields", for messages.
  std::string where() const;

  bool is_null() const { return value_->is_null(); }
  bool is_text() const { return value_->is_string(); }
  bool is_number() const { return value_->is_number(); }
  bool is_list() const { return value_->is_array(); }
  bool is_object() const { return value_->is_object(); }

  // An object's members. at() throws Error if the key is missing; find() does not.
  Node at(std::string_view key) const;
  std::optional<Node> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }

  // Throws Error unless the value is an object whose keys are all among `known`.
  // `what` says what the object describes: "a GRU layer".
  void allow_keys(std::string_view what, const std::vector<std::string>& known) const;

  // A list's elements.
  std::vector<Node> items() const;

  // The value in the kind that is asked for; throws Error otherwise. Numbers are finite.
  std::string text() const;
  // text() that is not empty.
  std::string name() const;
  bool boolean() const;
  double number() const;
  int64_t integer(int64_t least, int64_t most) const;
  std::vector<std::string> texts() const;

  // A text that must be one of the listed words; gives the value beside it.
  template <typename T>
  T choice(std::initializer_list<std::pair<const char*, T>> choices) const {
    const std::string word = text();
    std::vector<std::string> known;
    for (const auto& [candidate, result] : choices) {
      if (word == candidate) return result;
      known.emplace_back(candidate);
    }
    fail_choice(word, known);
  }

  [[noreturn]] void fail(const std::string& message) const;

 private:
  [[noreturn]] void fail_choice(const std::string& word,
                                const std::vector<std::string>& known) const;
  Node child(const Json& value, std::string path) const;
  Node member(const std::string& key, const Json& value) const;

  const Json* value_;
  std::string source_;
  std::string path_;
  std::vector<std::string> options_;
};

// What people try to describe and Augur does not run, or states in other words: each with a
// sentence that says so.

// Why the key or kind `word` is refused, such as "LayerNorm is not in the model family: ..."; "" if
// the word is not one that is known to be outside or to be stated otherwise.
std::string outside_family(std::string_view word);

}  // namespace augur::convert
