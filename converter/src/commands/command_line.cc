// What all commands share; see command_line.h.
#include "commands/command_line.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <new>

#include "augur/augur.h"
#include "error.h"

namespace augur {
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

int run_command(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  prepare_standard_streams();
  return run_command(app, {argv + 1, argv + argc}, {std::cout, std::cerr}, body);
}

std::string version_text() {
  const unsigned version = augur_version();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

void prepare_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    // open() takes the lowest free number, which is this one.
    if (open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

bool is_standard_output_closed() {
  const int flags = fcntl(STDOUT_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return true;
  pollfd out = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

}  // namespace augur
