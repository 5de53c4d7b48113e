// Checks untrusted bytes, so that the FlatBuffer in them is safe to read.
#pragma once

#include <cstddef>

#include "augur_generated.h"
#include "common/error.h"

namespace augur {

// Checks identifier, structure and format version. `name` is for messages. The model points into
// `data`.
augur_status verify_model_file(const void* data, std::size_t bytes, const char* name,
                               const fb::Model** model, Fault& error);
// As verify_model_file(), for the sidecar file of a table.
augur_status verify_table_file(const void* data, std::size_t bytes, const char* name,
                               const fb::TableFile** table, Fault& error);

// As verify_model_file(), for a delta of a table.
augur_status verify_delta_file(const void* data, std::size_t bytes, const char* name,
                               const fb::TableDelta** delta, Fault& error);

}  // namespace augur
