// The converted model on the user's own requests; see validation.h.
#include "validate/validation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_set>

#include "error.h"
#include "requests/json_lines.h"
#include "requests/measures.h"
#include "text/text.h"
#include "validate/run_model.h"

namespace augur::convert {

fb::ProofT Validation::proof(double tolerance) const {
  fb::ProofT proof;
  if (differences.values == 0) return proof;
  proof.requests = requests;
  proof.values = differences.values;
  proof.largest_difference = differences.largest;
  proof.tolerance = tolerance;
  return proof;
}

namespace {

// Scores of shorter histories are the same for every max_history.
void judge_histories(const augur_model& model, const ValidationOptions& options,
                     Validation& result) {
  for (uint32_t s = 0; s < result.longest.size(); ++s) {
    augur_stack_info info = {};
    info.struct_size = sizeof info;
    if (augur_model_get_stack(&model, s, &info) != AUGUR_OK) continue;
    const auto& [name, events] = result.longest[s];
    if (events >= info.max_history) continue;
    result.warnings.push_back(options.requests + ": no history of sequence " + augur::quoted(name) +
                              " has more events than " + std::to_string(events) +
                              ", so that scores do not show whether max_history (" +
                              std::to_string(info.max_history) + ") is right; add longer ones");
  }
}

}  // namespace

Validation validate(const std::vector<uint8_t>& file, const std::string& name,
                    const ValidationOptions& options, const std::vector<Sidecar>& sidecars) {
  requests::ById<requests::Expected> expected;
  requests::ById<requests::Labels> labels;
  if (!options.expected.empty()) expected = requests::read_expected(options.expected);
  if (!options.labels.empty()) labels = requests::read_labels(options.labels);
  const LoadedModel model(file, name, sidecars);
  if (!options.labels.empty()) requests::require_click_model(model.get(), name);
  Validation result;
  requests::ClickMeasure clicks(options.group_by);
  std::unordered_set<std::string> asked;
  ProgressBar bar("validating the model");
  score_file(
      model.get(), options.requests,
      [&](const requests::Request& request, const requests::Answer& answer) {
        const size_t candidates = answer.logits.size();
        ++result.requests;
        asked.insert(request.id);
        result.candidates += candidates;
        if (!options.expected.empty()) {
          requests::Differences own;
          const requests::Expected& values =
              requests::expected_of(expected, request.id, candidates, request.where);
          requests::compare(answer, values, own);
          requests::compare(answer, values, result.differences);
          result.by_request.emplace_back(request.id, own.largest);
          result.longest.resize(request.histories.size());
          for (size_t s = 0; s < request.histories.size(); ++s)
            result.longest[s].second =
                std::max(result.longest[s].second, request.histories[s].row_count());
        }
        if (!options.labels.empty()) {
          clicks.add(request, answer,
                     requests::labels_of(labels, request.id, candidates, request.where));
        }
      },
      [&bar](double share) { bar.show(share); });
  if (result.requests == 0) throw Error(options.requests + ": there are no requests in it");
  if (!options.expected.empty() && result.differences.values == 0) {
    throw Error(options.expected + ": nothing was compared: the requests have no candidates");
  }
  const requests::ModelFields fields = requests::declared_fields(model.get());
  for (size_t s = 0; s < result.longest.size(); ++s)
    result.longest[s].first = fields.sequence_names[s];
  judge_histories(model.get(), options, result);
  for (const std::string& warning :
       {requests::not_asked(labels, asked, options.labels, options.requests),
        requests::not_asked(expected, asked, options.expected, options.requests)}) {
    if (!warning.empty()) result.warnings.push_back(warning);
  }
  if (!options.labels.empty()) {
    const requests::GroupedAuc grouped = clicks.grouped();
    result.clicked = clicks.clicked();
    result.area = clicks.area();
    result.grouped_area = grouped.value();
    result.groups = grouped.groups();
  }
  return result;
}

namespace {

std::string exact_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string worst_text(const requests::Differences& differences) {
  return "request " + augur::quoted(differences.id) + ", " + differences.what + ", index " +
         std::to_string(differences.index) + ": expected " + exact_text(differences.expected) +
         ", came " + exact_text(differences.came);
}

// A request's difference as a sort key: NaN counts as the largest.
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

Json by_request_json(const Validation& validation) {
  Json list = Json::array();
  for (const auto& [id, largest] : validation.by_request)
    list.push_back({{"id", id}, {"max", number_json(largest)}});
  return list;
}

}  // namespace

void add_rows(const Validation& validation, const ValidationOptions& options, TextTable& table) {
  table.add({"validated", count_text(validation.requests, "request") + ", " +
                              count_text(validation.candidates, "candidate")});
  if (!options.expected.empty()) {
    const requests::Differences& differences = validation.differences;
    table.add({"difference", "max " + short_text(differences.largest) + ", mean " +
                                 short_text(differences.mean()) + " over " +
                                 count_text(differences.values, "value") + "; tolerance " +
                                 short_text(options.tolerance)});
    table.add({"worst", worst_text(differences)});
  }
  if (!options.labels.empty()) {
    table.add({"AUC", measured_text("%.6f", validation.area) + ", " +
                          std::to_string(validation.clicked) + " of " +
                          std::to_string(validation.candidates) + " clicked"});
    if (!options.group_by.empty()) {
      table.add({"GAUC", measured_text("%.6f", validation.grouped_area) + " by " +
                             options.group_by +
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
    Json longest = Json::object();
    for (const auto& [sequence, events] : validation.longest)
      longest[sequence] = events;
    json["expected"] = {{"file", options.expected},
                        {"values", differences.values},
                        {"max", number_json(differences.largest)},
                        {"mean", number_json(differences.mean())},
                        {"tolerance", options.tolerance},
                        {"by_request", by_request_json(validation)},
                        {"longest_histories", longest},
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
