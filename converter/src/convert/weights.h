// The checkpoint under the names that the layout or the description knows.
#pragma once

#include "checkpoint/wrappers.h"
#include "convert/conversion.h"

namespace augur::convert {

// Opens `weights` and does to its names what --prefix and --suffix state (empty: nothing). Throws
// Error.
checkpoint::NamedCheckpoint open_stated(const std::string& weights, const std::string& prefix,
                                        const std::string& suffix);

// Opens inputs.weights, with what inputs.prefix and inputs.suffix state. With a layout (or "auto")
// names that wrappers have put something in front of are tried without it where the layout does not
// recognise them as they are; with a description only if it names none of the tensors as they
// stand. Throws Error.
checkpoint::NamedCheckpoint open_weights(const ConversionInputs& inputs);

}  // namespace augur::convert
