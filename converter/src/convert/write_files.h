// Writes the files of a conversion, all or none.
#pragma once

#include <iosfwd>
#include <string>

#include "convert/conversion.h"

namespace augur::convert {

// The report (unless its path is empty) and the sidecars, and then the model, whose coming into its
// place makes the run valid. Throws Error; every file is then as it was. Files that a killed run
// left beside them are named on `err`, and removed once this run's are in their places.
void write_files(const Conversion& conversion, const std::string& out,
                 const std::string& report_path, const std::string& report, std::ostream& err);

}  // namespace augur::convert
