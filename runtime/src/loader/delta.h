// Deltas: changed and new rows and keys of an external table.
#pragma once

#include "loader/reader.h"
#include "model/table_state.h"

namespace augur {

// Checks everything about a delta for the table as it is now, and makes it readable in place.
// Nothing changes. The file's content hash must have been checked.
augur_status read_delta(Reader& reader, const fb::TableDelta* file, const EmbeddingTable& table,
                        TableDelta* delta);

}  // namespace augur
