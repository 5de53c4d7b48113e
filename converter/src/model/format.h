// The number of the file format that a model needs.
#pragma once

#include <cstdint>

#include "augur_generated.h"

namespace augur::convert {

inline constexpr uint32_t kNewestFormat = 3;

// The lowest format that holds the model, which is what a writer states; see docs/file-format.md.
uint32_t lowest_format(const fb::ModelT& model);

}  // namespace augur::convert
