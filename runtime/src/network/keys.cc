// Looks keys up, hashes them, and applies the tables' rules.
#include "network/keys.h"

#include "common/build_choices.h"

namespace augur {
namespace {

// Whether the rule has no row for some keys.
bool refuses_keys(const HashRule& rule) {
  return rule.modulo == HashModulo::kTruncated ||
         (hashes_bytes(rule) &&
          (rule.bytes == KeyBytes::kDecimal32 || rule.bytes == KeyBytes::kBinary32));
}

ResolvedId padding_of(const EmbeddingTable& table, bool outside) {
  return {table.padding_row, true, outside};
}

// The row of a key that is hashed by `rule`; false if the rule has none for it.
bool hash_key(const Field& field, const HashRule& rule, const Id& id, ResolvedId* resolved) {
  std::uint64_t hash = id.low;
  if (field.id_form == IdForm::kInteger || field.id_form == IdForm::kRow) {
    const auto key = static_cast<std::int64_t>(id.low);
    if (rule.zero_is_padding && is_zero_key(key)) {
      *resolved = padding_of(*field.table, false);
      return true;
    }
    if (!hash_integer_key(rule, key, &hash)) return false;
  } else if (rule.zero_is_padding && hash == zero_hash(rule, true)) {
    *resolved = padding_of(*field.table, false);
    return true;
  }
  *resolved = {0, true, false};
  return row_of_hash(rule, hash, &resolved->row);
}

bool apply_rule(const Field& field, const Id& id, ResolvedId* resolved) {
  const EmbeddingTable& table = *field.table;
  switch (table.out_of_table) {
    case AUGUR_TABLE_PADDING_ROW:
      *resolved = {table.padding_row, false, true};
      return true;
    case AUGUR_TABLE_PADDING_ID:
      *resolved = padding_of(table, true);
      return true;
    case AUGUR_TABLE_UNKNOWN_ROW:
      *resolved = {table.unknown_row, false, true};
      return true;
    case AUGUR_TABLE_HASH:
      if constexpr (!build::kKeys) return false;
      // The rule of a table with keys is for keys, not for rows.
      if (field.id_form != IdForm::kRow && id.kind == Id::Kind::kRow) return false;
      if (!hash_key(field, table.hash, id, resolved)) return false;
      resolved->known = false;
      resolved->outside = true;
      return true;
    case AUGUR_TABLE_ERROR:
      break;
  }
  return false;
}

}  // namespace

Id string_id(const Field& field, const char* data, std::size_t length) {
  Id id;
  if constexpr (!build::kKeys) return id;
  if (field.id_form == IdForm::kHashedString) {
    id.low = hash_string_key(field.hash == nullptr ? field.table->hash : *field.hash, data, length);
    return id;
  }
  const Hash128 hash = hash_string(data, length);
  id.low = hash.low;
  id.high = hash.high;
  return id;
}

bool resolve_key(const Field& field, const Id& id, ResolvedId* resolved) {
  const EmbeddingTable& table = *field.table;
  if (id.kind == Id::Kind::kPadding) {
    *resolved = padding_of(table, false);
    return true;
  }
  if (!build::kKeys || id.kind == Id::Kind::kRow || field.id_form == IdForm::kRow)
    return apply_rule(field, id, resolved);
  if (field.hash != nullptr) return hash_key(field, *field.hash, id, resolved);
  if (table.keys == nullptr) return hash_key(field, table.hash, id, resolved);
  const Hash128 key = field.id_form == IdForm::kInteger
                          ? hash_integer(static_cast<std::int64_t>(id.low))
                          : Hash128{id.low, id.high};
  const std::uint32_t row = table.keys->find_key(key);
  if (row >= table.rows()) return apply_rule(field, id, resolved);
  *resolved = {row, true, false};
  return true;
}

bool can_refuse(const Field& field) {
  const EmbeddingTable& table = *field.table;
  if constexpr (!build::kKeys) return table.out_of_table == AUGUR_TABLE_ERROR;
  const HashRule* rule = field.hash;
  if (rule == nullptr && table.out_of_table == AUGUR_TABLE_HASH) rule = &table.hash;
  return table.out_of_table == AUGUR_TABLE_ERROR || (rule != nullptr && refuses_keys(*rule));
}

}  // namespace augur
