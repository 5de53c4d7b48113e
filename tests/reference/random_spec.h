// Random members of the whole model family: any field kind, stack, attention, cell, slot, head.
#pragma once

#include <cstdint>

#include "reference/spec.h"

namespace augur::reference {

// The same for the same seed; small enough that the reference scores it quickly.
ModelSpec random_spec(std::uint64_t seed);
// The same with the members for ids and padding that format 3 has: the rule PaddingId, masks by the
// padding id, skip_padding, the oldest events kept, windows.
ModelSpec random_padded_spec(std::uint64_t seed);

}  // namespace augur::reference
