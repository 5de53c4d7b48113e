// augur-inspect: what a .augur file holds, in text or JSON, and what memory it needs.
#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "commands/run.h"
#include "convert/outputs.h"
#include "error.h"
#include "inspect/delta_file.h"
#include "inspect/show.h"
#include "inspect/summary.h"
#include "requests/attached_rows.h"
#include "validate/run_model.h"
#include "validate/trace.h"

namespace augur::convert {
namespace {

struct InspectOptions {
  std::string model;
  bool json = false;
  bool memory = false;
  std::vector<std::string> tables;  // NAME=FILE
  bool strict = false;
  std::vector<std::string> keys;  // TABLE=KEY
  MemoryOptions sizes;
  std::string trace;  // a file of requests
};

void declare(CLI::App& app, InspectOptions& options) {
  app.add_option("MODEL", options.model, "The model file, a sidecar file, or a delta")
      ->required()
      ->type_name("");
  CLI::Option* json = app.add_flag("--json", options.json, "Print JSON");
  CLI::Option* tables =
      app.add_option("--table", options.tables,
                     "The sidecar file of a table whose rows are not in the model: tells whether "
                     "they are those of the conversion; may be repeated")
          ->type_name("NAME=FILE")
          ->allow_extra_args(false);
  app.add_flag("--strict", options.strict,
               "With --table: fail unless they are those that the model was converted with")
      ->needs(tables);
  CLI::Option* keys =
      app.add_option(
             "--key", options.keys,
             "Look a key of a table up; fails if it is not in the vocabulary; may be repeated")
          ->type_name("TABLE=KEY")
          ->allow_extra_args(false);
  CLI::Option* memory = app.add_flag("--memory", options.memory,
                                     "Add the bytes of the model's arena and of a session");
  app.add_option("--max-history", options.sizes.max_history,
                 "With --memory: events that a session keeps, if fewer than the model's limit")
      ->type_name("N")
      ->needs(memory);
  app.add_option("--tile", options.sizes.tile, "With --memory: candidates computed together")
      ->type_name("N")
      ->needs(memory);
  app.add_option("--trace", options.trace,
                 "Print what each stage of the network computes for these requests, in float64: a "
                 "JSON line a request; - is the standard input")
      ->type_name("FILE")
      ->excludes(json)
      ->excludes(keys)
      ->excludes(memory);
}

// Throws Error if a sidecar file is not what its hashes say.
void require_unchanged(const TableFileSummary& file, const std::string& path) {
  const char* part = !file.hash_matches                                  ? "rows"
                     : file.vocabulary && !file.vocabulary->hash_matches ? "keys"
                                                                         : nullptr;
  if (part != nullptr) {
    throw Error(path + ": its " + part + " are not those of its hash: the file was changed");
  }
  if (file.content_hash.check == ContentHash::kWrong)
    throw Error(path + ": its content is not that of its content hash: the file was changed");
}

// What was asked for, and the keys that were looked up.
void print(const std::string& text, Json json, const std::vector<FoundKey>& keys,
           const InspectOptions& options, std::ostream& out) {
  if (!keys.empty()) json["found_keys"] = found_keys_json(keys);
  out << (options.json ? json_text(json) : printable(text + found_keys_text(keys)));
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
  std::vector<FoundKey> keys;
  for (const AskedKey& asked : parse_keys(options.keys)) {
    const auto& root = *flatbuffers::GetRoot<fb::TableFile>(file.data());
    keys.push_back(find_key(asked, find_place(asked, root, options.model)));
  }
  print(table_file_text(table), table_file_json(table), keys, options, out);
  require_unchanged(table, options.model);
  require_found(keys);
}

void show_delta_file(const std::vector<uint8_t>& file, const InspectOptions& options,
                     std::ostream& out) {
  if (options.memory || !options.tables.empty() || !options.keys.empty()) {
    throw Error(options.model +
                ": a delta; --memory, --table and --key are for models and "
                "sidecar files");
  }
  const DeltaFileSummary delta = summarise_delta_file(file, options.model);
  print(delta_file_text(delta), delta_file_json(delta), {}, options, out);
  if (delta.content_hash.check != ContentHash::kRight ||
      (delta.keys && !delta.keys->hash_matches)) {
    throw Error(options.model + ": its content is not that of its hash: the file was changed");
  }
}

AttachedSummary summarise_attached(const Sidecar& sidecar, const TableFileSummary& file,
                                   const augur_table_info& table) {
  AttachedSummary summary;
  summary.file = sidecar.path;
  summary.rows = table.rows;
  summary.rows_hash = file.rows_hash;
  summary.hash_matches = file.hash_matches;
  summary.vocabulary = file.vocabulary;
  summary.origin = table.origin == AUGUR_ROWS_OF_CONVERSION ? "conversion"
                   : table.origin == AUGUR_ROWS_OTHER       ? "other"
                                                            : "unknown";
  summary.remark = file.hash_matches
                       ? requests::rows_remark(table)
                       : "are not those of the hash that the file states: it was changed";
  return summary;
}

// A model with the sidecar files that are given for its tables.
struct InspectedModel {
  std::vector<uint8_t> file;
  std::vector<requests::TableFile> tables;
  std::vector<Sidecar> sidecars;
  std::vector<TableFileSummary> files;
  TableFiles roots;
};

// Throws Error if the content of a file is not that of its hashes, or if --strict refuses its rows.
void require_unchanged(const ModelSummary& summary, const InspectedModel& inspected,
                       const augur_model& model, const InspectOptions& options) {
  if (!summary.id_matches) {
    throw Error(options.model +
                ": its content is not that of its id: the file was changed after its conversion, "
                "or is damaged");
  }
  if (summary.content_hash.check == ContentHash::kWrong)
    throw Error(options.model + ": its content is not that of its content hash");
  for (const TableSummary& table : summary.tables) {
    if (table.vocabulary && !table.vocabulary->hash_matches)
      throw Error(options.model + ": the keys of table " + augur::quoted(table.name) +
                  " are not those of their hash: the file was changed");
  }
  for (size_t i = 0; i < inspected.files.size(); ++i)
    require_unchanged(inspected.files[i], inspected.sidecars[i].path);
  requests::check_rows(model, inspected.tables, options.strict);
}

ModelSummary summarise(InspectedModel& inspected, const augur_model& model,
                       const InspectOptions& options) {
  ModelSummary summary = summarise_model(inspected.file, options.model);
  for (const Sidecar& sidecar : inspected.sidecars) {
    inspected.files.push_back(summarise_table_file(sidecar.file, sidecar.path));
    inspected.roots[sidecar.table] = flatbuffers::GetRoot<fb::TableFile>(sidecar.file.data());
    for (TableSummary& table : summary.tables) {
      if (table.name != sidecar.table) continue;
      table.attached = summarise_attached(sidecar, inspected.files.back(),
                                          requests::find_table(model, table.name));
    }
  }
  return summary;
}

void show_model(InspectedModel inspected, const InspectOptions& options, std::ostream& out) {
  verify_model(inspected.file, options.model);
  inspected.tables = requests::parse_table_files(options.tables);
  for (const requests::TableFile& table : inspected.tables)
    inspected.sidecars.push_back({table.table, table.path, read_model_file(table.path)});
  const LoadedModel model(inspected.file, options.model, inspected.sidecars);
  const ModelSummary summary = summarise(inspected, model.get(), options);
  const fb::Model& root = *fb::GetModel(inspected.file.data());
  if (!options.trace.empty()) {
    require_unchanged(summary, inspected, model.get(), options);
    print_traces({root, inspected.sidecars, model.get()}, options.trace, out);
    return;
  }
  std::vector<FoundKey> keys;
  for (const AskedKey& asked : parse_keys(options.keys))
    keys.push_back(find_key(asked, find_place(asked, root, inspected.roots)));
  std::optional<MemoryNeeds> memory;
  if (options.memory) memory = measure_memory(inspected.file, options.model, options.sizes);
  print(summary_text(summary, memory), summary_json(summary, memory), keys, options, out);
  require_unchanged(summary, inspected, model.get(), options);
  require_found(keys);
}

void run(const InspectOptions& options, std::ostream& out) {
  std::vector<uint8_t> file = read_model_file(options.model);
  const bool is_table = is_table_file(file), is_delta = is_delta_file(file);
  if (!options.trace.empty() && (is_table || is_delta))
    throw Error(options.model + ": --trace needs a model, which has layers; this is " +
                (is_table ? "a sidecar file" : "a delta"));
  if (is_table) return show_table_file(file, options, out);
  if (is_delta) return show_delta_file(file, options, out);
  show_model({std::move(file), {}, {}, {}, {}}, options, out);
}

}  // namespace

int run_augur_inspect(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app(
      "Shows what a .augur model file, the sidecar file of a table, or a delta of one holds.\n"
      "\n"
      "Exit status: 0 done, 1 the file is bad or cannot be read, 2 wrong usage.",
      "augur-inspect");
  InspectOptions options;
  declare(app, options);
  return run_command(app, arguments, streams, [&] { run(options, streams.out); });
}

}  // namespace augur::convert
