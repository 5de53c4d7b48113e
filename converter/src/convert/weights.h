// The checkpoint under the names that the layout or the description knows.
#pragma once

#include "checkpoint/wrappers.h"
#include "convert/conversion.h"

namespace augur::convert {

// Opens inputs.weights. With a layout (or "auto") names that wrappers have put something in front
// of are tried without it where the layout does not recognise them as they are; with a description
// only if it names none of the tensors as they stand. inputs.prefix is taken off first. Throws
// Error.
checkpoint::NamedCheckpoint open_weights(const ConversionInputs& inputs);

}  // namespace augur::convert
