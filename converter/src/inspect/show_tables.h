// Tables and sidecar files as text and as JSON; parts of show.h.
#pragma once

#include <string>

#include "inspect/summary.h"

namespace augur::convert {

// The tables of a model, a line each, and what is known of their keys and sidecar files.
std::string tables_text(const ModelSummary& summary);
Json table_json(const TableSummary& table);

// "none", or the hash and whether it is that of the file.
std::string content_hash_text(const ContentHashSummary& hash);
Json content_hash_json(const ContentHashSummary& hash);

}  // namespace augur::convert
