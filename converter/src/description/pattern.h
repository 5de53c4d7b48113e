// Patterns of tensor names: "*" stands for any run of characters, "#" for a whole number.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::convert {

bool matches(std::string_view pattern, std::string_view name);

// Whether some tensor of the checkpoint matches.
bool matches_any(std::string_view pattern, const checkpoint::Checkpoint& checkpoint);

// The numbers that stood for "#", in order; nullopt if the name does not match.
std::optional<std::vector<int>> match_numbers(std::string_view pattern, std::string_view name);

}  // namespace augur::convert
