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
  double agreement = 0;        // of them: how many of one's best kBest are the other's, over kBest
  double least_agreement = 0;  // in one request
  bool labelled = false;
  double area_before = 0;  // with labels: NaN if it is not defined
  double area_after = 0;
  double grouped_before = 0;  // with group_by; NaN likewise
  double grouped_after = 0;
};

// Scores the requests with both. `conversion` must hold the model's reference.
Comparison compare_with_f32(const Conversion& conversion, const std::string& name,
                            const ValidationOptions& options);

// The sizes of the model's parts before and after, and the error of each matrix whose type changed.
std::string sizes_text(const std::vector<PartChange>& changes, const std::string& indent);

// Adds a row of two columns for each thing that was measured.
void add_rows(const Comparison& comparison, const ValidationOptions& options, Columns& columns);
Json comparison_json(const Comparison& comparison, const ValidationOptions& options);

}  // namespace augur::convert
