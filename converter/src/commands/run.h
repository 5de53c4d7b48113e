// What the commands share: version, parsing, messages, exit status. They print to streams, so that
// tests can call them like functions.
#pragma once

#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace augur::convert {

// The version that the commands print and write into models: "0.2.0".
std::string version_text();

// A wrong command line: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a command prints results, and warnings and failures.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// Parses the arguments (without the command's name; --version is added) and runs `body`. Returns
// the exit status: 0 done, 1 failed, 2 wrong usage. Failures are printed as "<command>: <message>".
int run_command(CLI::App& app, std::vector<std::string> arguments, const Streams& streams,
                const std::function<void()>& body);

// The commands. `arguments` are those after the command's name.
int run_augur_convert(const std::vector<std::string>& arguments, const Streams& streams);
int run_augur_inspect(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace augur::convert
