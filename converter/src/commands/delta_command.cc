// augur-convert --delta; see delta_command.h.
#include "commands/delta_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <string_view>

#include "delta/make_delta.h"
#include "error.h"
#include "inspect/show.h"
#include "inspect/summary.h"
#include "text/file.h"
#include "text/text.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

std::optional<KeyFile> read_keys(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return read_key_file(path);
}

// The path of a list of keys without "#member".
std::string path_of(const std::string& keys) {
  return split_member(keys).first;
}

void write(const Delta& delta, const std::string& path) {
  OutputFile out(path, OutputTo::kFile);
  out.write({reinterpret_cast<const char*>(delta.file.data()), delta.file.size()});
  const std::vector<std::string> left = left_behind(path);
  out.finish();
  for (const std::string& file : left)
    unlink(file.c_str());
}

std::string rows_text(const Delta& delta) {
  return std::to_string(delta.rows) + " after " + std::to_string(delta.rows_before) + ": " +
         std::to_string(delta.rows - delta.rows_before) + " new, " +
         std::to_string(delta.changed_rows) + " changed";
}

std::string keys_text(const Delta& delta) {
  return std::to_string(delta.keys_added) + " new, " + std::to_string(delta.keys_moved) +
         " moved to another row, " + std::to_string(delta.keys_removed) + " removed";
}

}  // namespace

void declare(CLI::App& app, DeltaOptions& options) {
  CLI::Option* delta =
      app.add_option("--delta", options.sidecars,
                     "Write what the new one of two sidecar files of a table changes, for "
                     "augur_model_attach_delta")
          ->type_name("OLD NEW")
          ->expected(2);
  app.add_option("--keys-before", options.keys_before,
                 "With --delta: the keys of the old file, if it has a vocabulary and keys were "
                 "removed")
      ->type_name("FILE")
      ->needs(delta);
  app.add_option("--keys-after", options.keys_after,
                 "With --delta: the keys of the new file, if its vocabulary is another")
      ->type_name("FILE")
      ->needs(delta);
}

void run_delta(const DeltaOptions& options, const std::string& out, bool dry_run,
               const Streams& streams) {
  if (out.empty() && !dry_run) throw UsageError("--out is needed: the delta to write");
  require_distinct({{"--delta", options.sidecars.at(0)},
                    {"--delta", options.sidecars.at(1)},
                    {"--keys-before", path_of(options.keys_before)},
                    {"--keys-after", path_of(options.keys_after)}},
                   {{"--out", out}});
  if (!out.empty()) check_writable(out);
  const SidecarFile before = {options.sidecars[0], read_model_file(options.sidecars[0])};
  const SidecarFile after = {options.sidecars[1], read_model_file(options.sidecars[1])};
  const std::optional<KeyFile> keys_before = read_keys(options.keys_before);
  const std::optional<KeyFile> keys_after = read_keys(options.keys_after);
  const Delta delta = make_delta(before, after, keys_before ? &*keys_before : nullptr,
                                 keys_after ? &*keys_after : nullptr);
  if (!dry_run) write(delta, out);
  TextTable table;
  table.add({"table", augur::printable(delta.table)});
  table.add({"rows", rows_text(delta)});
  if (keys_after) table.add({"keys", keys_text(delta)});
  table.add({"size", bytes_text(delta.file.size()) + "; the new sidecar has " +
                         bytes_text(after.bytes.size())});
  table.add({"from", hex_text(delta.base.data(), delta.base.size())});
  table.add({"to", hex_text(delta.result.data(), delta.result.size())});
  streams.out << (out.empty() ? "delta" : out) << (dry_run ? " (not written: --dry-run)" : "")
              << "\n"
              << table.text("  ");
}

}  // namespace augur::convert
