// One row's numbers as integers with a scale; see rows.h.
#include "quantise/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/half.h"

namespace augur::convert {
namespace {

// The runtime's matrix products need scales that are positive and normal; a step below f32's least
// normal number would be of no use.
constexpr float kLeastScale = std::numeric_limits<float>::min();
constexpr float kSixteenth = 0.0625f;
constexpr float kLeastHalf = 0x1p-24f;

float rounded(float scale, ScaleKind kind) {
  return kind == ScaleKind::kHalf ? half_to_float(float_to_half(scale)) : scale;
}

float largest_magnitude(const float* values, size_t count) {
  float largest = 0;
  for (size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::fabs(values[i]));
  return largest;
}

// Adding and subtracting 1.5 * 2^23 rounds; unlike nearbyint(), the compiler vectorises it.
float nearest_integer(float value, float inverse, float offset, float low, float high) {
  constexpr float kShift = 12582912.0f;
  const float cut = std::min(std::max(value * inverse - offset, low), high);
  return (cut + kShift) - kShift;
}

// The squared error of a row with this scale and offset (in steps).
double squared_error(const float* values, size_t count, float scale, float offset, float low,
                     float high) {
  const float inverse = 1.0f / scale;
  float sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const float integer = nearest_integer(values[i], inverse, offset, low, high);
    const float error = values[i] - scale * (integer + offset);
    sum += error * error;
  }
  return sum;
}

// The best scale and offset that the search has found.
struct Best {
  double error = std::numeric_limits<double>::infinity();
  float scale = 1;
  int offset = 0;
};

class ScaleSearch {
 public:
  ScaleSearch(const float* values, size_t count, float low, float high, ScaleKind kind)
      : values_(values), count_(count), low_(low), high_(high), kind_(kind) {}

  void offer(float scale, int offset) {
    scale = rounded(scale, kind_);
    if (!(scale >= kLeastScale) || !std::isfinite(scale) || offset < -128 || offset > 127) return;
    const double error =
        squared_error(values_, count_, scale, static_cast<float>(offset) * kSixteenth, low_, high_);
    if (error < best_.error) best_ = {error, scale, offset};
  }

  // Offers the scale that is best for the integers which the current best one gives.
  void refine_scale() {
    const float offset = static_cast<float>(best_.offset) * kSixteenth;
    const float inverse = 1.0f / best_.scale;
    double products = 0;
    double squares = 0;
    for (size_t i = 0; i < count_; ++i) {
      const double step = nearest_integer(values_[i], inverse, offset, low_, high_) + offset;
      products += values_[i] * step;
      squares += step * step;
    }
    if (squares > 0) offer(static_cast<float>(products / squares), best_.offset);
  }

  // For a row so small that its scale would be 0 in fp16: offers fp16's least number. The error is
  // at most half of it.
  void offer_least_scale() {
    if (kind_ == ScaleKind::kHalf && std::isinf(best_.error)) offer(kLeastHalf, 0);
  }

  const Best& best() const { return best_; }

  void take(IntegerRow& row) const {
    row.integers.assign(count_, 0);
    row.scale = 1;
    row.offset = 0;
    if (std::isinf(best_.error)) return;  // no scale is small enough: all zeros
    row.scale = best_.scale;
    row.offset = static_cast<int8_t>(best_.offset);
    const float offset = static_cast<float>(best_.offset) * kSixteenth;
    for (size_t i = 0; i < count_; ++i) {
      row.integers[i] =
          static_cast<int8_t>(nearest_integer(values_[i], 1.0f / best_.scale, offset, low_, high_));
    }
  }

 private:
  const float* values_;
  size_t count_;
  float low_;
  float high_;
  ScaleKind kind_;
  Best best_;
};

}  // namespace

void quantise_symmetric(const float* values, size_t count, int limit, ScaleKind kind,
                        IntegerRow& row) {
  // The best scale cuts off at most a fifth of the range with eight bits, and a half with four
  // bits.
  constexpr int kTrials = 25;
  const float least_share = limit > 7 ? 0.8f : 0.5f;
  const auto bound = static_cast<float>(limit);
  ScaleSearch search(values, count, -bound, bound, kind);
  const float full = largest_magnitude(values, count) / bound;
  for (int i = 0; full > 0 && i <= kTrials; ++i) {
    const float share = 1.0f - (1.0f - least_share) * static_cast<float>(i) / kTrials;
    search.offer(full * share, 0);
  }
  if (full > 0) {
    search.offer_least_scale();
    search.refine_scale();
  }
  search.take(row);
}

void quantise_with_offset(const float* values, size_t count, ScaleKind kind, IntegerRow& row) {
  constexpr float kLow = -8;
  constexpr float kHigh = 7;
  ScaleSearch search(values, count, kLow, kHigh, kind);
  if (count > 0) {
    const auto [least, greatest] = std::minmax_element(values, values + count);
    const float middle = (*least + *greatest) / 2;
    const float full = (*greatest - *least) / (kHigh - kLow);
    // Tries scales for the whole range and for less, with offsets that put the range's middle at
    // the integers' middle or some steps beside it, which cuts off one end more than the other.
    for (float share = 1.0f; full > 0 && share > 0.5f; share -= 0.03f) {
      const float scale = rounded(full * share, kind);
      if (!(scale >= kLeastScale)) break;
      const float centred = middle / scale + 0.5f;
      if (std::fabs(centred) > 7.9f) continue;
      const int offset = static_cast<int>(std::lround(centred / kSixteenth));
      for (int beside = -32; beside <= 32; beside += 4)
        search.offer(scale, offset + beside);
    }
    // A row whose range is small against its values, such as one of equal values, needs larger
    // steps.
    const float largest = largest_magnitude(values, count);
    for (float share = 0.5f; largest > 0 && share <= 1.0f; share += 0.05f) {
      for (const int offset : {-128, -64, 0, 64, 127})
        search.offer(largest * share / 7.5f, offset);
    }
    if (largest > 0) search.offer_least_scale();
    const Best found = search.best();
    for (int beside = -3; beside <= 3; ++beside)
      search.offer(found.scale, found.offset + beside);
    if (!std::isinf(search.best().error)) {
      search.refine_scale();
      search.refine_scale();
    }
  }
  search.take(row);
}

}  // namespace augur::convert
