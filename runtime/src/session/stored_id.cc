// Stores, saves and reads ids.
#include "session/stored_id.h"

#include <cstring>

namespace augur {
namespace {

// Behind the key: the row, and what is known of it.
struct Row {
  std::uint32_t row;
  std::uint8_t kind;
  std::uint8_t known;
  std::uint8_t outside;
  std::uint8_t unused;
};
static_assert(sizeof(Row) == 8);

std::size_t key_bytes(const Field& field) {
  return field.id_form == IdForm::kString ? 16 : 8;
}

}  // namespace

std::size_t stored_id_bytes(const Field& field) {
  return key_bytes(field) + (field.id_form == IdForm::kRow ? 0 : sizeof(Row));
}

void store_key(const Field& field, const Id& id, unsigned char* to) {
  std::memcpy(to, &id.low, sizeof(id.low));
  if (field.id_form == IdForm::kString) std::memcpy(to + sizeof(id.low), &id.high, sizeof(id.high));
  ResolvedId resolved;
  resolve(field, id, &resolved);
  const Row row = {resolved.row, static_cast<std::uint8_t>(id.kind),
                   static_cast<std::uint8_t>(resolved.known),
                   static_cast<std::uint8_t>(resolved.outside), 0};
  std::memcpy(to + key_bytes(field), &row, sizeof(row));
}

Id stored_id(const Field& field, const unsigned char* from) {
  Id id;
  std::memcpy(&id.low, from, sizeof(id.low));
  if (field.id_form == IdForm::kRow) return id;
  if (field.id_form == IdForm::kString)
    std::memcpy(&id.high, from + sizeof(id.low), sizeof(id.high));
  Row row;
  std::memcpy(&row, from + key_bytes(field), sizeof(row));
  id.kind = static_cast<Id::Kind>(row.kind);
  return id;
}

ResolvedId stored_row_of_key(const Field& field, const unsigned char* from) {
  Row row;
  std::memcpy(&row, from + key_bytes(field), sizeof(row));
  return {row.row, row.known != 0, row.outside != 0};
}

void save_id(const Field& field, const Id& id, SavedWriter& out) {
  if (field.id_form != IdForm::kRow) out.put(static_cast<std::uint8_t>(id.kind));
  if (id.kind == Id::Kind::kPadding) return;
  out.put(id.low);
  if (field.id_form == IdForm::kString && id.kind == Id::Kind::kKey) out.put(id.high);
}

bool read_saved_id(const Field& field, SavedReader& in, Id* id) {
  *id = {};
  std::uint8_t kind = 0;
  if (field.id_form != IdForm::kRow && !in.get(&kind)) return false;
  if (kind > static_cast<std::uint8_t>(Id::Kind::kPadding)) return false;
  id->kind = static_cast<Id::Kind>(kind);
  if (id->kind == Id::Kind::kPadding) return true;
  if (!in.get(&id->low)) return false;
  const bool has_high = field.id_form == IdForm::kString && id->kind == Id::Kind::kKey;
  return !has_high || in.get(&id->high);
}

}  // namespace augur
