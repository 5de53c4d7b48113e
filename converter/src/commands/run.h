// What the commands share: parsing, messages to stderr, exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>

namespace augur::convert {

// A command line that cannot be obeyed: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Parses the command line (adding --version) and runs `body`. Returns the exit status: 0 done, 1
// failed, 2 wrong usage. Failures are printed to stderr as "<command>: <message>".
int run_command(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace augur::convert
