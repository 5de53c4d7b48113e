// Colours, bars and columns; see terminal.h.
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

namespace augur::demo {
namespace {

constexpr size_t kNarrowest = 80;
constexpr size_t kWidest = 100;
constexpr const char* kIndent = "  ";

// An environment variable; "" if it is not set.
std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Reads the variables instead of calling setlocale(), because they say what the terminal can show
// even if the locale is not installed.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = setting(name);
    if (value.empty()) continue;
    for (char& c : value)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

// COLUMNS has precedence over the terminal's own answer, so that a width can be set for a pipe too.
size_t terminal_width() {
  size_t columns = 0;
  winsize size = {};
  if (const std::string wanted = setting("COLUMNS"); !wanted.empty()) {
    columns = std::strtoul(wanted.c_str(), nullptr, 10);
  } else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    columns = size.ws_col;
  }
  return std::clamp(columns, kNarrowest, kWidest);
}

const char* code_of(Tone tone) {
  static constexpr const char* kCodes[] = {"32", "36", "33", "35", "94",   "91", "95",
                                           "37", "",   "1",  "2",  "1;32", "31", "1;36"};
  return kCodes[static_cast<size_t>(tone)];
}

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The first `columns` characters.
std::string_view prefix(std::string_view text, size_t columns) {
  size_t end = 0;
  while (end < text.size() && (columns > 0 || continues(text[end]))) {
    if (!continues(text[end])) --columns;
    ++end;
  }
  return text.substr(0, end);
}

}  // namespace

Look detect_look() {
  Look look;
  const std::string terminal = setting("TERM");
  look.colour = isatty(STDOUT_FILENO) == 1 && setting("NO_COLOR").empty() && !terminal.empty() &&
                terminal != "dumb";
  look.unicode = locale_is_utf8();
  look.width = terminal_width();
  return look;
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (const char c : text)
    columns += continues(c) ? 0u : 1u;
  return columns;
}

std::string Terminal::repeat(const std::string& what, size_t times) const {
  std::string text;
  while (times-- > 0)
    text += what;
  return text;
}

std::string Terminal::paint(std::string_view text, Tone tone) const {
  const char* code = code_of(tone);
  if (!look_.colour || *code == '\0' || text.empty()) return std::string(text);
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string Terminal::fitted(std::string_view text, size_t width) const {
  if (columns_of(text) <= width) return std::string(text);
  const std::string mark = either("…", "~");
  return width == 0 ? "" : std::string(prefix(text, width - 1)) + mark;
}

std::string Terminal::left(std::string_view text, size_t width, Tone tone) const {
  const std::string shown = fitted(text, width);
  return paint(shown, tone) + std::string(width - columns_of(shown), ' ');
}

std::string Terminal::right(std::string_view text, size_t width, Tone tone) const {
  const std::string shown = fitted(text, width);
  return std::string(width - columns_of(shown), ' ') + paint(shown, tone);
}

std::string Terminal::bar(double share, size_t width, Tone tone) const {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const size_t parts = look_.unicode ? 8 : 1;
  const double length = std::clamp(share, 0.0, 1.0) * static_cast<double>(width * parts);
  const auto filled = static_cast<size_t>(std::lround(length));
  std::string text = repeat(either("█", "#"), filled / parts);
  if (look_.unicode) text += kEighths[filled % parts];
  return left(text, width, tone);
}

void Terminal::line(std::string text) const {
  if (!text.empty()) text.insert(0, kIndent);
  text.erase(text.find_last_not_of(' ') + 1);
  std::puts(text.c_str());
}

void Terminal::title(std::string_view text) const {
  const size_t inner = look_.width - 4;
  const std::string edge = repeat(either("─", "-"), inner);
  const std::string side = paint(either("│", "|"), Tone::kHeading);
  std::puts(("\n " + paint(either("╭", "+") + edge + either("╮", "+"), Tone::kHeading)).c_str());
  std::puts((" " + side + " " + left(text, inner - 1, Tone::kStrong) + side).c_str());
  std::puts((" " + paint(either("╰", "+") + edge + either("╯", "+"), Tone::kHeading)).c_str());
}

void Terminal::section(std::string_view text) const {
  const std::string rule = either("─", "-");
  const size_t used = 6 + columns_of(text);
  std::puts("");
  std::puts((" " + paint(rule + rule + " ", Tone::kHeading) + paint(text, Tone::kHeading) + " " +
             paint(repeat(rule, look_.width - std::min(look_.width, used)), Tone::kHeading))
                .c_str());
  std::puts("");
}

void Terminal::paragraph(std::string_view text, Tone tone) const {
  const size_t room = look_.width - 4;
  std::string current;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!current.empty() && columns_of(current) + 1 + columns_of(word) > room) {
      line(paint(current, tone));
      current.clear();
    }
    if (!current.empty()) current += ' ';
    current += word;
  }
  if (!current.empty()) line(paint(current, tone));
}

std::string grouped(size_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, ",");
  return text;
}

std::string time_text(double seconds, const std::string& micro) {
  if (seconds < 1e-3) return format("%.0f ", seconds * 1e6) + micro + "s";
  return format("%.2f ms", seconds * 1e3);
}

std::string size_text(size_t bytes) {
  const auto value = static_cast<double>(bytes);
  return bytes < 1000000 ? format("%.1f KB", value / 1e3) : format("%.2f MB", value / 1e6);
}

}  // namespace augur::demo
