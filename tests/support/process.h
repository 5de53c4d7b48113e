// Runs the built commands as a person would, and keeps what they printed.
#pragma once

#include <string>
#include <vector>

namespace augur::tools_test {

struct Result {
  int status = 0;  // the exit status; 128 + n after signal n
  std::string out;
  std::string err;
};

// Runs `program` (under the emulator, where the tests themselves run under one) and waits for it.
Result run(const std::string& program, const std::vector<std::string>& arguments,
           const std::string& standard_input = "");

// As run(), of a program that answers while it reads: the standard input is a pipe, and `rest`
// comes a little more than a second after the program has answered something of `first`. The
// standard error may be a terminal.
Result run_with_pause(const std::string& program, const std::vector<std::string>& arguments,
                      const std::string& first, const std::string& rest, bool on_terminal);

}  // namespace augur::tools_test
