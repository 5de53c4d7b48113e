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

// Keeps the order of keys, so that printed JSON looks like the JSON that was read.
using Json = nlohmann::ordered_json;

// Parses JSON text, in which "//" and "/* */" comments are allowed. Throws Error, which names
// `source`, if it is not JSON, has a key twice in one object, or is nested deeper than 64.
Json parse_json(std::string_view text, const std::string& source);

// Reads and parses a file. Throws Error if it cannot be read, is larger than 64 MB, or is not JSON.
Json read_json_file(const std::string& path);

// A view of a value inside a document that outlives it.
class Node {
 public:
  // `options` lists the keys of an object whose values were given as --set KEY=VALUE: messages
  // about them name the option instead of `source`.
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

  // A member of an object. If the key is missing, at() throws Error and find() gives nullopt. Both
  // throw Error if the value is no object.
  Node at(std::string_view key) const;
  std::optional<Node> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }

  // Throws Error unless the value is an object whose keys are all among `known`. `what` names the
  // object in the message: "a GRU layer".
  void allow_keys(std::string_view what, const std::vector<std::string>& known) const;

  // A list's elements.
  std::vector<Node> items() const;

  // The value as the named type; throws Error if it has another type. Numbers are finite.
  std::string text() const;
  // text() that is not empty.
  std::string name() const;
  bool boolean() const;
  double number() const;
  int64_t integer(int64_t least, int64_t most) const;
  std::vector<std::string> texts() const;

  // The value that is listed beside the text. Throws Error if the text is not listed.
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

// In lower case, letters and digits alone.
std::string plain_letters(std::string_view word);

// Why the key or kind `word` is refused, as a part of a message: "LayerNorm is not in the model
// family: ...", or how it is written instead. "" for words that are not known to be wrong.
std::string outside_family(std::string_view word);

}  // namespace augur::convert
