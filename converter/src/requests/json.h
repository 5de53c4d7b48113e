// Malformed JSON in words that help: where it went wrong, without the parser's own codes.
#pragma once

#include <string>

namespace augur::requests {

// From the text of a nlohmann::json exception: "not valid JSON: column 17: unexpected ...".
std::string malformed(const std::string& what);

}  // namespace augur::requests
