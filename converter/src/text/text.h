// Small helpers for messages: shapes, lists, byte counts, and the nearest known word to a misspelt
// one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace augur::convert {

// "[108, 36]"; "[]" for a scalar.
std::string shape_text(const std::vector<uint64_t>& shape);

// "a, b, c", each in single quotes if `quoted`.
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ",
                 bool quoted = false);

// "1234 B", "12.3 kB", "4.56 MB": decimal units, at most three digits of precision.
std::string bytes_text(uint64_t bytes);

// "1 request", "3 requests".
std::string count_text(uint64_t count, const std::string& thing);

// Three digits: "3.14e-07".
std::string short_text(double value);

// The shortest decimal text that reads back as the same float.
std::string number_text(float value);

// The word of `known` closest to `word` by edit distance, or one that begins with it; "" if none is
// near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// " (did you mean 'x'?)" for the nearest word, or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace augur::convert
