// augur-inspect: what a .augur file holds, in text or JSON, and what memory it needs.
#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <string>

#include "commands/run.h"
#include "commands/runtime.h"
#include "convert/report.h"
#include "error.h"
#include "inspect/show.h"
#include "inspect/summary.h"
#include "inspect/table_file.h"

namespace augur::convert {
namespace {

struct Options {
  std::string model;
  bool json = false;
  bool memory = false;
  MemoryOptions sizes;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("MODEL", options.model, "The model file, or a sidecar file")
      ->required()
      ->type_name("");
  app.add_flag("--json", options.json, "Print JSON");
  CLI::Option* memory = app.add_flag("--memory", options.memory,
                                     "Add the bytes of the model's arena and of a session");
  app.add_option("--max-history", options.sizes.max_history,
                 "With --memory: events that a session keeps, if fewer than the model's limit")
      ->type_name("N")
      ->needs(memory);
  app.add_option("--tile", options.sizes.tile, "With --memory: candidates computed together")
      ->type_name("N")
      ->needs(memory);
}

void run(const Options& options, std::ostream& out) {
  const std::vector<uint8_t> file = read_model_file(options.model);
  if (is_table_file(file)) {
    if (options.memory) {
      throw Error(options.model +
                  ": a sidecar file; --memory is about a model, which needs none "
                  "for it: its rows are read in place");
    }
    const TableFileSummary table = summarise_table_file(file, options.model);
    out << (options.json ? json_text(table_file_json(table)) : printable(table_file_text(table)));
    if (!table.hash_matches) {
      throw Error(options.model + ": its rows are not those of its hash: the file was changed");
    }
    return;
  }
  verify_model(file, options.model);
  check_opens(file, options.model);
  const ModelSummary summary = summarise_model(file, options.model);
  std::optional<MemoryNeeds> memory;
  if (options.memory) memory = measure_memory(file, options.model, options.sizes);
  out << (options.json ? json_text(summary_json(summary, memory))
                       : printable(summary_text(summary, memory)));
  if (!summary.id_matches) {
    throw Error(options.model +
                ": its content is not that of its id: the file was changed after its conversion, "
                "or is damaged");
  }
}

}  // namespace

int run_augur_inspect(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app(
      "Shows what a .augur model file, or the sidecar file of a table, holds.\n"
      "\n"
      "Exit status: 0 done, 1 the file is bad or cannot be read, 2 wrong usage.",
      "augur-inspect");
  Options options;
  declare(app, options);
  return run_command(app, arguments, streams, [&] { run(options, streams.out); });
}

}  // namespace augur::convert
