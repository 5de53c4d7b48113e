// What is measured over the answers of a model: how well they order clicks, and how far two models
// agree on the best. Differences from expected answers are in requests/answer.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "requests/answer.h"
#include "requests/auc.h"
#include "requests/request_parser.h"

namespace augur::convert {

// The area under the curve over all candidates, and over groups of requests that have the same
// value in one feature (a user's, say).
class ClickMeasure {
 public:
  // `group_by`: an id feature's name; empty: no groups.
  explicit ClickMeasure(std::string group_by) : group_by_(std::move(group_by)) {}

  // Throws Error if the requests have no such feature.
  void add(const requests::Request& request, const requests::Answer& answer,
           const requests::Labels& labels);

  double area() const { return requests::area_under_curve(all_.logits, all_.clicked); }
  requests::GroupedAuc grouped() const;
  size_t candidates() const { return all_.clicked.size(); }
  size_t clicked() const;

 private:
  struct Group {
    std::vector<float> logits;
    std::vector<uint8_t> clicked;
    void add(const requests::Answer& answer, const requests::Labels& labels);
  };

  std::string group_by_;
  Group all_;
  std::map<int64_t, Group> groups_;
};

// How many of one model's best k are among another's, over k; of all requests the mean and the
// least. Of fewer candidates than k, all are the best.
class TopAgreement {
 public:
  explicit TopAgreement(size_t k) : k_(k) {}

  // The logits of the same candidates. Requests without candidates do not count.
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

}  // namespace augur::convert
