// What all commands share, augur-rank and augur-bench included: the command line, messages, the
// exit status, the version, the standard streams.
#pragma once

#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace augur {

// A command line that cannot be obeyed: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a command prints: what was asked for, and failures.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// Parses the arguments (without the command's name; --version is added) and runs `body`. Returns
// the exit status: 0 done, 1 failed, 2 wrong usage. Failures are printed as "<command>: <message>".
int run_command(CLI::App& app, std::vector<std::string> arguments, const Streams& streams,
                const std::function<void()>& body);

// The same for main(): on the standard streams, which are prepared first.
int run_command(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

// The version that the commands print and write into models: "0.6.0".
std::string version_text();

// To be called first in main(). A standard stream that is closed is replaced by /dev/null, opened
// in the wrong direction: so no file that the command opens gets its number, and using the stream
// still fails. Writing to a pipe that nobody reads becomes an error instead of a signal.
void prepare_standard_streams();

// Whether the standard output was closed, or is a pipe whose reader went away.
bool is_standard_output_closed();

}  // namespace augur
