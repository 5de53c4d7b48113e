// How well scores order what was clicked: the area under the ROC curve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "augur/augur.h"

namespace augur::requests {

// Throws Error, with `name` as the model's file, unless the model's scores are probabilities of a
// click, which labels can be held against.
void require_click_model(const augur_model& model, const std::string& name);

// The probability that a clicked candidate scores higher than one that was not, a tie counting
// half (Mann-Whitney U over the number of pairs, with average ranks). NaN if either kind is
// missing or a score is not a number. `labels` are 0 or 1, as many as scores.
double area_under_curve(const std::vector<float>& scores, const std::vector<uint8_t>& labels);

// The mean of the groups' areas, each with the weight of its size; groups of one kind only do not
// count (grouped AUC, Zhu et al., arXiv 1703.02091, section 4).
class GroupedAuc {
 public:
  void add_group(const std::vector<float>& scores, const std::vector<uint8_t>& labels);

  // NaN if no group counted.
  double value() const;
  size_t groups() const { return groups_; }

 private:
  double weighted_sum_ = 0;
  double weight_ = 0;
  size_t groups_ = 0;
};

}  // namespace augur::requests
