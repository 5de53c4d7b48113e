// augur-convert --validate: the converted model on the user's own requests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "augur_generated.h"
#include "convert/conversion.h"
#include "description/node.h"
#include "inspect/show.h"
#include "requests/answer.h"

namespace augur::convert {

struct ValidationOptions {
  std::string requests;
  std::string expected;     // empty: nothing is compared
  double tolerance = 1e-5;  // of the largest difference
  std::string labels;       // empty: no AUC
  std::string group_by;     // a feature; empty: no GAUC
};

struct Validation {
  size_t requests = 0;
  size_t candidates = 0;
  requests::Differences differences;  // with expected answers
  size_t clicked = 0;                 // with labels: how many candidates were clicked
  double area = 0;                    // AUC; NaN if it is not defined
  double grouped_area = 0;            // with group_by; NaN if it is not defined
  size_t groups = 0;
  std::vector<std::pair<std::string, double>> by_request;  // id -> its largest difference
  // With expected answers, of each sequence: its name, and how many events the requests' longest
  // history of it has.
  std::vector<std::pair<std::string, size_t>> longest;
  std::vector<std::string> warnings;  // full sentences

  bool within(double tolerance) const { return differences.largest <= tolerance; }
  // What the model file records of the comparison; without expected answers, that there was none.
  fb::ProofT proof(double tolerance) const;
};

// Scores the requests with a model, given as the bytes of its file; `name` is the file's name for
// messages. Throws Error if the requests cannot be scored. Differences from the expected answers
// are no error: the caller judges them.
Validation validate(const std::vector<uint8_t>& file, const std::string& name,
                    const ValidationOptions& options, const std::vector<Sidecar>& sidecars = {});

// Adds a row of a name and a value for each measurement.
void add_rows(const Validation& validation, const ValidationOptions& options, TextTable& table);
// The same for --report.
Json validation_json(const Validation& validation, const ValidationOptions& options);

// Why the conversion failed: the largest difference is beyond the tolerance.
std::string validation_failure(const Validation& validation, const ValidationOptions& options);

}  // namespace augur::convert
