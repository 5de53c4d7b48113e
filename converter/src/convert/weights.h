// The checkpoint under the names that the layout or the description knows.
#pragma once

#include <string>

#include "checkpoint/wrappers.h"
#include "convert/conversion.h"

namespace augur::convert {

// Opens `weights` and does to its names what --prefix and --suffix state (empty: nothing). Throws
// Error.
checkpoint::NamedCheckpoint open_stated(const std::string& weights, const std::string& prefix,
                                        const std::string& suffix);

// Opens inputs.weights, with what inputs.prefix and inputs.suffix state. With a layout (or "auto")
// names that wrappers have put something in front of are tried without it where the layout does not
// recognise them as they are; where the stated layout is not theirs at all, they are under the
// names that the one which fits knows. With a description only if it names none of the tensors as
// they stand. Throws Error.
checkpoint::NamedCheckpoint open_weights(const ConversionInputs& inputs);

// Which layouts fit inputs.weights, behind wrappers' names too, as a sentence that begins with the
// file; or why that cannot be told. Throws Error if the file cannot be read.
std::string fitting_libraries_text(const ConversionInputs& inputs);

}  // namespace augur::convert
