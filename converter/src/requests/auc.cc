// The area under the ROC curve; see auc.h.
#include "requests/auc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error.h"

namespace augur::requests {

void require_click_model(const augur_model& model, const std::string& name) {
  augur_model_info info = {};
  info.struct_size = sizeof info;
  if (augur_model_get_info(&model, &info) == AUGUR_OK && info.output == AUGUR_OUTPUT_SIGMOID)
    return;
  throw Error(name +
              ": the model's output is of kind \"identity\", a regression: its scores are no "
              "probabilities of a click, and there is no AUC of them; leave --labels out");
}

double area_under_curve(const std::vector<float>& scores, const std::vector<uint8_t>& labels) {
  const auto is_nan = [](float score) { return std::isnan(score); };
  if (std::any_of(scores.begin(), scores.end(), is_nan))
    return std::numeric_limits<double>::quiet_NaN();
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0;  // of the clicked
  double clicked = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    double clicked_here = 0;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) {
      clicked_here += labels[order[end++]];
    }
    // Ranks count from 1; equal scores share the mean of begin + 1 ... end.
    rank_sum += clicked_here * (static_cast<double>(begin + 1 + end) / 2);
    clicked += clicked_here;
    begin = end;
  }
  const double others = static_cast<double>(scores.size()) - clicked;
  if (clicked == 0 || others == 0) return std::numeric_limits<double>::quiet_NaN();
  return (rank_sum - clicked * (clicked + 1) / 2) / (clicked * others);
}

void GroupedAuc::add_group(const std::vector<float>& scores, const std::vector<uint8_t>& labels) {
  const double area = area_under_curve(scores, labels);
  if (std::isnan(area)) return;
  weighted_sum_ += area * static_cast<double>(scores.size());
  weight_ += static_cast<double>(scores.size());
  ++groups_;
}

double GroupedAuc::value() const {
  return groups_ == 0 ? std::numeric_limits<double>::quiet_NaN() : weighted_sum_ / weight_;
}

}  // namespace augur::requests
