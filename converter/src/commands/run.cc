// What the commands share; see run.h.
#include "commands/run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <ostream>

#include "augur/augur.h"
#include "error.h"
#include "write/standard_streams.h"

namespace augur::convert {

std::string version_text() {
  constexpr int kVersion = AUGUR_VERSION;
  return std::to_string(kVersion / 10000) + "." + std::to_string(kVersion / 100 % 100) + "." +
         std::to_string(kVersion % 100);
}

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail_usage(const std::string& command, const std::string& message, std::ostream& err) {
  err << command << ": " << printable(message) << "\nRun " << command
      << " --help for the options.\n";
  return kWrongUsage;
}

}  // namespace

int run_command(CLI::App& app, std::vector<std::string> arguments, const Streams& streams,
                const std::function<void()>& body) {
  const std::string command = app.get_name();
  app.set_version_flag("--version", command + " " + version_text());
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, streams.out, streams.err);
    return fail_usage(command, error.what(), streams.err);
  }
  try {
    body();
    // A reader that closed the pipe wants no more output; that is no failure.
    if (!streams.out.flush() && !is_standard_output_closed()) {
      throw Error("the output cannot be written");
    }
    return 0;
  } catch (const UsageError& error) {
    return fail_usage(command, error.what(), streams.err);
  } catch (const std::bad_alloc&) {
    streams.err << command << ": not enough memory\n";
  } catch (const std::exception& error) {
    streams.err << command << ": " << printable(error.what()) << "\n";
  }
  return kFailed;
}

}  // namespace augur::convert
