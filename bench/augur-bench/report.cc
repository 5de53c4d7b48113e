// What was measured, as text and as JSON; see report.h.
#include "augur-bench/report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "augur-bench/process.h"
#include "commands/command_line.h"
#include "error.h"

namespace augur::bench {
namespace {

template <typename... Values>
std::string format(const char* form, Values... values) {
  char text[160];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

// "812.3 µs", "1.23 ms"; six characters and a unit of two.
std::string time_text(double seconds) {
  if (seconds < 1e-3) return format("%6.1f µs", seconds * 1e6);
  if (seconds < 1) return format("%6.2f ms", seconds * 1e3);
  return format("%6.2f s ", seconds);
}

std::string bytes_text(size_t bytes) {
  const auto value = static_cast<double>(bytes);
  return bytes < 1000000 ? format("%.1f KB", value / 1e3) : format("%.2f MB", value / 1e6);
}

std::string id_text(const uint8_t (&id)[32]) {
  std::string text;
  for (const uint8_t byte : id)
    text += format("%02x", static_cast<unsigned>(byte));
  return text;
}

// "on cores 4,5,6,7, a call every 100 ms".
std::string conditions_text(const BenchOptions& options) {
  std::string text;
  for (const unsigned core : options.cores)
    text += (text.empty() ? "on cores " : ",") + std::to_string(core);
  if (options.repetition.pace > 0) {
    text += format("%sa call every %g ms", text.empty() ? "" : ", ", options.repetition.pace * 1e3);
  }
  return text;
}

// Microseconds, to the nanosecond.
double micro(double seconds) {
  return std::round(seconds * 1e9) / 1e3;
}

nlohmann::ordered_json times_json(const Times& times) {
  return {{"calls", times.calls},
          {"min_us", micro(times.min)},
          {"p50_us", micro(times.median)},
          {"p90_us", micro(times.p90)},
          {"p99_us", micro(times.p99)}};
}

nlohmann::ordered_json scores_json(const ScoresDigest& scores) {
  return {{"count", scores.count},
          {"bits", format("%016llx", static_cast<unsigned long long>(scores.bits))},
          {"sum", scores.sum},
          {"weighted_sum", scores.weighted_sum},
          {"samples", scores.samples}};
}

nlohmann::ordered_json case_json(const CaseResult& one) {
  nlohmann::ordered_json json = {{"history", one.history},
                                 {"candidates", one.candidates},
                                 {"threads", one.threads},
                                 {"session_bytes", one.session_bytes},
                                 {"first_rank_us", micro(one.first)},
                                 {"new_user_rank_us", micro(one.new_user)},
                                 {"rank", times_json(one.rank)}};
  if (one.append.calls > 0) json["append_and_rank"] = times_json(one.append);
  json["scores"] = scores_json(one.scores);
  return json;
}

nlohmann::ordered_json run_json(const BenchOptions& options, const BenchResult& result) {
  nlohmann::ordered_json json;
  if (!options.cores.empty()) json["affinity"] = options.cores;
  json["isa"] = isa_in_use();
  json["pace_ms"] = options.repetition.pace * 1e3;
  json["sessions"] = options.sessions;
  json["first_of_process"] = {{"open_us", micro(result.cold.open)},
                              {"create_us", micro(result.cold.create)},
                              {"rank_us", micro(result.cold.rank)}};
  json["open_us"] = micro(result.open);
  json["create_us"] = micro(result.create);
  if (result.resident_growth) {
    json["memory"] = {{"resident_growth_bytes", *result.resident_growth}};
  }
  for (const Lookups& one : result.lookups) {
    json["lookups"].push_back({{"table", one.table},
                               {"keys", one.keys},
                               {"known", one.known},
                               {"ns", std::round(one.seconds * 1e10) / 10}});
  }
  for (const CaseResult& one : result.cases)
    json["cases"].push_back(case_json(one));
  return json;
}

}  // namespace

std::string text_report(const BenchOptions& options, const BenchResult& result) {
  const augur_model_info& info = result.declared.info;
  std::string text = info.name + format(" (%.8s...)\n", id_text(info.id).c_str());
  text += "  file " + bytes_text(info.file_bytes) + ", arena " + bytes_text(info.arena_used_bytes) +
          ", session " + bytes_text(result.cases.empty() ? 0 : result.cases.back().session_bytes) +
          "\n";
  text += "  open " + time_text(result.open) + ", create " + time_text(result.create) +
          (options.sessions == 1 ? "" : format(", %zu sessions at once", options.sessions)) +
          ", kernels: " + isa_in_use() + "\n";
  if (!result.cases.empty()) {
    text += "  first of the process: open " + time_text(result.cold.open) + ", create " +
            time_text(result.cold.create) + ", rank " + time_text(result.cold.rank) +
            format(" (%zu events, %zu candidates)\n", result.cases[0].history,
                   result.cases[0].candidates);
  }
  if (!options.cores.empty() || options.repetition.pace > 0) {
    text += "  " + conditions_text(options) + "\n";
  }
  for (const Lookups& one : result.lookups) {
    text += "  keys of table " + augur::quoted(one.table) +
            format(": %zu, of which it has %zu; %.0f ns a lookup\n", one.keys, one.known,
                   one.seconds * 1e9);
  }
  text +=
      "\n                                 first        new ---------------- rank again "
      "---------------    append\n"
      "history  candidates  threads      rank       user     median        p90        p99        "
      "min    + rank\n";
  for (const CaseResult& one : result.cases) {
    text += format("%7zu  %10zu  %7u", one.history, one.candidates, one.threads) + " " +
            time_text(one.first) + "  " + time_text(one.new_user) + "  " +
            time_text(one.rank.median) + "  " + time_text(one.rank.p90) + "  " +
            time_text(one.rank.p99) + "  " + time_text(one.rank.min) + " " +
            (one.append.calls == 0 ? "        -" : time_text(one.append.median)) + "\n";
  }
  return text;
}

std::string json_report(const BenchOptions& options, const BenchResult& result) {
  const augur_model_info& info = result.declared.info;
  nlohmann::ordered_json json;
  json["format"] = "augur-benchmark";
  json["version"] = 1;
  json["program"] = "augur-bench";
  json["augur"] = version_text();
  json["device"] = {{"system", system_name()}, {"abi", abi_name()}};
  json["model"] = {{"name", info.name},
                   {"id", id_text(info.id)},
                   {"file_bytes", info.file_bytes},
                   {"arena_bytes", info.arena_bytes},
                   {"arena_used_bytes", info.arena_used_bytes}};
  json["seed"] = options.seed;
  json["runs"] = nlohmann::ordered_json::array({run_json(options, result)});
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace augur::bench
