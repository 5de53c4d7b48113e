#include "common/key_hash.h"

#include <doctest/doctest.h>

#include <string>

#include "data/key_values.h"

namespace augur {
namespace {

// As make_key_values.py has it.
std::string text_of(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i)
    text += static_cast<char>((i * i * 7 + i * 31 + length * 13 + 5) & 255);
  return text;
}

TEST_CASE("hashes of texts of 0 to 200 bytes are those that the libraries compute") {
  std::size_t length = 0;
  for (const key_values::OfLength& expected : key_values::kOfLength) {
    CAPTURE(length);
    // At every alignment, and with bytes behind it that must not matter.
    for (std::size_t shift = 0; shift < 8; ++shift) {
      const std::string memory = std::string(shift, '?') + text_of(length) + "behind";
      const char* text = memory.data() + shift;
      REQUIRE(farm_fingerprint64(text, length) == expected.farm);
      const Hash128 wide = hash_string(text, length);
      REQUIRE(wide == Hash128{expected.low, expected.high});
      REQUIRE(static_cast<std::int32_t>(murmur3_32(text, length, 0)) == expected.scikit);
      REQUIRE(static_cast<std::int32_t>(murmur3_32(text, length, 42)) == expected.spark);
    }
    ++length;
  }
  CHECK(length == 201);
}

// The published check of an implementation in Appleby's SMHasher: keys {0, 1, ..., i-1} with the
// seeds 256-i, and the hash of all these hashes.
template <typename Hash, typename Function>
std::uint32_t verification(Function hash) {
  std::string key, hashes;
  for (std::uint32_t i = 0; i < 256; ++i) {
    const Hash value = hash(key.data(), key.size(), 256 - i);
    hashes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    key += static_cast<char>(i);
  }
  const Hash value = hash(hashes.data(), hashes.size(), 0);
  std::uint32_t first = 0;
  std::memcpy(&first, &value, sizeof(first));
  return first;
}

TEST_CASE("MurmurHash3 passes its author's verification") {
  CHECK(verification<std::uint32_t>(murmur3_32) == 0xB0F57EE3u);
  CHECK(verification<Hash128>(murmur3_128) == 0x6384BA69u);
}

TEST_CASE("splitmix64: the first outputs of the generator with seed 1234567") {
  // The values that Vigna's splitmix64.c prints.
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15u;
  CHECK(splitmix64(1234567) == 6457827717110365317u);
  CHECK(splitmix64(1234567 + kStep) == 3203168211198807973u);
  CHECK(splitmix64(1234567 + 2 * kStep) == 9817491932198370423u);
  const Hash128 hash = hash_integer(-1);
  CHECK(hash.low == splitmix64(~std::uint64_t{0}));
  CHECK(hash.high == splitmix64(hash.low));
}

TEST_CASE("the check values of docs/file-format.md") {
  CHECK(hash_integer(42) == Hash128{0xBDD732262FEB6E95u, 0x57E1FABA65107204u});
  CHECK(hash_integer(-1) == Hash128{0xE4D971771B652C20u, 0x5DC20AA7B2A27137u});
  CHECK(hash_string("sku-1", 5) == Hash128{0xEF3A13CE4CB0D0AAu, 0x40FACCA9C23A270Bu});
  CHECK(hash_string("Z\xC3\xBCrich", 7) == Hash128{0xA6705382904A9864u, 0x7443829829A6111Fu});
  CHECK(farm_fingerprint64("42", 2) == 0x08A893485641F708u);
  CHECK(farm_fingerprint64("sku-1", 5) == 0x65E65FF9CF2F9381u);
  CHECK(murmur3_32("42", 2, 42) == 0x6B1C197Cu);
  CHECK(murmur3_32("sku-1", 5, 42) == 0x517736A9u);
}

}  // namespace
}  // namespace augur
