// Ranks for one visitor of the shop, before and after a few more behaviours.
#pragma once

#include <augur/augur.hpp>
#include <string>
#include <vector>

#include "catalogue.h"
#include "requests/request.h"

namespace augur::demo {

struct Ranking {
  std::vector<float> scores;  // of each offer
  std::vector<size_t> order;  // offers, best first
  std::vector<size_t> place;  // where each offer stands in `order`
  // The attention weight of each event for the best offer, oldest event first.
  std::vector<float> attention;
};

struct Visit {
  std::string visitor;
  std::vector<const Item*> history;  // oldest first, with the added events
  size_t added = 0;                  // how many events at the end were added
  std::vector<const Item*> offers;
  Ranking before;
  Ranking after;
};

// Ranks for visitor `index` (from 1) of a file that has two requests for each visitor; the second
// one has a longer history (showcase.requests.jsonl). In one session, sets the first history and
// ranks, then appends the rest of the second and ranks again. Throws Error.
Visit rank_visitor(const Model& model, const requests::ModelFields& fields,
                   const Catalogue& catalogue, const std::string& path, size_t index);

// A new session. Throws Error with the runtime's reason.
Session open_session(const Model& model);
// Throws Error with the session's reason unless `status` is ok.
void check(Status status, const Session& session, const requests::Request& request);

}  // namespace augur::demo
