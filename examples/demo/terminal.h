// The demo's output: colours, bars and columns, as far as the terminal can show them.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace augur::demo {

// What the output may use.
struct Look {
  bool colour = false;
  bool unicode = false;
  size_t width = 80;  // columns, 80 to 100
};

// Asks the environment: colour if stdout is a terminal and NO_COLOR is not set, Unicode if the
// locale is a UTF-8 one, and the terminal's width.
Look detect_look();

// The first eight tell things of one kind apart: hue(index).
enum class Tone { kHue0, kHue7 = 7, kPlain, kStrong, kFaint, kUp, kDown, kHeading };

inline Tone hue(size_t index) {
  return static_cast<Tone>(index % (static_cast<size_t>(Tone::kHue7) + 1));
}

// How many columns a UTF-8 text takes: one for each character.
size_t columns_of(std::string_view text);

class Terminal {
 public:
  explicit Terminal(Look look) : look_(look) {}

  size_t width() const { return look_.width; }

  std::string paint(std::string_view text, Tone tone) const;
  // Exactly `width` columns: cut with an ellipsis or filled up with spaces.
  std::string left(std::string_view text, size_t width, Tone tone = Tone::kPlain) const;
  std::string right(std::string_view text, size_t width, Tone tone = Tone::kPlain) const;
  // A bar of `share` (0 to 1) of `width` columns, filled up with spaces.
  std::string bar(double share, size_t width, Tone tone) const;
  // `unicode` if the terminal can show it, else `ascii`.
  std::string either(const char* unicode, const char* ascii) const {
    return look_.unicode ? unicode : ascii;
  }

  // One line, without spaces at its end.
  void line(std::string text = "") const;
  void title(std::string_view text) const;
  void section(std::string_view text) const;
  // Prints words in as many lines as they need, indented like all output.
  void paragraph(std::string_view text, Tone tone = Tone::kPlain) const;

 private:
  std::string repeat(const std::string& what, size_t times) const;
  std::string fitted(std::string_view text, size_t width) const;

  Look look_;
};

// "1,234,567"
std::string grouped(size_t number);
// "812 µs" and the like, with `micro` as the sign.
std::string time_text(double seconds, const std::string& micro);
// "12.3 KB": 1000 bytes each.
std::string size_text(size_t bytes);
// A printf of one value.
template <typename Value>
std::string format(const char* form, Value value) {
  char text[64];
  const int length = std::snprintf(text, sizeof text, form, value);
  return {text, length > 0 ? static_cast<size_t>(length) : 0};
}

}  // namespace augur::demo
