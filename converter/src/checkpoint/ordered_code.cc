// Three encodings: strings escaped and terminated, unsigned numbers with their byte count in front,
// signed numbers with their byte count in the leading bits.
#include "checkpoint/ordered_code.h"

#include <array>

namespace augur::checkpoint {
namespace {

// 0 becomes 00 ff and ff becomes ff 00, so that the terminator 00 01 sorts before any longer
// string.
void append_string(std::string_view text, std::string* out) {
  for (const char c : text) {
    *out += c;
    if (c == '\0') *out += '\xff';
    if (c == '\xff') *out += '\0';
  }
  *out += '\0';
  *out += '\1';
}

// The number of significant bytes, then these, highest first.
void append_unsigned(uint64_t value, std::string* out) {
  std::string bytes;
  for (; value != 0; value >>= 8)
    bytes.insert(bytes.begin(), static_cast<char>(value & 0xff));
  *out += static_cast<char>(bytes.size());
  *out += bytes;
}

// In n bytes fit 7n-1 bits and a sign (two's complement, highest byte first). The n highest bits of
// the result are then inverted, which tells n and makes negative numbers sort before others.
void append_signed(int64_t value, std::string* out) {
  const auto bits = static_cast<uint64_t>(value);
  const uint64_t magnitude = value < 0 ? ~bits : bits;
  size_t bytes = 1;
  while (bytes < 10 && (7 * bytes - 1 < 64) && magnitude >> (7 * bytes - 1) != 0)
    ++bytes;
  std::array<uint8_t, 10> buffer{};
  for (size_t i = 0; i < bytes; ++i) {
    const size_t place = bytes - 1 - i;  // of 256
    buffer[i] = place < 8 ? static_cast<uint8_t>((bits >> (8 * place)) & 0xff)
                          : static_cast<uint8_t>(value < 0 ? 0xff : 0);
  }
  for (size_t bit = 0; bit < bytes; ++bit) {
    buffer[bit / 8] = static_cast<uint8_t>(buffer[bit / 8] ^ (0x80u >> (bit % 8)));
  }
  out->append(reinterpret_cast<const char*>(buffer.data()), bytes);
}

}  // namespace

std::string slice_key(std::string_view name, const std::vector<SliceExtent>& slice) {
  std::string key;
  append_unsigned(0, &key);
  append_string(name, &key);
  append_unsigned(slice.size(), &key);
  for (const SliceExtent& extent : slice) {
    append_signed(extent.start, &key);
    append_signed(extent.length, &key);
  }
  return key;
}

}  // namespace augur::checkpoint
