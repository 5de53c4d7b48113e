// The exception of the converter and of the commands, and the quoting of names that come from
// files. A message names the file, the field or tensor, what was expected, what was found, and what
// to do.
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

// `text` made fit for a terminal: control characters and bytes that are not UTF-8 become \xNN, line
// breaks stay. Commands print errors through this, because a message may quote bytes from a file.
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

// `text` in single quotes, made fit for a terminal, and cut to at most 200 bytes of whole
// characters. Names in a checkpoint are untrusted, so every message quotes them through this. (Say
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
