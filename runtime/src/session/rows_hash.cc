// Hashes a table's rows.
#include "session/rows_hash.h"

#include <cstring>

#include "common/splitmix64.h"

namespace augur {
namespace {

std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t hash) {
  if (bytes == nullptr) return hash;
  const auto* from = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i, size - i < sizeof(word) ? size - i : sizeof(word));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return splitmix64(hash ^ size);
}

// A hash of all rows. It is never 0, which stands for a hash that was not computed.
std::uint64_t hash_of(const StoredMatrix& rows) {
  const std::uint32_t form[] = {static_cast<std::uint32_t>(rows.type),
                                static_cast<std::uint32_t>(rows.scale_type), rows.group_size};
  const std::uint32_t shape[] = {rows.rows, rows.columns};
  const std::size_t scales =
      std::size_t{rows.rows} * StoredRows::groups(rows.columns, rows.group_size);
  std::uint64_t hash = hash_bytes(form, sizeof(form), 0);
  hash = hash_bytes(shape, sizeof(shape), hash);
  hash = hash_bytes(
      rows.data,
      rows.rows * static_cast<std::size_t>(StoredRows::row_bytes(rows.type, rows.columns)), hash);
  hash =
      hash_bytes(rows.scales,
                 scales * static_cast<std::size_t>(StoredRows::scale_bytes(rows.scale_type)), hash);
  hash = hash_bytes(rows.offsets, scales, hash);
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
