// Keys of a model's tables, read from files: what --keys gives, and how long it takes to look them
// up.
#pragma once

#include <string>
#include <vector>

#include "augur-bench/inputs.h"
#include "augur/augur.h"

namespace augur::bench {

// Reads "TABLE=FILE" each, where the file is one that augur-convert --vocabulary takes. Keys of the
// padding row are left out. Throws Error, also if the model has no such table, or no keys for it.
std::vector<TableKeys> read_keys(const augur_model& model,
                                 const std::vector<std::string>& arguments);

struct Lookups {
  std::string table;
  size_t keys = 0;     // how many are in the file
  size_t known = 0;    // of these, in the table's vocabulary
  double seconds = 0;  // a lookup; keys are asked in random order
};

// One for each table that has a vocabulary; `seconds` are spent on each.
std::vector<Lookups> measure_lookups(const augur_model& model, const std::vector<TableKeys>& tables,
                                     double seconds, Random& random);

}  // namespace augur::bench
