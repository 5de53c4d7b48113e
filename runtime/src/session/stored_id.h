// How a session keeps an id of the app's: as it was given, so that it outlives the rows of a table,
// and with the row that stands for it, so that a key is looked up once.
#pragma once

#include <cstring>

#include "network/keys.h"
#include "session/saved_bytes.h"

namespace augur {

// The bytes that an id of this field takes: 8 for rows, 16 for 64-bit keys and hashes, 24 for
// strings; a multiple of 8.
std::size_t stored_id_bytes(const Field& field);

// store_id() and stored_row() where ids are not rows.
void store_key(const Field& field, const Id& id, unsigned char* to);
ResolvedId stored_row_of_key(const Field& field, const unsigned char* from);

// Writes the id to `to`, at any alignment. The table's rule must not refuse it.
inline void store_id(const Field& field, const Id& id, unsigned char* to) {
  if (field.id_form != IdForm::kRow) return store_key(field, id, to);
  std::memcpy(to, &id.low, sizeof(id.low));
}

// What store_id() has written.
Id stored_id(const Field& field, const unsigned char* from);
inline ResolvedId stored_row(const Field& field, const unsigned char* from) {
  if (field.id_form != IdForm::kRow) return stored_row_of_key(field, from);
  Id id;
  std::memcpy(&id.low, from, sizeof(id.low));
  ResolvedId resolved;
  resolve(field, id, &resolved);
  return resolved;
}

// As a saved state holds it: 8 bytes where ids are rows; else one byte, the Id::Kind, and 8 bytes
// for integers, hashes and rows, 16 for strings, none for padding.
void save_id(const Field& field, const Id& id, SavedWriter& out);
// False if the bytes end too early, or are not an id of this field.
bool read_saved_id(const Field& field, SavedReader& in, Id* id);

}  // namespace augur
