// Options that the commands of this folder share.
#pragma once

#include <CLI/CLI.hpp>

#include "commands/command_line.h"
#include "common/open_model.h"

namespace augur::bench {

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
  app.add_option("--delta", tables.deltas,
                 "With --table: a delta of the table's rows; may be repeated, in their order")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false)
      ->needs(files);
}

}  // namespace augur::bench
