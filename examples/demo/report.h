// The demo's pages: one function prints one section.
#pragma once

#include <string>
#include <vector>

#include "evaluation.h"
#include "terminal.h"
#include "visit.h"

namespace augur::demo {

void show_opening(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);
void show_history(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);
void show_first_ranking(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);
void show_new_events(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);
void show_second_ranking(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);
void show_departments(const Terminal& terminal, const Catalogue& catalogue, const Visit& visit);

struct Contestant {
  std::string name;
  std::string sees;  // what the model knows of the history
  Quality quality;
};
void show_quality(const Terminal& terminal, const std::vector<Contestant>& contestants);

void show_speed(const Terminal& terminal, const Speed& speed);
void show_sizes(const Terminal& terminal, const Model& model);

}  // namespace augur::demo
