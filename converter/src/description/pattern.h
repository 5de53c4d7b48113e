// Patterns of tensor names: "*" stands for any run of characters, "#" for a whole number.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace augur::convert {

bool matches(std::string_view pattern, std::string_view name);

// The numbers that stood for "#", in order; nullopt if the name does not match.
std::optional<std::vector<int>> match_numbers(std::string_view pattern, std::string_view name);

}  // namespace augur::convert
