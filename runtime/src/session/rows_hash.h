// Identifies the rows of an external table that a saved session was made with.
#pragma once

#include "model/embedding_table.h"

namespace augur {

// A hash of the rows of an external table, to detect other rows: the one that their file states (of
// a delta: its result) or, if it states none, one that the first call computes by reading all rows.
// All zeros for a table in the model's own file. Thread-safe.
RowsHash rows_hash(const EmbeddingTable& table);

}  // namespace augur
