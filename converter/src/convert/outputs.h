// What a conversion writes: the report of augur-convert --report, and all files together.
#pragma once

#include <iosfwd>
#include <string>

#include "convert/conversion.h"

namespace augur::convert {

// The JSON of --report: what went into the model and what did not; docs/options.md describes its
// keys. `out` is the model's file.
Json make_report(const Conversion& conversion, const std::string& out);

// JSON as text, indented by two spaces a level, with a line feed at the end. Bytes that are not
// UTF-8 are replaced.
std::string json_text(const Json& json);

// Writes all files or none: the report (unless its path is empty), the sidecars and, last, the
// model. Throws Error; every file is then unchanged. Temporary files that a killed run left behind
// are named on `err`, and removed when this run's files are in place.
void write_files(const Conversion& conversion, const std::string& out,
                 const std::string& report_path, const std::string& report, std::ostream& err);

}  // namespace augur::convert
