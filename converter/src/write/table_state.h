// The state of a table, its rows and keys, by which a delta names what it can be applied to.
#pragma once

#include <string>

#include "augur_generated.h"
#include "common/sha256.h"

namespace augur::convert {

// SHA-256 of the sidecar's rows_hash and its vocabulary's hash, or 32 zeros without one. Throws
// Error if the file states no hash; `path` names it.
Digest table_state(const fb::TableFile& file, const std::string& path);

// Whether the file states the hashes that table_state() needs.
bool has_state(const fb::TableFile& file);

}  // namespace augur::convert
