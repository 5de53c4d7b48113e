// The one exception that the converter and its tools show to people, and the quoting of names that
// come from files. A message names the file, the field or tensor, what was expected, what came, and
// what to do about it.
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace augur {

// A failure that a person can act on. what() is complete: print it after "augur-...: " and stop.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `text` in single quotes, fit for a terminal: control bytes as \xNN, cut after 200 bytes. Names in
// a checkpoint are untrusted, so every message quotes them through this. (Say augur::quoted: a
// plain call with a std::string also finds std::quoted.)
inline std::string quoted(std::string_view text) {
  constexpr size_t kLongest = 200;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  if (text.size() > kLongest) out += "...";
  return out + "'";
}

}  // namespace augur
