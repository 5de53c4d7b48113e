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

}  // namespace

RowsHash rows_hash(const EmbeddingTable& table) {
  RowsHash hash = {};
  if (!table.external || !table.attached()) return hash;
  if (table.delta_count > 0) {
    std::memcpy(hash.data(), table.deltas[table.delta_count - 1].result, hash.size());
    return hash;
  }
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
