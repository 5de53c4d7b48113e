// FarmHash's Fingerprint64, the hash of TensorFlow's to_hash_bucket_fast. The algorithm and its
// constants are those of farmhashna::Hash64 in FarmHash, by Geoff Pike:
//
// Copyright (c) 2014 Google, Inc.
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the "Software"), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in
// all copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
// IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
// AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
// THE SOFTWARE.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace augur {
namespace farm {

inline constexpr std::uint64_t k0 = 0xc3a5c85c97cb3127u;
inline constexpr std::uint64_t k1 = 0xb492b66fbe98f273u;
inline constexpr std::uint64_t k2 = 0x9ae16a3b2f90404fu;

struct Pair {
  std::uint64_t first, second;
};

template <typename Word>
Word load(const unsigned char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

inline std::uint64_t load64(const unsigned char* from) {
  return load<std::uint64_t>(from);
}

inline std::uint64_t rotate(std::uint64_t x, int bits) {
  return x >> bits | x << (64 - bits);
}

inline std::uint64_t shift_mix(std::uint64_t x) {
  return x ^ x >> 47;
}

// Two words into one.
inline std::uint64_t combine(std::uint64_t u, std::uint64_t v, std::uint64_t multiplier) {
  const std::uint64_t a = shift_mix((u ^ v) * multiplier);
  return shift_mix((v ^ a) * multiplier) * multiplier;
}

inline std::uint64_t hash_to_16(const unsigned char* s, std::size_t size) {
  const std::uint64_t multiplier = k2 + size * 2;
  if (size >= 8) {
    const std::uint64_t a = load64(s) + k2;
    const std::uint64_t b = load64(s + size - 8);
    return combine(rotate(b, 37) * multiplier + a, (rotate(a, 25) + b) * multiplier, multiplier);
  }
  if (size >= 4) {
    const std::uint64_t first = load<std::uint32_t>(s);
    return combine(size + (first << 3), load<std::uint32_t>(s + size - 4), multiplier);
  }
  if (size == 0) return k2;
  const std::uint32_t y = s[0] + (std::uint32_t{s[size / 2]} << 8);
  const std::uint32_t z = static_cast<std::uint32_t>(size) + (std::uint32_t{s[size - 1]} << 2);
  return shift_mix(y * k2 ^ z * k0) * k2;
}

// 17 to 64 bytes.
inline std::uint64_t hash_to_64(const unsigned char* s, std::size_t size) {
  const std::uint64_t multiplier = k2 + size * 2;
  const bool longer = size > 32;
  const std::uint64_t a = load64(s) * (longer ? k2 : k1);
  const std::uint64_t b = load64(s + 8);
  const std::uint64_t c = load64(s + size - 8) * multiplier;
  const std::uint64_t d = load64(s + size - 16) * k2;
  const std::uint64_t y = rotate(a + b, 43) + rotate(c, 30) + d;
  const std::uint64_t z = combine(y, a + rotate(b + k2, 18) + c, multiplier);
  if (!longer) return z;
  const std::uint64_t e = load64(s + 16) * multiplier;
  const std::uint64_t f = load64(s + 24);
  const std::uint64_t g = (y + load64(s + size - 32)) * multiplier;
  const std::uint64_t h = (z + load64(s + size - 24)) * multiplier;
  return combine(rotate(e + f, 43) + rotate(g, 30) + h, e + rotate(f + a, 18) + g, multiplier);
}

// 32 bytes and two seeds into two words.
inline Pair weak_hash(const unsigned char* s, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t last = load64(s + 24);
  a += load64(s);
  b = rotate(b + a + last, 21);
  const std::uint64_t sum = a + load64(s + 8) + load64(s + 16);
  return {sum + last, b + rotate(sum, 44) + a};
}

// The state of more than 64 bytes.
struct Long {
  std::uint64_t x, y, z;
  Pair v = {0, 0}, w = {0, 0};

  // Takes 64 bytes. `weight` is 1, and 9 for the last ones.
  void add(const unsigned char* s, std::uint64_t multiplier, std::uint64_t weight) {
    x = rotate(x + y + v.first + load64(s + 8), 37) * multiplier;
    y = rotate(y + v.second + load64(s + 48), 42) * multiplier;
    x ^= w.second * weight;
    y += v.first * weight + load64(s + 40);
    z = rotate(z + w.first, 33) * multiplier;
    v = weak_hash(s, v.second * multiplier, x + w.first);
    w = weak_hash(s + 32, z + w.second, y + load64(s + 16));
    const std::uint64_t old = z;
    z = x;
    x = old;
  }
};

inline std::uint64_t hash_long(const unsigned char* s, std::size_t size) {
  constexpr std::uint64_t kSeed = 81;
  constexpr std::uint64_t kY = kSeed * k1 + 113;
  Long state = {kSeed * k2 + load64(s), kY, shift_mix(kY * k2 + 113) * k2};
  // The last 64 bytes, which may overlap the ones before, end the hash.
  const unsigned char* last = s + size - 64;
  const std::size_t rest = (size - 1) % 64;
  for (const unsigned char* end = s + (size - 1 - rest); s != end; s += 64)
    state.add(s, k1, 1);
  const std::uint64_t multiplier = k1 + ((state.z & 0xff) << 1);
  state.w.first += rest;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.add(last, multiplier, 9);
  return combine(
      combine(state.v.first, state.w.first, multiplier) + shift_mix(state.y) * k0 + state.z,
      combine(state.v.second, state.w.second, multiplier) + state.x, multiplier);
}

}  // namespace farm

// Fingerprint64 of some bytes. Never inlined: GCC would warn of the branches for long texts where
// it sees that a buffer is short.
[[gnu::noinline]] inline std::uint64_t farm_fingerprint64(const void* bytes, std::size_t size) {
  const auto* s = static_cast<const unsigned char*>(bytes);
  if (size <= 16) return farm::hash_to_16(s, size);
  return size <= 64 ? farm::hash_to_64(s, size) : farm::hash_long(s, size);
}

}  // namespace augur
