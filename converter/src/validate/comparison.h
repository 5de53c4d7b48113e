// A quantised model beside the same model in f32, on the user's own requests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "convert/conversion.h"
#include "inspect/show.h"
#include "validate/validation.h"

namespace augur::convert {

struct Comparison {
  static constexpr size_t kBest = 10;

  size_t candidates = 0;
  double largest_difference = 0;  // of logits
  double mean_difference = 0;
  size_t lists = 0;            // requests of more than kBest candidates
  double agreement = 0;        // in these: the share of the best kBest that both models agree on
  double least_agreement = 0;  // in one request
  bool labelled = false;
  double area_before = 0;  // AUC, with labels; NaN if it is not defined
  double area_after = 0;
  double grouped_before = 0;  // grouped AUC, with group_by; NaN if it is not defined
  double grouped_after = 0;
};

// Scores the requests with both models. `conversion` must hold its reference. Throws Error.
Comparison compare_with_f32(const Conversion& conversion, const std::string& name,
                            const ValidationOptions& options);

// The sizes of the model's parts before and after, and the error of each matrix whose type changed.
std::string sizes_text(const std::vector<PartChange>& changes, const std::string& indent);

// Adds a row of a name and a value for each measurement.
void add_rows(const Comparison& comparison, const ValidationOptions& options, TextTable& table);
Json comparison_json(const Comparison& comparison, const ValidationOptions& options);

}  // namespace augur::convert
