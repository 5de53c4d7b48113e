// Likely mistakes, tried out; see diagnosis.h.
#include "validate/diagnosis.h"

#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "error.h"
#include "model/format.h"
#include "requests/line_reader.h"
#include "requests/records.h"
#include "validate/changes.h"
#include "validate/open_model.h"
#include "validate/score_file.h"
#include "write/model_file.h"

namespace augur::convert {
namespace {

constexpr double kFits = 1e-5;
constexpr size_t kMostRequests = 20;         // that a change has to explain
constexpr uint64_t kMostBytes = 256u << 20;  // a model above it would take long to change and open

// Ends the scoring early.
struct Enough {};

// The file of the model with one change. The tables, which may be large, are not copied for it.
std::vector<uint8_t> changed_file(fb::ModelT& model, const Change& change) {
  std::vector<std::unique_ptr<fb::EmbeddingTableT>> tables = std::move(model.tables);
  model.tables.clear();
  fb::ModelT changed = model;
  model.tables = std::move(tables);
  change.make(changed);
  changed.tables = std::move(model.tables);
  changed.format = lowest_format(changed);
  std::vector<uint8_t> file = pack_again(changed);
  model.tables = std::move(changed.tables);
  return file;
}

using Expectations = requests::ById<requests::Expected>;

// The requests, by where they stand, whose answers are not those expected; the first of them.
std::set<std::string> requests_that_differ(const std::vector<uint8_t>& file,
                                           const ValidationOptions& options,
                                           const Expectations& expected) {
  const OpenModel model(file, "the model in f32");
  std::set<std::string> found;
  try {
    score_file(model.get(), options.requests,
               [&](const requests::Request& request, const requests::Answer& answer) {
                 requests::Differences differences;
                 requests::compare(answer,
                                   requests::expected_of(expected, request.id, answer.logits.size(),
                                                         request.where),
                                   differences);
                 if (differences.largest <= kFits) return;
                 found.insert(request.where);
                 if (found.size() == kMostRequests) throw Enough{};
               });
  } catch (const Enough&) {
  }
  return found;
}

// The largest difference of these requests' answers; stops at once where it is beyond kFits.
double largest_difference(const std::vector<uint8_t>& file, const ValidationOptions& options,
                          const Expectations& expected, const std::set<std::string>& where) {
  const OpenModel model(file, "the changed model");
  requests::Differences differences;
  requests::Answer answer;
  size_t seen = 0;
  try {
    visit_requests(model.get(), options.requests,
                   [&](const requests::Request& request, requests::Scorer& scorer) {
                     if (where.count(request.where) == 0) return;
                     scorer.rank(request, answer);
                     requests::check_finite(answer);
                     requests::compare(answer,
                                       requests::expected_of(expected, request.id,
                                                             answer.logits.size(), request.where),
                                       differences);
                     if (!(differences.largest <= kFits) || ++seen == where.size()) throw Enough{};
                   });
  } catch (const Enough&) {
  }
  return differences.largest;
}

}  // namespace

std::string diagnose(const Conversion& conversion, const ValidationOptions& options) {
  const std::vector<uint8_t>& file = conversion.reference;
  if (file.size() > kMostBytes) return "";
  const Expectations expected = requests::read_expected(options.expected);
  const std::set<std::string> where = requests_that_differ(file, options, expected);
  if (where.empty()) return "";  // it is the quantisation that differs
  const std::unique_ptr<fb::ModelT> model(fb::GetModel(file.data())->UnPack());
  for (const Change& change : likely_changes(conversion, *model)) {
    double difference = 0;
    try {
      difference = largest_difference(changed_file(*model, change), options, expected, where);
    } catch (const Error&) {
      continue;  // not a model that exists
    }
    if (!(difference <= kFits)) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.1g", difference);
    return change.text + " they agree within " + text + ": check " + change.look;
  }
  return "";
}

}  // namespace augur::convert
