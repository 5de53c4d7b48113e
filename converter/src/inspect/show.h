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

// Rows of text, printed with aligned columns.
class TextTable {
 public:
  // `right` columns, by index, are aligned to the right; the others to the left.
  explicit TextTable(std::vector<size_t> right = {}) : right_(std::move(right)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // Each row on its own line behind `indent`, columns two spaces apart. Widths are counted in UTF-8
  // characters.
  std::string text(const std::string& indent) const;

 private:
  std::vector<size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

// The number in printf's `format`; "not defined" for NaN.
std::string measured_text(const char* format, double value);
// The number, or null if it is not finite, because JSON has no such numbers.
Json number_json(double value);

// The memory that the runtime needs for a model, in bytes.
struct MemoryNeeds {
  size_t file_bytes = 0;        // mapped; the tables are read in place
  size_t arena_bytes = 0;       // the model's: packed weights, operators
  size_t arena_used_bytes = 0;  // of the arena
  size_t session_bytes = 0;     // of each session
};

// What an unproven model lacks, and how to prove it.
inline constexpr const char* kToProve =
    "nothing shows that its scores are those of the trained model. To prove it, let the library "
    "score "
    "some requests, and convert with --validate REQUESTS.jsonl --expect SCORES.jsonl";

// "12 expected values of 3 requests, largest difference 3.1e-07, tolerance 1e-05"; without expected
// values a text that begins with "unproven" or "unknown".
std::string proof_text(const Proof& proof);
// {"state": "proven", "unproven" or "unknown"}; with the numbers if it is proven, else with
// "to_prove".
Json proof_json(const Proof& proof);

// A model's summary as aligned text that ends with a line feed, or as a JSON object. `memory` adds
// what the runtime needs.
std::string summary_text(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);
Json summary_json(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);

// The same for a sidecar file.
std::string table_file_text(const TableFileSummary& summary);
Json table_file_json(const TableFileSummary& summary);

}  // namespace augur::convert
