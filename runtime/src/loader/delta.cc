// Reads deltas.
#include "loader/delta.h"

#include <cstring>

#include "common/finite.h"
#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

// Checks that `changed` is ascending, within the table, and has all new rows.
augur_status check_changed(Reader& reader, const Span<const std::uint32_t>& changed,
                           std::uint32_t rows_before, std::uint32_t rows) {
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (i > 0 && changed[i] <= changed[i - 1]) {
      return reader.bad("its changed rows are not ascending: %u comes after %u", changed[i],
                        changed[i - 1]);
    }
    if (changed[i] >= rows)
      return reader.bad("it changes row %u, but has %u rows", changed[i], rows);
  }
  // The last entries are ascending and below `rows`, so that the first of them decides.
  const std::uint32_t added = rows - rows_before;
  if (added == 0) return AUGUR_OK;
  if (changed.size() < added || changed[changed.size() - added] != rows_before) {
    return reader.bad("it makes %u rows of %u, but does not hold all new rows", rows, rows_before);
  }
  return AUGUR_OK;
}

augur_status check_state(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table) {
  Digest state = {};
  if (file->base()->size() != state.size() || file->result()->size() != state.size()) {
    return reader.bad("its states have %u and %u bytes, expected %zu", file->base()->size(),
                      file->result()->size(), state.size());
  }
  if (!table_state(table, &state)) {
    return reader.bad(
        "the attached sidecar states no hash of its rows or keys, so that a delta cannot be "
        "applied; convert the table anew");
  }
  if (std::memcmp(file->base()->data(), state.data(), state.size()) == 0) return AUGUR_OK;
  if (std::memcmp(file->result()->data(), state.data(), state.size()) == 0)
    return reader.bad("it is attached already: the table is in the state that it makes");
  return reader.bad(
      "it was made for another state of the table; attach the deltas in their order, or a full "
      "sidecar (the table has %u deltas)",
      table.delta_count);
}

// Checks that the padding row, if it has changed, is finite.
augur_status check_padding(Reader& reader, const EmbeddingTable& table, const TableDelta& delta) {
  for (std::size_t i = 0; i < delta.changed.size(); ++i) {
    if (delta.changed[i] != table.padding_row) continue;
    delta.stored.read(static_cast<std::uint32_t>(i), table.row_memory);
    if (all_finite(table.row_memory, table.width)) return AUGUR_OK;
    return reader.bad("row %u, the padding, holds a value that is not finite", table.padding_row);
  }
  return AUGUR_OK;
}

augur_status read_rows(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table,
                       TableDelta* delta) {
  const std::uint32_t before = table.rows();
  delta->rows = file->rows();
  if (delta->rows < before || delta->rows > kMaxRows) {
    return reader.bad(
        "it makes %u rows of %u; a delta cannot remove rows, and a table has at most %u",
        delta->rows, before, kMaxRows);
  }
  const auto* changed = file->changed();
  const std::uint32_t count = changed == nullptr ? 0 : changed->size();
  if (count > 0) delta->changed = {changed->data(), count};
  AUGUR_TRY(check_changed(reader, delta->changed, before, delta->rows));
  if (count == 0) {
    return reader.expect(file->weights() == nullptr, "it has weights, but no changed rows");
  }
  AUGUR_TRY(reader.rows(file->weights(), "weights", &delta->stored));
  if (delta->stored.rows() != count || delta->stored.columns() != table.width) {
    return reader.bad("its weights have the shape [%u, %u], expected [%u, %u]",
                      delta->stored.rows(), delta->stored.columns(), count, table.width);
  }
  return check_padding(reader, table, *delta);
}

augur_status read_keys(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table,
                       TableDelta* delta) {
  if (file->vocabulary() == nullptr) return AUGUR_OK;
  if (table.keys != &table)
    return reader.bad("it has a vocabulary, but the table has none of its own");
  const std::uint8_t* hash = nullptr;
  return load_vocabulary(reader, file->vocabulary(), table.key_type, delta->rows, true,
                         &delta->vocabulary, &hash);
}

}  // namespace

augur_status read_delta(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table,
                        TableDelta* delta) {
  AUGUR_TRY(check_state(reader, file, table));
  AUGUR_TRY(read_rows(reader, file, table, delta));
  AUGUR_TRY(read_keys(reader, file, table, delta));
  delta->result = file->result()->data();
  return AUGUR_OK;
}

}  // namespace augur
