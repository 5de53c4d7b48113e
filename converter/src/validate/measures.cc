// What is measured over the answers of a model; see measures.h.
#include "validate/measures.h"

#include <algorithm>
#include <numeric>

#include "error.h"

namespace augur::convert {
namespace {

// The indices of the best k, ascending; ties go to the lower index.
std::vector<size_t> best(const std::vector<float>& logits, size_t k) {
  requests::Answer answer;
  answer.logits = logits;
  answer.scores = logits;
  requests::keep_best(answer, k);
  std::sort(answer.indices.begin(), answer.indices.end());
  return answer.indices;
}

int64_t group_of(const requests::Request& request, const std::string& name) {
  const requests::FieldGroup& features = request.features.group();
  const size_t index = features.find(name);
  if (index == features.fields.size()) {
    throw Error("--group-by " + name + ": the model has no such feature; it has " +
                (features.fields.empty() ? "none" : features.names()));
  }
  if (features.fields[index].kind != AUGUR_ID) {
    throw Error("--group-by " + name + ": requests are grouped by a feature of kind id");
  }
  return request.features.values(index).ids.at(0);
}

}  // namespace

void ClickMeasure::Group::add(const requests::Answer& answer, const requests::Labels& labels) {
  logits.insert(logits.end(), answer.logits.begin(), answer.logits.end());
  clicked.insert(clicked.end(), labels.clicked.begin(), labels.clicked.end());
}

void ClickMeasure::add(const requests::Request& request, const requests::Answer& answer,
                       const requests::Labels& labels) {
  all_.add(answer, labels);
  if (!group_by_.empty()) groups_[group_of(request, group_by_)].add(answer, labels);
}

requests::GroupedAuc ClickMeasure::grouped() const {
  requests::GroupedAuc grouped;
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

}  // namespace augur::convert
