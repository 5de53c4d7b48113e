// The JSON header of a safetensors file, parsed event by event, so that a hostile header cannot
// build a large tree, nest deeply, or hide a duplicate key.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// A tensor with the range [begin, end) of its bytes in the data after the header.
struct SafetensorsEntry {
  TensorInfo info;
  uint64_t begin = 0;
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  std::vector<std::pair<std::string, std::string>> metadata;  // "__metadata__", keys unique
};

// Parses the header's text. Checks types, shapes and each tensor's own offsets, not how tensors lie
// to each other. `file` names the file in messages.
SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& file);

// The format's word for a type ("F32"), or nullptr if it has none.
const char* safetensors_type_name(DType dtype);

}  // namespace augur::checkpoint
