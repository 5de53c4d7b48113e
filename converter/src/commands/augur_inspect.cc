// augur-inspect: what a .augur file holds, in text or JSON, and what memory it needs.
#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "commands/run.h"
#include "convert/outputs.h"
#include "error.h"
#include "inspect/show.h"
#include "inspect/summary.h"
#include "requests/attached_rows.h"
#include "validate/run_model.h"

namespace augur::convert {
namespace {

struct InspectOptions {
  std::string model;
  bool json = false;
  bool memory = false;
  std::vector<std::string> tables;  // NAME=FILE
  bool strict = false;
  MemoryOptions sizes;
};

void declare(CLI::App& app, InspectOptions& options) {
  app.add_option("MODEL", options.model, "The model file, or a sidecar file")
      ->required()
      ->type_name("");
  app.add_flag("--json", options.json, "Print JSON");
  CLI::Option* tables =
      app.add_option("--table", options.tables,
                     "The sidecar file of a table whose rows are not in the model: tells whether "
                     "they are those of the conversion; may be repeated")
          ->type_name("NAME=FILE")
          ->allow_extra_args(false);
  app.add_flag("--strict", options.strict,
               "With --table: fail unless they are those that the model was converted with")
      ->needs(tables);
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

std::string changed_rows(const std::string& path) {
  return path + ": its rows are not those of its hash: the file was changed";
}

void show_table_file(const std::vector<uint8_t>& file, const InspectOptions& options,
                     std::ostream& out) {
  if (options.memory) {
    throw Error(options.model +
                ": a sidecar file; --memory is about a model, which needs none for it: its rows "
                "are read in place");
  }
  if (!options.tables.empty()) {
    throw Error(options.model + ": a sidecar file; --table is for the model that it belongs to");
  }
  const TableFileSummary table = summarise_table_file(file, options.model);
  out << (options.json ? json_text(table_file_json(table)) : printable(table_file_text(table)));
  if (!table.hash_matches) throw Error(changed_rows(options.model));
}

AttachedSummary summarise_attached(const Sidecar& sidecar, const augur_table_info& table) {
  const TableFileSummary file = summarise_table_file(sidecar.file, sidecar.path);
  AttachedSummary summary;
  summary.file = sidecar.path;
  summary.rows = table.rows;
  summary.rows_hash = file.rows_hash;
  summary.hash_matches = file.hash_matches;
  summary.origin = table.origin == AUGUR_ROWS_OF_CONVERSION ? "conversion"
                   : table.origin == AUGUR_ROWS_OTHER       ? "other"
                                                            : "unknown";
  summary.remark = file.hash_matches
                       ? requests::rows_remark(table)
                       : "are not those of the hash that the file states: it was changed";
  return summary;
}

void run(const InspectOptions& options, std::ostream& out) {
  const std::vector<uint8_t> file = read_model_file(options.model);
  if (is_table_file(file)) return show_table_file(file, options, out);
  verify_model(file, options.model);
  const std::vector<requests::TableFile> tables = requests::parse_table_files(options.tables);
  std::vector<Sidecar> sidecars;
  for (const requests::TableFile& table : tables)
    sidecars.push_back({table.table, table.path, read_model_file(table.path)});
  const LoadedModel model(file, options.model, sidecars);
  ModelSummary summary = summarise_model(file, options.model);
  for (const Sidecar& sidecar : sidecars) {
    for (TableSummary& table : summary.tables) {
      if (table.name != sidecar.table) continue;
      table.attached = summarise_attached(sidecar, requests::find_table(model.get(), table.name));
    }
  }
  std::optional<MemoryNeeds> memory;
  if (options.memory) memory = measure_memory(file, options.model, options.sizes);
  out << (options.json ? json_text(summary_json(summary, memory))
                       : printable(summary_text(summary, memory)));
  if (!summary.id_matches) {
    throw Error(options.model +
                ": its content is not that of its id: the file was changed after its conversion, "
                "or is damaged");
  }
  for (const TableSummary& table : summary.tables) {
    if (table.attached && !table.attached->hash_matches)
      throw Error(changed_rows(table.attached->file));
  }
  requests::check_rows(model.get(), tables, options.strict);
}

}  // namespace

int run_augur_inspect(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app(
      "Shows what a .augur model file, or the sidecar file of a table, holds.\n"
      "\n"
      "Exit status: 0 done, 1 the file is bad or cannot be read, 2 wrong usage.",
      "augur-inspect");
  InspectOptions options;
  declare(app, options);
  return run_command(app, arguments, streams, [&] { run(options, streams.out); });
}

}  // namespace augur::convert
