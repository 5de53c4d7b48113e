// Identifies the rows and keys that a saved session's pooled embeddings were made with.
#pragma once

#include "model/table_state.h"

namespace augur {

// A hash of the rows of an external table, without deltas, to detect other rows: the one that their
// file states or, if it states none, one that the first call computes by reading all rows. All
// zeros for a table in the model's own file. Saved states of version 2 hold it. Thread-safe.
RowsHash rows_hash(const EmbeddingTable& table);

// The same for the rows with their deltas, and for the vocabulary that maps keys to them, which may
// be another table's. Equal for a sidecar and for the deltas that make the same of an older one.
Digest pooled_state(const EmbeddingTable& table);

}  // namespace augur
