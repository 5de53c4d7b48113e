// Hashes of ids and keys in a description; see parts.h.
#include "assemble/parts.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int64_t kMost = UINT32_MAX;

// The keys that a hash of this kind has, besides "kind", "first_row" and "buckets".
struct HashKeys {
  bool seed;
  bool modulo;
  bool bytes;  // it reads bytes, so it must be known which bytes an integer has
};

HashKeys keys_of(fb::HashKind kind) {
  switch (kind) {
    case fb::HashKind::Farm64:
      return {false, false, true};
    case fb::HashKind::Murmur3:
      return {true, true, true};
    case fb::HashKind::Modulo:
      return {false, true, false};
    case fb::HashKind::SplitMix64:
    case fb::HashKind::None:
      break;
  }
  return {true, false, false};
}

fb::HashKind read_kind(const Node& node, const TableInfo& table) {
  const auto kind = node.choice<fb::HashKind>({{"splitmix64", fb::HashKind::SplitMix64},
                                               {"farm64", fb::HashKind::Farm64},
                                               {"murmur3", fb::HashKind::Murmur3},
                                               {"modulo", fb::HashKind::Modulo}});
  if (table.keys == fb::KeyType::Row && kind != fb::HashKind::SplitMix64) {
    node.fail("\"" + node.text() +
              "\" hashes every key, and the table's ids are its rows; state the type of its keys, "
              "\"keys\": \"integer\" or \"string\"");
  }
  if (table.keys == fb::KeyType::String && kind == fb::HashKind::Modulo)
    node.fail("\"modulo\" is of integers, and the table's keys are strings");
  return kind;
}

void read_bytes(const Node& node, const TableInfo& table, fb::HashT& hash) {
  if (table.keys == fb::KeyType::String) {
    if (const auto bytes = node.find("bytes")) {
      bytes->fail("says which bytes an integer has, and the table's keys are strings");
    }
    return;
  }
  hash.bytes = node.at("bytes").choice<fb::KeyBytes>({{"decimal64", fb::KeyBytes::Decimal64},
                                                      {"decimal32", fb::KeyBytes::Decimal32},
                                                      {"float32", fb::KeyBytes::Float32},
                                                      {"binary32", fb::KeyBytes::Binary32},
                                                      {"binary64", fb::KeyBytes::Binary64}});
}

}  // namespace

std::unique_ptr<fb::HashT> read_hash(const Node& node, const TableInfo& table) {
  node.allow_keys("a hash",
                  {"kind", "seed", "first_row", "buckets", "modulo", "bytes", "zero_is_padding"});
  auto hash = std::make_unique<fb::HashT>();
  const Node kind = node.at("kind");
  hash->kind = read_kind(kind, table);
  const HashKeys keys = keys_of(hash->kind);
  const auto refuse = [&](const char* key, bool known) {
    const auto found = node.find(key);
    if (!known && found) found->fail("a hash of kind \"" + kind.text() + "\" has none");
  };
  refuse("seed", keys.seed);
  refuse("modulo", keys.modulo);
  refuse("bytes", keys.bytes);
  if (keys.seed) hash->seed = static_cast<uint32_t>(node.at("seed").integer(0, kMost));
  if (keys.modulo) {
    hash->modulo = node.at("modulo").choice<fb::Modulo>({{"unsigned", fb::Modulo::Unsigned},
                                                         {"floored", fb::Modulo::Floored},
                                                         {"truncated", fb::Modulo::Truncated},
                                                         {"absolute", fb::Modulo::Absolute}});
  }
  if (keys.bytes) read_bytes(node, table, *hash);
  if (const auto zero = node.find("zero_is_padding")) {
    hash->zero_is_padding = zero->boolean();
    if (hash->zero_is_padding && table.keys == fb::KeyType::Row)
      zero->fail("is about keys, and the table's ids are its rows");
    if (hash->zero_is_padding && table.keys == fb::KeyType::String && !keys.bytes)
      zero->fail("a hash of kind \"" + kind.text() + "\" does not know the string '0'");
    if (hash->zero_is_padding && !table.has_padding_row)
      zero->fail("needs a row to be named, but the key \"padding_row\" of the table is null");
  }
  hash->first_row = static_cast<uint32_t>(node.at("first_row").integer(0, kMost));
  hash->buckets = static_cast<uint32_t>(node.at("buckets").integer(1, kMost));
  if (uint64_t{hash->first_row} + hash->buckets > table.rows) {
    node.fail("rows " + std::to_string(hash->first_row) + " to " +
              std::to_string(uint64_t{hash->first_row} + hash->buckets - 1) +
              " are wanted, but the table has " + std::to_string(table.rows));
  }
  return hash;
}

}  // namespace augur::convert
