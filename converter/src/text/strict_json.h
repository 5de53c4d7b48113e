// Parses JSON, and refuses text that is nested too deeply or has a key twice in one object.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "error.h"

namespace augur {

constexpr int kDeepestJson = 64;

// Walks over a text and counts the lines it has passed.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *line_ += *at_ == '\n' ? 1 : 0;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  size_t* line_;
};

// Throws Error if a byte is 0: nlohmann's parser would take it for the text's end, and not read
// what stands behind it.
inline void refuse_zero_bytes(std::string_view text) {
  const size_t at = text.find('\0');
  if (at == std::string_view::npos) return;
  throw Error("byte " + std::to_string(at) +
              " is 0, which JSON cannot hold; a text has it as \\u0000");
}

// Throws Error for JSON that is nested deeper than kDeepestJson or has a key twice in one object
// (naming both lines), and nlohmann's exception for what is not JSON.
template <typename Json>
Json parse_strict_json(std::string_view text) {
  size_t line = 1;
  refuse_zero_bytes(text);
  std::vector<std::map<std::string, size_t>> keys;  // of the objects that are open now -> line
  const auto check = [&](int depth, typename Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepestJson) {
      throw Error("line " + std::to_string(line) + ": nested deeper than " +
                  std::to_string(kDeepestJson) + " levels");
    }
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event != Json::parse_event_t::key) return true;
    const auto& key = parsed.template get_ref<const std::string&>();
    const auto [known, is_new] = keys.back().emplace(key, line);
    if (!is_new) {
      throw Error("the key " + augur::quoted(key) + " stands twice in one object, in line " +
                  std::to_string(known->second) + " and in line " + std::to_string(line));
    }
    return true;
  };
  return Json::parse(CountingIterator(text.data(), &line),
                     CountingIterator(text.data() + text.size(), &line), check,
                     /*allow_exceptions=*/true, /*ignore_comments=*/true);
}

}  // namespace augur
