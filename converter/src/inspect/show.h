// Summaries as text for people and as JSON for programs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "description/node.h"
#include "inspect/summary.h"

namespace augur::convert {

// Lines of text whose columns are aligned.

class Columns {
 public:
  // `right` columns, by index, are aligned to the right; the others to the left.
  explicit Columns(std::vector<size_t> right = {}) : right_(std::move(right)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // Each row on a line of its own behind `indent`, columns two spaces apart. Widths count UTF-8
  // characters.
  std::string text(const std::string& indent) const;

 private:
  std::vector<size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

// What the runtime needs for a model.

struct MemoryNeeds {
  size_t file_bytes = 0;        // mapped; the tables are read in place
  size_t arena_bytes = 0;       // the model's: packed weights, operators
  size_t arena_used_bytes = 0;  // of the arena
  size_t session_bytes = 0;     // each session's
};

// What a model's scores were compared with at its conversion, in words.

// "12 expected values of 3 requests, largest difference 3.1e-07, tolerance 1e-05", or that there is
// none, beginning with "unproven" or "unknown".
std::string proof_text(const Proof& proof);

// {"state": "proven", "unproven" or "unknown"} and, if it is proven, the numbers.
Json proof_json(const Proof& proof);

// A model's summary as text for people and as JSON for programs.

// Aligned text, ending with a line feed. `memory` adds what the runtime needs.
std::string summary_text(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);

// The same as an object.
Json summary_json(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);

// The same for a sidecar file.
std::string table_file_text(const TableFileSummary& summary);
Json table_file_json(const TableFileSummary& summary);

}  // namespace augur::convert
