// What the commands share; see run.h.
#include "commands/run.h"

#include <cstdio>
#include <iostream>
#include <new>

#include "commands/version.h"
#include "error.h"

namespace augur::convert {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail_usage(const std::string& command, const std::string& message) {
  std::cerr << command << ": " << message << "\nRun " << command << " --help for the options.\n";
  return kWrongUsage;
}

}  // namespace

int run_command(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  const std::string command = app.get_name();
  app.set_version_flag("--version", command + " " + version_text());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return fail_usage(command, error.what());
  }
  try {
    body();
    if (std::fflush(stdout) != 0) throw Error("the output cannot be written");
    return 0;
  } catch (const UsageError& error) {
    return fail_usage(command, error.what());
  } catch (const std::bad_alloc&) {
    std::cerr << command << ": not enough memory\n";
  } catch (const std::exception& error) {
    std::cerr << command << ": " << error.what() << "\n";
  }
  return kFailed;
}

}  // namespace augur::convert
