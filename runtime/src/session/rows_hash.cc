// Hashes a table's rows.
#include "session/rows_hash.h"

#include <cstring>

#include "common/checksum.h"

namespace augur {
namespace {

// A hash of all rows. It is never 0, which stands for a hash that was not computed.
std::uint64_t hash_of(const StoredMatrix& rows) {
  const std::uint32_t form[] = {static_cast<std::uint32_t>(rows.type),
                                static_cast<std::uint32_t>(rows.scale_type), rows.group_size};
  const std::uint32_t shape[] = {rows.rows, rows.columns};
  const std::size_t scales =
      std::size_t{rows.rows} * StoredRows::groups(rows.columns, rows.group_size);
  std::uint64_t hash = checksum64(form, sizeof(form), 0);
  hash = checksum64(shape, sizeof(shape), hash);
  hash = checksum64(
      rows.data,
      rows.rows * static_cast<std::size_t>(StoredRows::row_bytes(rows.type, rows.columns)), hash);
  hash =
      checksum64(rows.scales,
                 scales * static_cast<std::size_t>(StoredRows::scale_bytes(rows.scale_type)), hash);
  hash = checksum64(rows.offsets, scales, hash);
  return hash == 0 ? 1 : hash;
}

// The state of an external table; of one whose file states no hashes, from the rows themselves.
Digest state_of(const EmbeddingTable& table) {
  Digest state = {};
  if (!table.external || !table.attached() || table_state(table, &state)) return state;
  const RowsHash rows = rows_hash(table);
  const std::uint64_t keys =
      table.vocabulary.slot_count == 0 ? 0 : vocabulary_checksum(table.vocabulary);
  Sha256 sha;
  sha.add(rows.data(), rows.size());
  sha.add(&keys, sizeof(keys));
  return sha.digest();
}

}  // namespace

Digest pooled_state(const EmbeddingTable& table) {
  if (table.keys == nullptr || table.keys == &table) return state_of(table);
  const Digest rows = state_of(table);
  const Digest keys = state_of(*table.keys);
  Sha256 sha;
  sha.add(rows.data(), rows.size());
  sha.add(keys.data(), keys.size());
  return sha.digest();
}

RowsHash rows_hash(const EmbeddingTable& table) {
  RowsHash hash = {};
  if (!table.external || !table.attached()) return hash;
  if (table.attached_hash != nullptr) {
    std::memcpy(hash.data(), table.attached_hash, hash.size());
    return hash;
  }
  // Sessions on several threads may compute it at the same time; all get the same value.
  std::uint64_t content = table.content_hash;
  if (content == 0) table.content_hash = content = hash_of(table.stored.matrix());
  std::memcpy(hash.data(), &content, sizeof(content));
  return hash;
}

}  // namespace augur
