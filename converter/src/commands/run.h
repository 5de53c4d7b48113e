// The commands as functions that print to streams, so that tests can call them.
#pragma once

#include <string>
#include <vector>

#include "commands/command_line.h"

namespace augur::convert {

// `arguments` are those after the command's name. Returns the exit status.
int run_augur_convert(const std::vector<std::string>& arguments, const Streams& streams);
int run_augur_inspect(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace augur::convert
