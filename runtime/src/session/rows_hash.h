// Which rows of an external table a saved session was made with.
#pragma once

#include "model/embedding_table.h"

namespace augur {

// Differs for other rows of an external table: the hash that their file states or, if it states
// none, one for which they are read through, the first time. All zeros for a table of the model's
// own file. Thread-safe.
RowsHash rows_hash(const EmbeddingTable& table);

}  // namespace augur
