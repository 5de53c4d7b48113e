// How well a model ranks: how well its scores order clicks (AUC), and how far two models agree on
// the best candidates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "requests/answer.h"
#include "requests/request.h"

namespace augur::requests {

// Throws Error, which names the model's file as `name`, unless the model's scores are probabilities
// of a click: only these can be compared with labels.
void require_click_model(const augur_model& model, const std::string& name);

// The area under the ROC curve: the probability that a clicked candidate scores higher than one
// that was not clicked, where a tie counts half (Mann-Whitney U over the number of pairs, with
// average ranks). NaN if all labels are equal or a score is NaN. `labels` are 0 or 1, as many as
// scores.
double area_under_curve(const std::vector<float>& scores, const std::vector<uint8_t>& labels);

// The mean of the groups' areas, weighted by size. Groups without a click, or with clicks only, do
// not count (grouped AUC, Zhu et al., arXiv 1703.02091, section 4).
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

// The area under the curve over all candidates, and over groups of requests that have the same
// value in one feature, such as the user.
class ClickMeasure {
 public:
  // `group_by`: an id feature's name; empty: no groups.
  explicit ClickMeasure(std::string group_by) : group_by_(std::move(group_by)) {}

  // Throws Error if the requests have no such feature.
  void add(const Request& request, const Answer& answer, const Labels& labels);

  double area() const { return area_under_curve(all_.logits, all_.clicked); }
  GroupedAuc grouped() const;
  size_t candidates() const { return all_.clicked.size(); }
  size_t clicked() const;

 private:
  struct Group {
    std::vector<float> logits;
    std::vector<uint8_t> clicked;
    void add(const Answer& answer, const Labels& labels);
  };

  std::string group_by_;
  Group all_;
  std::map<std::string, Group> groups_;  // by the feature's id as text
};

// The share of one model's best k candidates that are among another's: its mean and its least value
// over all requests. Of fewer candidates than k, all are the best.
class TopAgreement {
 public:
  explicit TopAgreement(size_t k) : k_(k) {}

  // The two models' logits of the same candidates. Requests without candidates do not count.
  void add(const std::vector<float>& one, const std::vector<float>& other);

  size_t requests() const { return requests_; }
  double mean() const { return requests_ == 0 ? 1 : sum_ / static_cast<double>(requests_); }
  double least() const { return least_; }

 private:
  size_t k_;
  size_t requests_ = 0;
  double sum_ = 0;
  double least_ = 1;
};

}  // namespace augur::requests
