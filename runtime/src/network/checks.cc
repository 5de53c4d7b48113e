// Finds values that are not finite, and names the candidate in the message.
#include "network/checks.h"

#include "common/finite.h"

namespace augur {

augur_status check_candidates(const Model& model, const float* logits, const Span<Rows>& results,
                              std::size_t first_candidate, std::size_t embedded, std::size_t rows,
                              Fault& error) {
  std::size_t failed = first_not_finite(logits, embedded, 1);
  const char* sequence = nullptr;
  for (std::size_t s = 0; s < model.sequences.size() && failed > 0; ++s) {
    const Rows& result = results[s];
    const bool shared = result.stride == 0;
    const std::size_t width = model.sequences[s].result_width;
    const std::size_t found = first_not_finite(result.data, shared ? 1 : failed, width);
    if (shared ? found == 1 : found == failed) continue;
    failed = found;
    sequence = model.sequences[s].name;
  }
  if (failed == embedded) {
    if (embedded == rows) return AUGUR_OK;
    return error.fail(AUGUR_BAD_MODEL,
                      "candidate %zu: an embedding table of the model holds a value that is not "
                      "finite",
                      first_candidate + embedded);
  }
  constexpr const char* kWhy = "the model's numbers overflow on this input";
  if (sequence == nullptr) {
    return error.fail(AUGUR_NOT_FINITE, "candidate %zu: its logit is not finite: %s",
                      first_candidate + failed, kWhy);
  }
  return error.fail(AUGUR_NOT_FINITE, "candidate %zu: the result of stack '%s' is not finite: %s",
                    first_candidate + failed, sequence, kWhy);
}

}  // namespace augur
