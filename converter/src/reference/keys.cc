// Hashes of keys.
#include "reference/keys.h"

#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "common/key_hash.h"

namespace augur::reference {
namespace {

// The bytes of an integer that Farm64 and Murmur3 read.
std::string bytes_of(fb::KeyBytes form, std::int64_t number) {
  const bool narrow = form == fb::KeyBytes::Decimal32 || form == fb::KeyBytes::Binary32;
  if (narrow && number != static_cast<std::int32_t>(number))
    throw std::out_of_range("key " + std::to_string(number) + " is no int32");
  std::string bytes;
  switch (form) {
    case fb::KeyBytes::Decimal64:
    case fb::KeyBytes::Decimal32:
      return std::to_string(number);
    case fb::KeyBytes::Float32: {
      char text[64];
      std::snprintf(text, sizeof text, "%f", static_cast<double>(static_cast<float>(number)));
      return text;
    }
    case fb::KeyBytes::Binary32:
    case fb::KeyBytes::Binary64:
      break;
  }
  auto rest = static_cast<std::uint64_t>(number);
  for (int i = 0; i < (form == fb::KeyBytes::Binary32 ? 4 : 8); ++i, rest >>= 8)
    bytes += static_cast<char>(rest & 255);
  return bytes;
}

// h modulo n, h of 64 bits with its sign.
std::uint64_t remainder_of(std::int64_t h, std::int64_t n, fb::Modulo modulo) {
  std::int64_t remainder = h % n;  // of h's sign
  if (remainder < 0 && modulo == fb::Modulo::Truncated)
    throw std::out_of_range("the remainder of a key is negative");
  if (remainder < 0) remainder = modulo == fb::Modulo::Absolute ? -remainder : remainder + n;
  return static_cast<std::uint64_t>(remainder);
}

}  // namespace

std::uint64_t splitmix64(std::uint64_t x) {
  std::uint64_t z = x + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::size_t hashed_row(const fb::HashT& hash, fb::KeyType type, const std::string& text,
                       std::int64_t number) {
  const bool is_string = type == fb::KeyType::String;
  const auto bytes = [&] { return is_string ? text : bytes_of(hash.bytes, number); };
  std::uint64_t unsigned_hash = 0;
  std::int64_t signed_hash = 0;
  switch (hash.kind) {
    case fb::HashKind::SplitMix64: {
      const std::uint64_t key = is_string ? hash_string(text.data(), text.size()).low
                                          : static_cast<std::uint64_t>(number);
      unsigned_hash = reference::splitmix64(key + hash.seed);
      break;
    }
    case fb::HashKind::Farm64: {
      const std::string read = bytes();
      unsigned_hash = farm_fingerprint64(read.data(), read.size());
      break;
    }
    case fb::HashKind::Murmur3: {
      const std::string read = bytes();
      const std::uint32_t h = murmur3_32(read.data(), read.size(), hash.seed);
      unsigned_hash = h;
      signed_hash = static_cast<std::int32_t>(h);
      break;
    }
    case fb::HashKind::Modulo:
      unsigned_hash = static_cast<std::uint64_t>(number);
      signed_hash = number;
      break;
    case fb::HashKind::None:
      throw std::invalid_argument("a hash without a kind");
  }
  const std::uint64_t bucket = hash.modulo == fb::Modulo::Unsigned
                                   ? unsigned_hash % hash.buckets
                                   : remainder_of(signed_hash, hash.buckets, hash.modulo);
  return hash.first_row + static_cast<std::size_t>(bucket);
}

}  // namespace augur::reference
