// The demo: ranks offers for one visitor of the shop, before and after the visitor's interest
// changes; then shows how well the models rank, how fast, and how large they are. All figures are
// computed when it runs.
#include "catalogue.h"
#include "common/command.h"
#include "report.h"

namespace {

using namespace augur;
using namespace augur::demo;

struct Options {
  std::string shop = "examples/shop";
  std::string models;
  size_t visitor = 1;
};

Model open_model(const std::string& path) {
  ErrorInfo error;
  Model model = Model::open_file(path.c_str(), &error);
  if (!model) throw Error(std::string(error.message) + " (" + name(error.status) + ")");
  return model;
}

void run(const Options& options) {
  const Terminal terminal(detect_look());
  const Catalogue catalogue(options.shop);
  const Model model = open_model(options.models + "/dien.augur");
  const requests::ModelFields fields = requests::declared_fields(*model.get());
  const Visit visit = rank_visitor(model, fields, catalogue,
                                   options.shop + "/showcase.requests.jsonl", options.visitor);
  show_opening(terminal, catalogue, visit);
  show_history(terminal, catalogue, visit);
  show_first_ranking(terminal, catalogue, visit);
  show_new_events(terminal, catalogue, visit);
  show_second_ranking(terminal, catalogue, visit);
  show_departments(terminal, catalogue, visit);

  const std::string requests = options.shop + "/test.requests.jsonl";
  std::vector<Contestant> contestants = {{"no history", "nothing (a BaseModel)", {}},
                                         {"BaseModel", "which looks, in no order", {}},
                                         {"DIEN", "which looks, and when", {}}};
  const char* const files[] = {"blind", "base", "dien"};
  for (size_t i = 0; i < contestants.size(); ++i) {
    const Model one = open_model(options.models + "/" + files[i] + ".augur");
    contestants[i].quality = measure_quality(one, requests::declared_fields(*one.get()), requests,
                                             options.shop + "/test.labels.jsonl");
  }
  show_quality(terminal, contestants);
  show_speed(terminal, measure_speed(model, fields, catalogue, requests, 100));
  show_sizes(terminal, model);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Ranks a visitor of the demo's shop before and after a change of interest, and measures\n"
      "quality, speed and size. `sh scripts/demo.sh` builds and converts what it needs.",
      "augur-demo");
  app.footer(
      "NO_COLOR=1 prints without colour; COLUMNS sets the width (80 to 100).\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage.");
  app.add_option("models", options.models,
                 "The folder with dien.augur, base.augur and blind.augur, the shop's checkpoints "
                 "converted")
      ->required();
  app.add_option("--shop", options.shop, "The shop's folder: catalogue, requests, labels")
      ->capture_default_str();
  app.add_option("--visitor", options.visitor, "Which visitor of showcase.requests.jsonl")
      ->check(CLI::Range(size_t{1}, size_t{1000000}))
      ->capture_default_str();
  return augur::run_command(app, argc, argv, [&] { run(options); });
}
