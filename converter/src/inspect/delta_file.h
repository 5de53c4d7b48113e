// What augur-inspect shows of a delta.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "description/node.h"
#include "inspect/keys.h"
#include "inspect/summary.h"

namespace augur::convert {

struct DeltaFileSummary {
  std::string name;  // the table's, in the model
  std::string model_id;
  std::string base;                       // hexadecimal: the state that it changes ...
  std::string result;                     // ... and the one that it makes
  uint64_t rows = 0;                      // of the table afterwards
  std::optional<TensorSummary> changed;   // changed and new rows
  std::optional<VocabularySummary> keys;  // added, moved and removed
  uint64_t removed_keys = 0;
  ContentHashSummary content_hash;
  uint32_t format = 0;
  uint64_t file_bytes = 0;
};

bool is_delta_file(const std::vector<uint8_t>& file);

// Throws Error, which names the file as `name`, if it is damaged or needs a newer reader.
DeltaFileSummary summarise_delta_file(const std::vector<uint8_t>& file, const std::string& name);

std::string delta_file_text(const DeltaFileSummary& delta);
Json delta_file_json(const DeltaFileSummary& delta);

}  // namespace augur::convert
