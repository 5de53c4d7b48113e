// How well a model ranks; see measures.h.
#include "requests/measures.h"

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

namespace {

// The indices of the best k, ascending; ties go to the lower index.
std::vector<size_t> best(const std::vector<float>& logits, size_t k) {
  Answer answer;
  answer.logits = logits;
  answer.scores = logits;
  keep_best(answer, k);
  std::sort(answer.indices.begin(), answer.indices.end());
  return answer.indices;
}

std::string group_of(const Request& request, const std::string& name) {
  const DeclaredFields& features = request.features.group();
  const size_t index = features.find(name);
  if (index == features.fields.size()) {
    throw Error("--group-by " + name + ": the model has no such feature; it has " +
                (features.fields.empty() ? "none" : features.names()));
  }
  if (features.fields[index].kind != AUGUR_ID) {
    throw Error("--group-by " + name + ": requests are grouped by a feature of kind id");
  }
  return request.features.values(index).id_text(0);
}

}  // namespace

void ClickMeasure::Group::add(const Answer& answer, const Labels& labels) {
  logits.insert(logits.end(), answer.logits.begin(), answer.logits.end());
  clicked.insert(clicked.end(), labels.clicked.begin(), labels.clicked.end());
}

void ClickMeasure::add(const Request& request, const Answer& answer, const Labels& labels) {
  all_.add(answer, labels);
  if (!group_by_.empty()) groups_[group_of(request, group_by_)].add(answer, labels);
}

GroupedAuc ClickMeasure::grouped() const {
  GroupedAuc grouped;
  for (const auto& [value, group] : groups_)
    grouped.add_group(group.logits, group.clicked);
  return grouped;
}

size_t ClickMeasure::clicked() const {
  return std::accumulate(all_.clicked.begin(), all_.clicked.end(), size_t{0});
}

void TopAgreement::add(const std::vector<float>& one, const std::vector<float>& other) {
  const std::vector<size_t> first = best(one, k_);
  const std::vector<size_t> second = best(other, k_);
  if (first.empty()) return;
  std::vector<size_t> both;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(both));
  const double agreement = static_cast<double>(both.size()) / static_cast<double>(first.size());
  ++requests_;
  sum_ += agreement;
  least_ = std::min(least_, agreement);
}

}  // namespace augur::requests
