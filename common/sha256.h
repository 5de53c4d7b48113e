// SHA-256 (FIPS 180-4), for the ids of models and the hashes of contents.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace augur {

// Not a member: a static member of a class would be a symbol of the library.
constexpr std::uint32_t kSha256Rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using Digest = std::array<std::uint8_t, 32>;

// The SHA-256 of bytes that come in any number of pieces.
class Sha256 {
 public:
  // `data` may be null if `bytes` is 0.
  void add(const void* data, std::size_t bytes) {
    if (bytes == 0) return;
    const auto* from = static_cast<const unsigned char*>(data);
    const auto used = static_cast<std::size_t>(bytes_ % kBlock);
    bytes_ += bytes;
    if (used > 0) {
      const std::size_t wanted = kBlock - used;
      const std::size_t taken = bytes < wanted ? bytes : wanted;
      std::memcpy(block_ + used, from, taken);
      if (bytes < wanted) return;
      compress(block_);
      from += taken;
      bytes -= taken;
    }
    for (; bytes >= kBlock; from += kBlock, bytes -= kBlock)
      compress(from);
    std::memcpy(block_, from, bytes);
  }

  // The hash of all bytes so far. The last call: nothing may be added afterwards.
  Digest digest() {
    const std::uint64_t bits = bytes_ * 8;
    auto used = static_cast<std::size_t>(bytes_ % kBlock);
    block_[used++] = 0x80;
    if (used > kBlock - sizeof(bits)) {
      std::memset(block_ + used, 0, kBlock - used);
      compress(block_);
      used = 0;
    }
    std::memset(block_ + used, 0, kBlock - sizeof(bits) - used);
    for (std::size_t i = 0; i < sizeof(bits); ++i)
      block_[kBlock - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    compress(block_);
    Digest digest;
    for (std::size_t i = 0; i < digest.size(); ++i)
      digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
  }

 private:
  static constexpr std::size_t kBlock = 64;

  static std::uint32_t rotated(std::uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

  // Section 6.2.2. w holds the last 16 words of the message schedule.
  void compress(const unsigned char* block) {
    std::uint32_t w[16];
    for (int t = 0; t < 16; ++t) {
      const unsigned char* byte = block + 4 * t;
      w[t] = std::uint32_t{byte[0]} << 24 | std::uint32_t{byte[1]} << 16 |
             std::uint32_t{byte[2]} << 8 | std::uint32_t{byte[3]};
    }
    std::uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
    std::uint32_t e = state_[4], f = state_[5], g = state_[6], h = state_[7];
    for (int t = 0; t < 64; ++t) {
      std::uint32_t& word = w[t % 16];
      if (t >= 16) {
        const std::uint32_t w2 = w[(t - 2) % 16], w15 = w[(t - 15) % 16];
        word += (rotated(w2, 17) ^ rotated(w2, 19) ^ w2 >> 10) + w[(t - 7) % 16] +
                (rotated(w15, 7) ^ rotated(w15, 18) ^ w15 >> 3);
      }
      const std::uint32_t t1 = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
                               ((e & f) ^ (~e & g)) + kSha256Rounds[t] + word;
      const std::uint32_t t2 =
          (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    const std::uint32_t sum[] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i)
      state_[i] += sum[i];
  }

  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::uint64_t bytes_ = 0;
  unsigned char block_[kBlock] = {};
};

inline Digest sha256(const void* data, std::size_t bytes) {
  Sha256 hash;
  hash.add(data, bytes);
  return hash.digest();
}

}  // namespace augur
