// One visitor of the shop, ranked before and after a few more behaviours.
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
  std::vector<size_t> place;  // of each offer in `order`
  // How much of the attention each event receives from the best offer, oldest first.
  std::vector<float> attention;
};

struct Visit {
  std::string visitor;
  std::vector<const Item*> history;  // oldest first, with those that were added
  size_t added = 0;                  // so many at the end of the history
  std::vector<const Item*> offers;
  Ranking before;
  Ranking after;
};

// Ranks visitor `index` (from 1) of a file of requests in pairs, of which the second has more
// history (showcase.requests.jsonl): the history is set and ranked, the rest of it is appended and
// ranked again, in one session. Throws Error.
Visit rank_visitor(const Model& model, const requests::ModelFields& fields,
                   const Catalogue& catalogue, const std::string& path, size_t index);

// A new session. Throws Error with the runtime's reason.
Session open_session(const Model& model);
// Throws Error with the session's reason unless `status` is ok.
void check(Status status, const Session& session, const requests::Request& request);

}  // namespace augur::demo
