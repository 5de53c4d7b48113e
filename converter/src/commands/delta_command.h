// augur-convert --delta: a delta of two sidecar files.
#pragma once

#include <string>
#include <vector>

#include "commands/command_line.h"

namespace augur::convert {

struct DeltaOptions {
  std::vector<std::string> sidecars;  // the old one, the new one; empty: no delta is wanted
  std::string keys_before, keys_after;
};

void declare(CLI::App& app, DeltaOptions& options);

// Writes the delta to `out`, unless it is a dry run, and prints what is in it.
void run_delta(const DeltaOptions& options, const std::string& out, bool dry_run,
               const Streams& streams);

}  // namespace augur::convert
