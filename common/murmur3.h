// MurmurHash3, by Austin Appleby, who placed it in the public domain: the x86 form of 32 bits, and
// the x64 form of 128 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace augur {

// 128 bits. x64_128's two words are low and high, in this order.
struct Hash128 {
  std::uint64_t low;
  std::uint64_t high;
};

inline bool operator==(const Hash128& a, const Hash128& b) {
  return a.low == b.low && a.high == b.high;
}

namespace murmur {

// The last bytes of a text, up to 8, filled up with zeros. In a register: copied to memory and read
// again, they would keep the processor from working on the next key.
inline std::uint64_t rest(const unsigned char* from, std::size_t bytes) {
  std::uint64_t word = 0;
  while (bytes > 0)
    word = word << 8 | from[--bytes];
  return word;
}

}  // namespace murmur

// MurmurHash3_x86_32.
[[gnu::noinline]] inline std::uint32_t murmur3_32(const void* bytes, std::size_t size,
                                                  std::uint32_t seed) {
  const auto rotate = [](std::uint32_t x, int bits) { return x << bits | x >> (32 - bits); };
  const auto mix = [&](std::uint32_t word) { return rotate(word * 0xcc9e2d51u, 15) * 0x1b873593u; };
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint32_t hash = seed;
  std::size_t left = size;
  for (; left >= 4; from += 4, left -= 4) {
    std::uint32_t word;
    std::memcpy(&word, from, sizeof(word));
    hash = rotate(hash ^ mix(word), 13) * 5 + 0xe6546b64u;
  }
  hash ^= mix(static_cast<std::uint32_t>(murmur::rest(from, left)));
  hash ^= static_cast<std::uint32_t>(size);
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

// MurmurHash3_x64_128.
[[gnu::noinline]] inline Hash128 murmur3_128(const void* bytes, std::size_t size,
                                             std::uint32_t seed) {
  const auto rotate = [](std::uint64_t x, int bits) { return x << bits | x >> (64 - bits); };
  const auto finish = [](std::uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
  };
  const auto mix1 = [&](std::uint64_t x) {
    return rotate(x * 0x87c37b91114253d5u, 31) * 0x4cf5ad432745937fu;
  };
  const auto mix2 = [&](std::uint64_t x) {
    return rotate(x * 0x4cf5ad432745937fu, 33) * 0x87c37b91114253d5u;
  };
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint64_t h1 = seed;
  std::uint64_t h2 = seed;
  std::size_t left = size;
  for (; left >= 16; from += 16, left -= 16) {
    std::uint64_t words[2];
    std::memcpy(words, from, sizeof(words));
    h1 = (rotate(h1 ^ mix1(words[0]), 27) + h2) * 5 + 0x52dce729u;
    h2 = (rotate(h2 ^ mix2(words[1]), 31) + h1) * 5 + 0x38495ab5u;
  }
  h1 ^= mix1(murmur::rest(from, left < 8 ? left : 8)) ^ size;
  h2 ^= mix2(left > 8 ? murmur::rest(from + 8, left - 8) : 0) ^ size;
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace augur
