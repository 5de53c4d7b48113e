// How well a model ranks, and how fast.
#pragma once

#include <augur/augur.hpp>
#include <string>
#include <vector>

#include "catalogue.h"
#include "requests/request.h"

namespace augur::demo {

struct Quality {
  double auc = 0;               // over all offers of all requests
  double first_is_clicked = 0;  // share of the requests whose best offer was clicked
  double chosen_by_chance = 0;  // the same share if the best offer were guessed
  size_t requests = 0;
  size_t offers = 0;
};

// Ranks every request of a file and compares the ranking with what was clicked. Throws Error.
Quality measure_quality(const Model& model, const requests::ModelFields& fields,
                        const std::string& requests, const std::string& labels);

struct Times {
  double median = 0;  // seconds
  double p90 = 0;
  size_t runs = 0;
};

struct Speed {
  size_t events = 0;
  size_t offers = 0;
  Times new_user;   // features and history set, then ranked
  Times same_user;  // ranked again
  Times new_event;  // one event appended, then ranked
};

// Measures on one thread, with the file's request of the longest history and with `offers` items of
// the catalogue as candidates.
Speed measure_speed(const Model& model, const requests::ModelFields& fields,
                    const Catalogue& catalogue, const std::string& requests, size_t offers);

}  // namespace augur::demo
