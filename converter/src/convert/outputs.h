// What a conversion writes: the report of augur-convert --report, and all files together.
#pragma once

#include <iosfwd>
#include <string>

#include "convert/conversion.h"

namespace augur::convert {

// The JSON that augur-convert --report writes: what went into the model and what did not.

// docs/conversion.md describes its keys. `out` is the model's file.
Json make_report(const Conversion& conversion, const std::string& out);

// JSON as text, two spaces a level, ending with a line feed. Names that are not UTF-8 are mended.
std::string json_text(const Json& json);

// Writes the files of a conversion, all or none.

// The report (unless its path is empty) and the sidecars, and then the model, whose coming into its
// place makes the run valid. Throws Error; every file is then as it was. Files that a killed run
// left beside them are named on `err`, and removed once this run's are in their places.
void write_files(const Conversion& conversion, const std::string& out,
                 const std::string& report_path, const std::string& report, std::ostream& err);

}  // namespace augur::convert
