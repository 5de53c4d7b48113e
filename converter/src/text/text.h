// Small helpers for messages: shapes, lists, numbers, byte counts, bytes in hexadecimal, and the
// known word that is nearest to a misspelt one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace augur {

// "a, b, c", each in single quotes if `quoted`.
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ",
                 bool quoted = false);

// "[108, 36]"; "[]" for a scalar.
template <typename Integer>
std::string shape_text(const std::vector<Integer>& shape) {
  std::vector<std::string> sizes;
  for (const Integer size : shape)
    sizes.push_back(std::to_string(size));
  return "[" + join(sizes) + "]";
}
inline std::string shape_text(const std::vector<uint64_t>& shape) {  // for {rows, columns}
  return shape_text<uint64_t>(shape);
}

// "1234 B", "12.3 kB", "4.56 MB": decimal units, at most three digits of precision.
std::string bytes_text(uint64_t bytes);

// "1 request", "3 requests".
std::string count_text(uint64_t count, const std::string& thing);

// Three digits: "3.14e-07".
std::string short_text(double value);

// The shortest decimal text that reads back as the same float.
std::string number_text(float value);

// Two hexadecimal digits for each byte, in lower case.
std::string hex_text(const uint8_t* bytes, size_t count);

// How many edits (insertions, deletions, exchanges of a character) turn `a` into `b`, counted up to
// `limit`.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

// The word of `known` closest to `word` by edit distance, or one that begins with it; "" if none is
// near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// " (did you mean 'x'?)" for the nearest word, or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace augur
