// The version that the commands print; see version.h.
#include "commands/version.h"

#include "augur/augur.h"

namespace augur::convert {

std::string version_text() {
  constexpr int kVersion = AUGUR_VERSION;
  return std::to_string(kVersion / 10000) + "." + std::to_string(kVersion / 100 % 100) + "." +
         std::to_string(kVersion % 100);
}

}  // namespace augur::convert
