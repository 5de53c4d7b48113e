// augur-bench: the command line.
#include <optional>

#include "augur-bench/measure.h"
#include "augur-bench/process.h"
#include "augur-bench/report.h"
#include "common/command.h"

int main(int argc, char** argv) {
  augur::bench::BenchOptions options;
  double pace_ms = 0;
  std::string cores;
  std::optional<std::string> isa;
  bool as_json = false;
  CLI::App app("Measures a model on this machine, on random inputs of a fixed seed.",
               "augur-bench");
  app.footer(
      "first rank   on a new session of a model just opened\n"
      "new user     features and history set anew on a session that has ranked, then a ranking:\n"
      "             the same work as the first rank\n"
      "rank again   the user's part being there: what each further list costs\n"
      "append+rank  one event more at a full window, then a ranking\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage.");
  app.add_option("model", options.model, "The model, a .augur file")->required();
  augur::bench::add_table_options(app, options.tables);
  app.add_option("--keys", options.keys,
                 "The table's ids are keys of the file, as augur-convert --vocabulary takes it, in "
                 "the place of rows; may be repeated")
      ->type_name("TABLE=FILE")
      ->allow_extra_args(false);
  app.add_option("--candidates", options.candidates, "How many candidates, such as 1,10,100")
      ->delimiter(',')
      ->check(CLI::Range(size_t{0}, size_t{10000000}))
      ->capture_default_str();
  app.add_option("--history", options.history,
                 "How many events, such as 50,100; at most the model's limit")
      ->delimiter(',')
      ->check(CLI::Range(0u, 1u << 30))
      ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "On how many threads a session ranks, such as 1,2,4: calls take turns")
      ->delimiter(',')
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  app.add_option("--sessions", options.sessions,
                 "So many sessions rank at the same time; times are those of one call")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--tile", options.tile, "Candidates computed together; 0: the library's choice")
      ->capture_default_str();
  app.add_option("--seconds", options.repetition.seconds, "How long each figure is measured")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--calls", options.repetition.calls,
                 "So many calls of each figure are timed, after a tenth as many for warming up, in "
                 "the place of --seconds")
      ->check(CLI::Range(size_t{1}, size_t{200000}));
  app.add_option("--pace", pace_ms,
                 "A call begins every so many milliseconds, as in an app; the thread sleeps "
                 "between them, and the cores lower their clock; 0: back to back")
      ->check(CLI::Range(0.0, 60000.0))
      ->capture_default_str();
  app.add_option("--cores", cores,
                 "Runs on these processor cores alone, such as 4-7 or 0,2 (Linux, Android)");
  app.add_option_function<std::string>(
         "--isa",
         [&isa](const std::string& name) {
           isa = name;
           if (name != "list") return;
           for (const std::string& one : augur::bench::isa_names())
             std::printf("%s\n", one.c_str());
           throw CLI::Success();
         },
         "Runs the kernels of this instruction set in the place of the best; list: prints which "
         "can run here")
      ->type_name("NAME");
  app.add_option("--seed", options.seed, "Of the random inputs")->capture_default_str();
  app.add_flag("--json", as_json, "Prints JSON: docs/benchmark-json.md");
  return augur::run_command(app, argc, argv, [&] {
    options.repetition.pace = pace_ms / 1e3;
    if (!cores.empty()) {
      options.cores = augur::bench::parse_cores(cores);
      augur::bench::bind_to_cores(options.cores);
    }
    if (isa) augur::bench::use_isa(*isa);
    const augur::bench::BenchResult result = augur::bench::measure(options);
    for (const std::string& remark : result.rows_remarks)
      augur::bench::print_warning("augur-bench", remark);
    for (const uint32_t asked : result.clamped) {
      std::fprintf(stderr, "augur-bench: history %u: the model keeps %u events, so it is %u\n",
                   asked, result.declared.max_history(), result.declared.max_history());
    }
    const std::string report = as_json ? augur::bench::json_report(options, result)
                                       : augur::bench::text_report(options, result);
    std::fputs(report.c_str(), stdout);
    if (std::fflush(stdout) != 0) throw augur::Error("standard output: cannot be written");
  });
}
