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

// MurmurHash3_x86_32.
[[gnu::noinline]] inline std::uint32_t murmur3_32(const void* bytes, std::size_t size,
                                                  std::uint32_t seed) {
  const auto rotate = [](std::uint32_t x, int bits) { return x << bits | x >> (32 - bits); };
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint32_t hash = seed;
  for (std::size_t i = 0; i < size; i += 4) {
    const std::size_t left = size - i;
    std::uint32_t word = 0;  // the last one is filled up with zeros
    std::memcpy(&word, from + i, left < 4 ? left : 4);
    hash ^= rotate(word * 0xcc9e2d51u, 15) * 0x1b873593u;
    if (left >= 4) hash = rotate(hash, 13) * 5 + 0xe6546b64u;
  }
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
  constexpr std::uint64_t k1 = 0x87c37b91114253d5u;
  constexpr std::uint64_t k2 = 0x4cf5ad432745937fu;
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint64_t h1 = seed;
  std::uint64_t h2 = seed;
  for (std::size_t i = 0; i < size; i += 16) {
    const std::size_t left = size - i;
    std::uint64_t words[2] = {0, 0};  // the last ones are filled up with zeros
    std::memcpy(words, from + i, left < 16 ? left : 16);
    h1 ^= rotate(words[0] * k1, 31) * k2;
    if (left >= 16) h1 = (rotate(h1, 27) + h2) * 5 + 0x52dce729u;
    h2 ^= rotate(words[1] * k2, 33) * k1;
    if (left >= 16) h2 = (rotate(h2, 31) + h1) * 5 + 0x38495ab5u;
  }
  h1 ^= size;
  h2 ^= size;
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace augur
