// A model's summary as text for people and as JSON for programs.
#pragma once

#include <optional>
#include <string>

#include "description/node.h"
#include "inspect/memory.h"
#include "inspect/summary.h"

namespace augur::convert {

// Aligned text, ending with a line feed. `memory` adds what the runtime needs.
std::string summary_text(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);

// The same as an object.
Json summary_json(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory);

}  // namespace augur::convert
