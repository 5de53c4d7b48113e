// Patterns of tensor names; see pattern.h.
#include "description/pattern.h"

#include <algorithm>

#include <cctype>

namespace augur::convert {
namespace {

size_t digits_at(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && count < 6 &&
         std::isdigit(static_cast<unsigned char>(text[count])) != 0) {
    ++count;
  }
  return count;
}

// Greedy over "#": a number is never split. A "*" tries every length; patterns hold few of them,
// and only the last one needs to be tried again, so the cost stays quadratic at most.
bool match(std::string_view pattern, std::string_view name, std::vector<int>& numbers) {
  size_t p = 0, n = 0;
  std::optional<size_t> star;  // after the last "*" in the pattern
  size_t resume = 0;           // where in the name it is tried next
  size_t kept = 0;             // numbers found before it
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      resume = n;
      kept = numbers.size();
      continue;
    }
    if (p == pattern.size() && n == name.size()) return true;
    if (p < pattern.size() && pattern[p] == '#') {
      const size_t digits = digits_at(name.substr(n));
      const bool inside_number =
          n > 0 && std::isdigit(static_cast<unsigned char>(name[n - 1])) != 0;
      if (digits > 0 && !inside_number) {
        numbers.push_back(std::stoi(std::string(name.substr(n, digits))));
        n += digits;
        ++p;
        continue;
      }
    } else if (p < pattern.size() && n < name.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
      continue;
    }
    if (!star || resume >= name.size()) return false;
    numbers.resize(kept);
    n = ++resume;
    p = *star;
  }
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  std::vector<int> numbers;
  return match(pattern, name, numbers);
}

bool matches_any(std::string_view pattern, const checkpoint::Checkpoint& checkpoint) {
  const std::vector<checkpoint::TensorInfo>& tensors = checkpoint.tensors();
  return std::any_of(tensors.begin(), tensors.end(), [&](const checkpoint::TensorInfo& tensor) {
    return matches(pattern, tensor.name);
  });
}

std::optional<std::vector<int>> match_numbers(std::string_view pattern, std::string_view name) {
  std::vector<int> numbers;
  if (!match(pattern, name, numbers)) return std::nullopt;
  return numbers;
}

}  // namespace augur::convert
