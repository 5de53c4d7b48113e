// The JSON that augur-convert --report writes: what went into the model and what did not.
#pragma once

#include <string>

#include "convert/conversion.h"

namespace augur::convert {

// docs/conversion.md describes its keys. `out` is the model's file.
Json make_report(const Conversion& conversion, const std::string& out);

// JSON as text, two spaces a level, ending with a line feed. Names that are not UTF-8 are mended.
std::string json_text(const Json& json);

}  // namespace augur::convert
