// From an id of a column to a row of its table.
#pragma once

#include "model/embedding_table.h"

namespace augur {

// An id as a column holds it, once the bytes of a string have been hashed.
struct Id {
  enum class Kind : std::uint8_t {
    kKey,     // what the field's IdForm says
    kRow,     // a row of the table, in `low`
    kPadding  // none was given: the padding id
  };
  std::uint64_t low = 0;   // kRow, kInteger: the int64; kString, kHashedString: the hash
  std::uint64_t high = 0;  // kString
  Kind kind = Kind::kKey;
};

// The row that stands for an id.
struct ResolvedId {
  std::uint32_t row = 0;
  // Masks and pooling compare with `row`; false: the id never equals the padding id or 0, whatever
  // row it reads.
  bool known = false;
  // Neither the table nor its vocabulary has the id, so that the table's rule was applied.
  bool outside = false;

  bool is(std::uint32_t other) const { return known && row == other; }
};

// The field's id for a string key.
Id string_id(const Field& field, const char* data, std::size_t length);

// resolve() for all ids that are not rows of the table.
bool resolve_key(const Field& field, const Id& id, ResolvedId* resolved);

// False if the table's rule refuses the id. The field must be AUGUR_ID or AUGUR_IDS.
inline bool resolve(const Field& field, const Id& id, ResolvedId* resolved) {
  const bool is_row = id.kind == Id::Kind::kRow || field.id_form == IdForm::kRow;
  if (!is_row || id.low >= field.table->rows()) return resolve_key(field, id, resolved);
  *resolved = {static_cast<std::uint32_t>(id.low), true, false};
  return true;
}

// Whether resolve() can return false for some key or row of this field.
bool can_refuse(const Field& field);

}  // namespace augur
