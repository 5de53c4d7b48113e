// augur-rank: the command line.
#include "augur-rank/rank.h"
#include "common/command.h"

int main(int argc, char** argv) {
  augur::bench::RankOptions options;
  CLI::App app("Ranks the candidates of requests with a model.", "augur-rank");
  app.footer(
      "A request is a line of JSON, oldest event first:\n"
      "  {\"id\": \"r1\", \"features\": {\"user\": 5},\n"
      "   \"history\": {\"item\": [3, 9], \"category\": [1, 4]},\n"
      "   \"candidates\": {\"item\": [7, 8], \"category\": [2, 2]}}\n"
      "with strings such as \"sku-7\" where a table has string keys; and so is its answer, in the "
      "candidates' order:\n"
      "  {\"id\": \"r1\", \"scores\": [0.41, 0.07], \"logits\": [-0.36, -2.59]}\n"
      "Exit status: 0 done, 1 failed (there is then no output file), 2 wrong usage.");
  app.add_option("model", options.model, "The model, a .augur file")->required();
  augur::bench::add_table_options(app, options.tables);
  app.add_option("--requests", options.requests, "Requests, a line each; - reads standard input")
      ->required()
      ->type_name("F.jsonl");
  app.add_option("--out", options.out, "Where the answers go; standard output if not given")
      ->type_name("F.jsonl");
  app.add_option("--top", options.top,
                 "Only the best K candidates, best first, with their indices; ties go to the lower "
                 "index")
      ->check(CLI::Range(size_t{1}, size_t{1} << 30))
      ->type_name("K");
  app.add_flag(
      "--each", options.each,
      "A candidate that cannot be scored, such as one with an unknown key, gets null and a "
      "reason in \"statuses\" (--top leaves it out); without, its request is an error");
  app.add_option("--threads", options.threads,
                 "Requests are spread over N threads with a session each; answers keep their order")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  app.add_flag("--explain", options.explain,
               "Adds the attention that each event receives from each candidate: \"attention\": "
               "{\"<stack>\": [[...], ...]}");
  app.add_option("--labels", options.labels,
                 "What was clicked, {\"id\": \"r1\", \"labels\": [1, 0]} a line; prints the AUC")
      ->type_name("F.jsonl");
  app.add_flag("--stats", options.stats, "Prints counts and the median time of a request");
  return augur::run_command(app, argc, argv, [&] { augur::bench::rank_requests(options); });
}
