// The converted model on the user's own requests; see validation.h.
#include "validate/validation.h"

#include <unordered_set>

#include "error.h"
#include "requests/records.h"
#include "validate/measures.h"
#include "validate/open_model.h"
#include "validate/progress.h"
#include "validate/score_file.h"

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

Validation validate(const std::vector<uint8_t>& file, const std::string& name,
                    const ValidationOptions& options, const std::vector<Sidecar>& sidecars) {
  requests::ById<requests::Expected> expected;
  requests::ById<requests::Labels> labels;
  if (!options.expected.empty()) expected = requests::read_expected(options.expected);
  if (!options.labels.empty()) labels = requests::read_labels(options.labels);
  const OpenModel model(file, name, sidecars);
  if (!options.labels.empty()) requests::require_click_model(model.get(), name);
  Validation result;
  ClickMeasure clicks(options.group_by);
  std::unordered_set<std::string> asked;
  Progress bar("validating");
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

}  // namespace augur::convert
