// Looks rows up, and pools those of fields with several ids.
#include "network/embedding.h"

#include <cstring>

#include "common/finite.h"
#include "common/splitmix64.h"

namespace augur {
namespace {

bool outside(const EmbeddingTable& table, std::int64_t id) {
  return id < 0 || id >= static_cast<std::int64_t>(table.rows());
}

// Whether pooling leaves this id out.
bool skips(const Field& field, std::int64_t id) {
  const std::int64_t known = known_id(*field.table, id);
  return (field.skip_zero && known == 0) ||
         (field.skip_padding && known == field.table->padding_row);
}

void pool(const Field& field, const FieldValues& values, float* out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.id_count; ++i) {
    if (skips(field, values.ids[i])) continue;
    std::uint32_t row = 0;
    if (!find_row(*field.table, values.ids[i], &row)) continue;
    if (field.max && count > 0) {
      field.table->raise(row, out);
    } else {
      field.table->add(row, out);
    }
    ++count;
  }
  if (!field.mean || count == 0) return;
  const auto divisor = static_cast<float>(count);
  for (std::uint32_t k = 0; k < field.width; ++k)
    out[k] /= divisor;
}

}  // namespace

std::int64_t known_id(const EmbeddingTable& table, std::int64_t id) {
  return outside(table, id) && table.out_of_table == AUGUR_TABLE_PADDING_ID ? table.padding_row
                                                                            : id;
}

bool find_row(const EmbeddingTable& table, std::int64_t id, std::uint32_t* row) {
  if (!outside(table, id)) {
    *row = static_cast<std::uint32_t>(id);
    return true;
  }
  switch (table.out_of_table) {
    case AUGUR_TABLE_PADDING_ROW:
    case AUGUR_TABLE_PADDING_ID:
      *row = table.padding_row;
      return true;
    case AUGUR_TABLE_UNKNOWN_ROW:
      *row = table.unknown_row;
      return true;
    case AUGUR_TABLE_HASH:
      *row = table.hash.first_row +
             static_cast<std::uint32_t>(
                 splitmix64(static_cast<std::uint64_t>(id) + table.hash.seed) % table.hash.buckets);
      return true;
    case AUGUR_TABLE_ERROR:
      break;
  }
  return false;
}

void embed(const Field& field, const FieldValues& values, float* out) {
  if (field.kind == AUGUR_NUMBER || field.kind == AUGUR_VECTOR) {
    std::memcpy(out, values.values, field.width * sizeof(float));
    return;
  }
  std::memset(out, 0, field.width * sizeof(float));
  if (field.kind == AUGUR_IDS) return pool(field, values, out);
  std::uint32_t row = 0;
  if (find_row(*field.table, values.ids[0], &row)) field.table->add(row, out);
}

void embed_padding(const FieldGroup& group, float* out) {
  std::memset(out, 0, group.width * sizeof(float));
  for (const Field& field : group.fields) {
    const bool has_row = field.kind == AUGUR_ID ||
                         (field.kind == AUGUR_IDS && !field.skip_zero && !field.skip_padding);
    if (has_row) field.table->add(field.table->padding_row, out + field.offset);
  }
}

void gather_fields(const Span<const Field*>& fields, const float* rows, std::size_t width,
                   std::size_t count, float* out) {
  for (std::size_t row = 0; row < count; ++row) {
    for (const Field* field : fields) {
      std::memcpy(out, rows + row * width + field->offset, field->width * sizeof(float));
      out += field->width;
    }
  }
}

augur_status check_embedded(const float* values, std::size_t count, const char* what,
                            Fault& error) {
  if (all_finite(values, count)) return AUGUR_OK;
  return error.fail(AUGUR_BAD_MODEL,
                    "%s: an embedding table of the model holds a value that is not finite", what);
}

}  // namespace augur
