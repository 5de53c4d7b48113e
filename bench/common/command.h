// What augur-rank and augur-bench share: reading the command line, reporting errors.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "common/open_model.h"
#include "error.h"
#include "write/standard_streams.h"

namespace augur::bench {

// "0.2.0"
inline std::string version_text() {
  const unsigned version = augur_version();
  return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

// Parses the command line and runs `body`. Returns the exit status: 0 done, 1 failed (with a
// message), 2 wrong usage.
template <typename Body>
int run_command(CLI::App& app, int argc, char** argv, Body body) {
  prepare_standard_streams();
  app.set_version_flag("--version", app.get_name() + " " + version_text());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto failed = [&](const char* why) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(), printable(why).c_str());
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

// --table, which may be repeated, and --strict.
inline void add_table_options(CLI::App& app, TableOptions& tables) {
  CLI::Option* files =
      app.add_option("--table", tables.files,
                     "The sidecar file of a table whose rows are not in the model; may be repeated")
          ->type_name("NAME=FILE")
          ->allow_extra_args(false);
  app.add_flag("--strict", tables.strict,
               "With --table: refuse rows that are not those that the model was converted with")
      ->needs(files);
}

}  // namespace augur::bench
