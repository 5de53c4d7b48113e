// Augur through its C++ API: sets the user's feature and history from ids, ranks. Everything anew
// for each request.
//
//   augur-compare-augur MODEL INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK
#include <augur/augur.hpp>

#include "contender.h"

int main(int argc, char** argv) {
  using namespace augur;
  const compare::Arguments arguments(argc, argv);
  const compare::Inputs inputs = compare::read_inputs(arguments.inputs, arguments.hidden,
                                                      arguments.steps, arguments.candidates);
  std::vector<float> scores(arguments.candidates);
  const long before = compare::watch_memory();
  ErrorInfo error;
  const Model model = Model::open_file(argv[1], &error);
  Session session;
  if (model) session = Session::create(model, &error);
  if (!session) compare::fail(error.message);
  const auto check = [&](Status status) {
    if (!ok(status)) compare::fail(session.error());
  };
  return compare::contend(arguments, inputs, before, [&] {
    check(session.set_feature("user", inputs.user_id[0]));
    check(session.set_history(
        {column("item", inputs.history_item), column("category", inputs.history_category)},
        arguments.steps));
    check(session.rank({column("item", inputs.item), column("category", inputs.category)},
                       arguments.candidates, scores.data()));
    return scores.data();
  });
}
