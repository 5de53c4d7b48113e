// What the commands of this folder share: how they start, fail and open a model.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "augur/augur.h"
#include "error.h"

namespace augur::bench {

// "0.1.0"
inline std::string version_text() {
  const unsigned version = augur_version();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

// Parses the command line and runs `body`. Returns the exit status: 0 done, 1 failed (with a
// message), 2 wrong usage.
template <typename Body>
int run_command(CLI::App& app, int argc, char** argv, Body body) {
  app.set_version_flag("--version", app.get_name() + " " + version_text());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto failed = [&](const char* why) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), why);
    return 1;
  };
  try {
    body();
  } catch (const std::bad_alloc&) {
    return failed("there is not enough memory");
  } catch (const std::exception& error) {
    return failed(error.what());
  }
  return 0;
}

// A model opened from a file. Throws Error with the runtime's reason.
class OpenModel {
 public:
  explicit OpenModel(const std::string& path) {
    augur_error error = {};
    error.struct_size = sizeof error;
    const augur_status status = augur_model_open_file(path.c_str(), nullptr, &model_, &error);
    if (status == AUGUR_OK) return;
    throw Error(std::string(error.message) + " (" + augur_status_name(status) + ")");
  }
  ~OpenModel() { augur_model_close(model_); }
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;

  // Gives a table the rows of a sidecar file. Throws Error likewise.
  void attach(const std::string& table, const std::string& path) {
    augur_error error = {};
    error.struct_size = sizeof error;
    const augur_status status =
        augur_model_attach_table(model_, table.c_str(), path.c_str(), &error);
    if (status == AUGUR_OK) return;
    throw Error(std::string(error.message) + " (" + augur_status_name(status) + ")");
  }

  const augur_model& get() const { return *model_; }

 private:
  augur_model* model_ = nullptr;
};

}  // namespace augur::bench
