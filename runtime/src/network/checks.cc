// Statuses of a tile's candidates, and the message about the first that cannot be used.
#include "network/checks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/finite.h"

namespace augur {
namespace {

// Gives AUGUR_BAD_MODEL to the candidates whose embeddings are not finite, and takes their rows out
// of the `embedded` ones in `rows`. Returns how many are left.
std::size_t drop_not_finite(std::size_t embedded, std::size_t width, augur_status* status,
                            float* rows) {
  const float* from = rows;
  float* to = rows;
  std::size_t kept = 0;
  for (; embedded > 0; ++status) {
    if (*status != AUGUR_OK) continue;  // has no row
    if (all_finite(from, width)) {
      std::memmove(to, from, width * sizeof(float));
      to += width;
      ++kept;
    } else {
      *status = AUGUR_BAD_MODEL;
    }
    from += width;
    --embedded;
  }
  return kept;
}

bool all_results_finite(const Model& model, const Span<Rows>& results, std::size_t rows) {
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    const std::size_t count = results[s].stride == 0 ? 1 : rows;
    if (!all_finite(results[s].data, count * model.sequences[s].result_width)) return false;
  }
  return true;
}

// What of row `row` is not finite.
enum class Overflow { kNothing, kLogit, kResult };

Overflow find_overflow(const Model& model, float logit, const Span<Rows>& results, std::size_t row,
                       const char** sequence) {
  if (!std::isfinite(logit)) return Overflow::kLogit;
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    if (all_finite(results[s].data + row * results[s].stride, model.sequences[s].result_width))
      continue;
    *sequence = model.sequences[s].name;
    return Overflow::kResult;
  }
  return Overflow::kNothing;
}

}  // namespace

std::size_t embed_candidates(const InputRows& candidates, std::size_t width, CandidateState* state,
                             float* out) {
  std::size_t usable = 0;
  for (std::size_t row = 0; row < candidates.size; ++row) {
    state->statuses[row] = candidates.embed(candidates.source, row, out + usable * width);
    if (state->statuses[row] == AUGUR_OK) ++usable;
  }
  if (!all_finite(out, usable * width))
    usable = drop_not_finite(usable, width, state->statuses.data(), out);
  if (usable == 0) return 0;
  for (; usable < state->min_rows; ++usable)
    std::memcpy(out + usable * width, out + (usable - 1) * width, width * sizeof(float));
  return usable;
}

augur_status check_candidates(const Model& model, const Span<Rows>& results,
                              std::size_t first_candidate, std::size_t rows, CandidateState* state,
                              Fault& error) {
  augur_status* const statuses = state->statuses.data();
  std::size_t usable = 0;  // candidates that have been computed, in the first rows
  for (std::size_t row = 0; row < rows; ++row)
    usable += statuses[row] == AUGUR_OK ? 1 : 0;
  if (usable == rows && all_finite(state->logits, rows) && all_results_finite(model, results, rows))
    return AUGUR_OK;

  std::size_t first_failed = rows;
  Overflow overflow = Overflow::kNothing;  // of that candidate, ...
  const char* sequence = nullptr;          // ... and where
  // From the end, so that no logit is overwritten before it has been moved.
  for (std::size_t row = rows; row-- > 0;) {
    Overflow found = Overflow::kNothing;
    if (statuses[row] == AUGUR_OK) {
      const float logit = state->logits[--usable];
      found = find_overflow(model, logit, results, usable, &sequence);
      state->logits[row] = logit;
      if (found == Overflow::kNothing) continue;
      statuses[row] = AUGUR_NOT_FINITE;
    }
    state->logits[row] = std::numeric_limits<float>::quiet_NaN();
    first_failed = row;
    overflow = found;
  }
  if (first_failed == rows) return AUGUR_OK;
  const std::size_t candidate = first_candidate + first_failed;
  constexpr const char* kWhy = "the model's numbers overflow on this input";
  if (overflow == Overflow::kLogit) {
    return error.fail(AUGUR_NOT_FINITE, "candidate %zu: its logit is not finite: %s", candidate,
                      kWhy);
  }
  if (overflow == Overflow::kResult) {
    return error.fail(AUGUR_NOT_FINITE, "candidate %zu: the result of stack '%s' is not finite: %s",
                      candidate, sequence, kWhy);
  }
  if (statuses[first_failed] != AUGUR_BAD_MODEL) return statuses[first_failed];
  return error.fail(AUGUR_BAD_MODEL,
                    "candidate %zu: an embedding table of the model holds a value that is not "
                    "finite",
                    candidate);
}

}  // namespace augur
