// What is told of a validation; see show.h.
#include "validate/show.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "error.h"
#include "text/text.h"

namespace augur::convert {
namespace {

std::string exact_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string area_text(double area) {
  if (std::isnan(area)) return "not defined";
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", area);
  return text;
}

std::string worst_text(const requests::Differences& differences) {
  return "request " + augur::quoted(differences.id) + ", " + differences.what + ", index " +
         std::to_string(differences.index) + ": expected " + exact_text(differences.expected) +
         ", came " + exact_text(differences.came);
}

// Of a request's difference, to sort by: what is no number is the largest.
double size_of(const std::pair<std::string, double>& difference) {
  return std::isnan(difference.second) ? HUGE_VAL : difference.second;
}

// The requests that differ, the worst first.
std::string by_request_text(const Validation& validation, double tolerance) {
  constexpr size_t kMostShown = 5;
  std::vector<std::pair<std::string, double>> beyond;
  for (const auto& one : validation.by_request) {
    if (!(one.second <= tolerance)) beyond.push_back(one);
  }
  std::stable_sort(beyond.begin(), beyond.end(),
                   [](const auto& a, const auto& b) { return size_of(a) > size_of(b); });
  std::string text = "; " + std::to_string(beyond.size()) + " of " +
                     count_text(validation.requests, "request") + " differ: ";
  for (size_t i = 0; i < beyond.size() && i < kMostShown; ++i) {
    text += (i > 0 ? ", " : "") + augur::quoted(beyond[i].first) + " by " +
            short_text(beyond[i].second);
  }
  return text + (beyond.size() > kMostShown ? ", ..." : "");
}

// JSON has no NaN.
Json number_json(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json by_request_json(const Validation& validation) {
  Json list = Json::array();
  for (const auto& [id, largest] : validation.by_request)
    list.push_back({{"id", id}, {"max", number_json(largest)}});
  return list;
}

}  // namespace

void add_rows(const Validation& validation, const ValidationOptions& options, Columns& columns) {
  columns.add({"validated", count_text(validation.requests, "request") + ", " +
                                count_text(validation.candidates, "candidate")});
  if (!options.expected.empty()) {
    const requests::Differences& differences = validation.differences;
    columns.add({"difference", "max " + short_text(differences.largest) + ", mean " +
                                   short_text(differences.mean()) + " over " +
                                   count_text(differences.values, "value") + "; tolerance " +
                                   short_text(options.tolerance)});
    columns.add({"worst", worst_text(differences)});
  }
  if (!options.labels.empty()) {
    columns.add({"AUC", area_text(validation.area) + ", " + std::to_string(validation.clicked) +
                            " of " + std::to_string(validation.candidates) + " clicked"});
    if (!options.group_by.empty()) {
      columns.add({"GAUC", area_text(validation.grouped_area) + " by " + options.group_by +
                               "; groups with both kinds: " + std::to_string(validation.groups)});
    }
  }
}

Json validation_json(const Validation& validation, const ValidationOptions& options) {
  Json json;
  json["requests"] = {{"file", options.requests},
                      {"count", validation.requests},
                      {"candidates", validation.candidates}};
  if (!options.expected.empty()) {
    const requests::Differences& differences = validation.differences;
    json["expected"] = {{"file", options.expected},
                        {"values", differences.values},
                        {"max", number_json(differences.largest)},
                        {"mean", number_json(differences.mean())},
                        {"tolerance", options.tolerance},
                        {"by_request", by_request_json(validation)},
                        {"worst",
                         {{"id", differences.id},
                          {"of", differences.what},
                          {"index", differences.index},
                          {"expected", number_json(differences.expected)},
                          {"came", number_json(differences.came)}}}};
  }
  if (!options.labels.empty()) {
    json["labels"] = {{"file", options.labels},
                      {"clicked", validation.clicked},
                      {"auc", number_json(validation.area)}};
    if (!options.group_by.empty()) {
      json["labels"]["group_by"] = options.group_by;
      json["labels"]["gauc"] = number_json(validation.grouped_area);
      json["labels"]["groups"] = validation.groups;
    }
  }
  return json;
}

std::string validation_failure(const Validation& validation, const ValidationOptions& options) {
  return options.expected +
         ": the converted model's answers are not those expected: they differ by " +
         short_text(validation.differences.largest) + ", and the tolerance is " +
         short_text(options.tolerance) + "; worst: " + worst_text(validation.differences) +
         by_request_text(validation, options.tolerance) +
         ". Nothing was written. (A quantised model is not that near: give it a --tolerance of its "
         "own, such as 0.05)";
}

}  // namespace augur::convert
