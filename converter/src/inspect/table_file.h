// A sidecar file, which holds one table's rows, in a form that can be shown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "description/node.h"
#include "inspect/summary.h"

namespace augur::convert {

struct TableFileSummary {
  std::string name;  // the table's, in the model
  std::string model_id;
  std::string rows_hash;     // hexadecimal; empty: the file has none
  bool hash_matches = true;  // the rows have that hash, or the file has none
  uint32_t format = 0;
  TensorSummary rows;
  uint64_t file_bytes = 0;
};

// The bytes say that they are a sidecar file, which may be damaged yet.
bool is_table_file(const std::vector<uint8_t>& file);

// Throws Error, with `name` as the file.
TableFileSummary summarise_table_file(const std::vector<uint8_t>& file, const std::string& name);

std::string table_file_text(const TableFileSummary& summary);
Json table_file_json(const TableFileSummary& summary);

}  // namespace augur::convert
