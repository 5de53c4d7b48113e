// The version that the commands print and write into models.
#pragma once

#include <string>

namespace augur::convert {

// "0.2.0"
std::string version_text();

}  // namespace augur::convert
