// The one exception that the converter and its tools show to people, and the quoting of names that
// come from files. A message names the file, the field or tensor, what was expected, what came, and
// what to do about it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "common/utf8.h"

namespace augur {

// A failure that a person can act on. what() is complete: print it after "augur-...: " and stop.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `text` fit for a terminal: control characters and what is not UTF-8 as \xNN, lines kept. What a
// command prints of an error goes through this, for it may quote anything.
inline std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    write_printable(line.data(), line.size(), [&out](const char* piece, size_t bytes) {
      out.append(piece, bytes);
      return true;
    });
    text.remove_prefix(line.size());
    if (text.empty()) break;
    out += '\n';
    text.remove_prefix(1);
  }
  return out;
}

// `text` in single quotes, fit for a terminal and cut after 200 bytes, between two characters.
// Names in a checkpoint are untrusted, so every message quotes them through this. (Say
// augur::quoted: a plain call with a std::string also finds std::quoted.)
inline std::string quoted(std::string_view text) {
  constexpr size_t kLongest = 200;
  std::string out = "'";
  size_t taken = 0;
  write_printable(text.data(), text.size(), [&](const char* piece, size_t bytes) {
    const size_t step = *piece == '\\' && bytes > 1 ? 1 : bytes;  // an escaped byte, or a character
    if (taken + step > kLongest) return false;
    taken += step;
    out.append(piece, bytes);
    return true;
  });
  if (taken < text.size()) out += "...";
  return out + "'";
}

}  // namespace augur
