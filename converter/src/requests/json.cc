// Malformed JSON in words that help; see json.h.
#include "requests/json.h"

namespace augur::requests {

std::string malformed(const std::string& what) {
  // "[json.exception.parse_error.101] parse error at line 1, column 17: syntax error ..."
  constexpr size_t kLongest = 240;
  std::string text = what;
  const size_t code_end = text.find("] ");
  if (text.rfind("[json.exception", 0) == 0 && code_end != std::string::npos) {
    text.erase(0, code_end + 2);
  }
  const std::string place = "parse error at line 1, ";
  if (text.rfind(place, 0) == 0) text.erase(0, place.size());
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return "not valid JSON: " + text;
}

}  // namespace augur::requests
