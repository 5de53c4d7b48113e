// Deltas: changed and new rows and keys of an external table.
#pragma once

#include "common/sha256.h"
#include "loader/reader.h"
#include "model/embedding_table.h"

namespace augur {

// What the table's rows and keys are now, with its deltas: SHA-256 of the sidecar's rows_hash and
// its vocabulary's hash (32 zeros without one), or what the newest delta states as its result.
// false if the files state no hashes.
bool table_state(const EmbeddingTable& table, Digest* state);

// Checks everything about a delta for the table as it is now, and makes it readable in place.
// Nothing changes. The file's content hash must have been checked.
augur_status read_delta(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table,
                        TableDelta* delta);

}  // namespace augur
