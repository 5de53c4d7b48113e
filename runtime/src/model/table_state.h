// Names what an external table holds now.
#pragma once

#include "common/sha256.h"
#include "model/embedding_table.h"

namespace augur {

// What the table's rows and keys are now, with its deltas: SHA-256 of the sidecar's rows_hash and
// its vocabulary's hash (32 zeros without one), or what the newest delta states as its result.
// false if the files state no hashes.
inline bool table_state(const EmbeddingTable& table, Digest* state) {
  if (table.delta_count > 0) {
    std::memcpy(state->data(), table.deltas[table.delta_count - 1].result, state->size());
    return true;
  }
  const std::uint8_t* keys = table.vocabulary_hash;
  const bool lacks_hash = keys == nullptr && table.vocabulary.slot_count > 0;
  if (table.attached_hash == nullptr || lacks_hash) return false;
  const Digest none = {};
  Sha256 sha;
  sha.add(table.attached_hash, sizeof(RowsHash));
  sha.add(keys == nullptr ? none.data() : keys, none.size());
  *state = sha.digest();
  return true;
}

}  // namespace augur
