// UTF-8 in messages. Names come from files and apps and may contain any bytes, but a message
// consists of whole characters, none of them a control character. Used by the converter too.
#pragma once

#include <cstddef>
#include <cstring>

namespace augur {

// The length in bytes of the character at the beginning of `text`: 1 to 4, or 0 if it is not
// well-formed UTF-8 (RFC 3629).
inline std::size_t utf8_length(const char* text, std::size_t bytes) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (bytes == 0) return 0;
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 0 || first > 0xF4 || bytes < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return 0;
  }
  // Refuses overlong forms, UTF-16 surrogates, and code points above U+10FFFF.
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return length;
}

// Whether the character at the beginning of `text`, of utf8_length() bytes, is a control character:
// C0, DEL or C1.
inline bool is_control(const char* text, std::size_t length) {
  const auto first = static_cast<unsigned char>(text[0]);
  const bool c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
  return first < 0x20 || first == 0x7F || c1;
}

// Passes `text` to write(bytes, count) in pieces that must not be cut. A piece is one character or,
// for each byte of a control character and each byte that is not UTF-8, the escape \xNN. Stops when
// write returns false.
template <typename Write>
void write_printable(const char* text, std::size_t bytes, Write write) {
  constexpr char kDigits[] = "0123456789abcdef";
  while (bytes > 0) {
    const std::size_t length = utf8_length(text, bytes);
    std::size_t step = length;
    if (length == 0 || is_control(text, length)) {
      const auto byte = static_cast<unsigned char>(*text);
      const char escaped[] = {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
      step = 1;
      if (!write(escaped, sizeof(escaped))) return;
      // The second byte of a C1 character is not a character by itself, so the next round escapes
      // it, too.
    } else if (!write(text, length)) {
      return;
    }
    text += step;
    bytes -= step;
  }
}

// Copies `text` into buffer[room], escaped as write_printable() does it, as far as it fits, and
// ends it with a zero byte.
inline void copy_printable(char* buffer, std::size_t room, const char* text) {
  std::size_t used = 0;
  write_printable(text, std::strlen(text), [&](const char* piece, std::size_t count) {
    if (count >= room - used) return false;
    std::memcpy(buffer + used, piece, count);
    used += count;
    return true;
  });
  buffer[used] = '\0';
}

// Removes an incomplete character from the end of a text that was cut to fit its buffer.
inline void drop_cut_character(char* text) {
  const std::size_t bytes = std::strlen(text);
  for (std::size_t back = 1; back <= 3 && back <= bytes; ++back) {
    const auto byte = static_cast<unsigned char>(text[bytes - back]);
    if ((byte & 0xC0u) == 0x80) continue;
    const std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (length > back) text[bytes - back] = '\0';
    return;
  }
}

}  // namespace augur
