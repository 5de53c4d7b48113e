// Measures a model on this machine; see measure.h.
#include "augur-bench/measure.h"

#include <algorithm>
#include <utility>

#include "augur-bench/case.h"
#include "augur-bench/process.h"

namespace augur::bench {
namespace {

std::optional<size_t> growth_since(const std::optional<size_t>& before) {
  const std::optional<size_t> now = resident_bytes();
  if (!before || !now) return std::nullopt;
  return *now - std::min(*now, *before);
}

}  // namespace

BenchResult measure(const BenchOptions& options) {
  BenchResult result;
  const auto open = [&] {
    return std::make_unique<const OpenModel>(options.model, options.tables);
  };
  const std::optional<size_t> resident = resident_bytes();
  result.cold.open = time_of([&] { result.model = open(); });
  const augur_model& model = result.model->get();
  result.rows_remarks = check_rows(model, options.tables);
  result.declared = read_declared(model);
  result.keys = read_keys(model, options.keys);
  const uint32_t limit = result.declared.max_history();
  std::vector<uint32_t> histories;
  for (const uint32_t asked : options.history) {
    if (asked > limit) result.clamped.push_back(asked);
    const uint32_t history = std::min(asked, limit);
    if (std::find(histories.begin(), histories.end(), history) == histories.end()) {
      histories.push_back(history);
    }
  }
  for (const uint32_t history : histories) {
    for (const size_t candidates : options.candidates) {
      const Case one(result, options, history, candidates);
      if (result.cases.empty()) {
        one.start(model, result.cold);
        result.resident_growth = growth_since(resident);
      }
      for (CaseResult& measured : one.run(model))
        result.cases.push_back(std::move(measured));
    }
  }
  result.open = cold_median([&] { return time_of([&] { const auto again = open(); }); });
  result.create = cold_median([&] {
    const auto opened = open();
    return time_of([&] { const Session session(opened->get(), session_options(options, 0, 1)); });
  });
  Random random(options.seed);
  result.lookups = measure_lookups(model, result.keys, options.repetition.seconds, random);
  return result;
}

}  // namespace augur::bench
