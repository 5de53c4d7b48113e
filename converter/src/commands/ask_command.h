// augur-convert --ask: what a layout still has to be told, as a file to be filled in.
#pragma once

#include "commands/command_line.h"
#include "commands/convert_options.h"
#include "convert/conversion.h"

namespace augur::convert {

// Writes the open questions to options.ask if one of them needs an answer, and throws Error, which
// names them. Otherwise writes them only if nothing else is asked for. Returns whether the command
// is done: false if the conversion should go on.
bool ask_open_questions(const ConvertOptions& options, const ConversionInputs& inputs,
                        const Streams& streams);

}  // namespace augur::convert
