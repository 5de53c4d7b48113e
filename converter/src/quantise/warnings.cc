// What a user ought to know of a quantisation; see quantise.h.
#include <algorithm>
#include <cmath>

#include "quantise/quantise.h"
#include "text/text.h"

namespace augur::convert {
namespace {

std::string rounded(double value) {
  return number_text(static_cast<float>(std::round(value * 1e4) / 1e4));
}

std::string lost_rows(const PartChange& change) {
  return change.path + ": " + std::to_string(change.rows_lost) + " of " +
         std::to_string(change.shape[0]) +
         (change.rows_lost == 1 ? " rows becomes" : " rows become") + " zeros in " +
         type_name(change.type) + ", which has no step for values as small as " +
         number_text(static_cast<float>(change.largest_lost)) +
         "; if they matter, keep that part in f32: --keep-f32 " + change.path;
}

}  // namespace

std::vector<std::string> warnings_of(const std::vector<PartChange>& changes) {
  std::vector<std::string> warnings;
  std::vector<std::string> helped;
  std::vector<std::string> beyond;
  uint32_t group = 0;
  for (const PartChange& change : changes) {
    if (change.rows_lost > 0) warnings.push_back(lost_rows(change));
    if (change.type != fb::TensorType::I4 || change.relative_error <= kInt4Bound) continue;
    const std::string text = change.path + " (" + rounded(change.relative_error) + ")";
    if (change.helping_group == 0) {
      beyond.push_back(text);
    } else {
      helped.push_back(text);
      group = group == 0 ? change.helping_group : std::min(group, change.helping_group);
    }
  }
  const std::string above = ": the relative error in int4 is above " + rounded(kInt4Bound) + "; ";
  if (!helped.empty()) {
    warnings.push_back(join(helped) + above + "--group-size " + std::to_string(group) +
                       " brings it below");
  }
  if (!beyond.empty()) {
    warnings.push_back(join(beyond) + above + "no group size brings it below, int8 does: --type " +
                       beyond.front().substr(0, beyond.front().find(' ')) + "=int8");
  }
  return warnings;
}

}  // namespace augur::convert
