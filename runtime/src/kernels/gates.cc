// The gate loops. The share rule and the scaled input are template arguments, so that each loop is
// straight code.
#include "kernels/gates.h"

#include "kernels/elementary.h"

namespace augur {
namespace {

// The step's input to gate value j: W x + b, or a W x + b for AIGRU.
template <bool kScaledInput>
struct Input {
  const float* projection;
  const float* bias;
  float attention;

  float operator[](std::size_t j) const {
    return kScaledInput ? attention * projection[j] + bias[j] : projection[j];
  }
};

template <ShareRule kShare>
float share_of_candidate(float update, float attention) {
  if constexpr (kShare == ShareRule::kScale) return attention * update;
  if constexpr (kShare == ShareRule::kLift) return attention + (1.0f - attention) * update;
  if constexpr (kShare == ShareRule::kAttention) return attention;
  return update;
}

// Calls body<rule, scaled>(attention of the row, row) for every row.
template <template <ShareRule, bool> class Body, typename... Arguments>
void for_each_row(const CellStep& step, Arguments... arguments) {
  const auto run = [&](auto body) {
    for (std::size_t row = 0; row < step.rows; ++row) {
      body(step, row,
           step.attention == nullptr ? 0.0f : step.attention[row * step.attention_stride],
           arguments...);
    }
  };
  if (step.projection_bias != nullptr) return run(Body<ShareRule::kPlain, true>());  // AIGRU
  switch (step.share) {
    case ShareRule::kPlain:
      return run(Body<ShareRule::kPlain, false>());
    case ShareRule::kScale:
      return run(Body<ShareRule::kScale, false>());
    case ShareRule::kLift:
      return run(Body<ShareRule::kLift, false>());
    case ShareRule::kAttention:
      return run(Body<ShareRule::kAttention, false>());
  }
}

template <ShareRule kShare, bool kScaledInput>
struct ResetAfter {
  void operator()(const CellStep& step, std::size_t row, float attention, const float* product,
                  std::size_t product_stride, float* state) const {
    const std::size_t hidden = step.hidden;
    const Input<kScaledInput> input{step.projection, step.projection_bias, attention};
    const float* __restrict u_product = product + row * product_stride;
    const std::size_t reset = kShare == ShareRule::kAttention ? 0 : hidden;
    const float* __restrict r_product = u_product + reset;
    const float* __restrict c_product = r_product + hidden;
    float* __restrict h = state + row * step.state_stride;
    for (std::size_t j = 0; j < hidden; ++j) {
      const float r = sigmoid_f32(input[reset + j] + r_product[j]);
      const float c = tanh_f32(input[reset + hidden + j] + r * c_product[j]);
      const float u = kShare == ShareRule::kAttention ? 0.0f : sigmoid_f32(input[j] + u_product[j]);
      const float share = share_of_candidate<kShare>(u, attention);
      h[j] = (1.0f - share) * h[j] + share * c;
    }
  }
};

template <ShareRule kShare, bool kScaledInput>
struct ResetBeforeGates {
  void operator()(const CellStep& step, std::size_t row, float attention, float* product,
                  std::size_t product_stride, const float* state, float* reset_state) const {
    const std::size_t hidden = step.hidden;
    const Input<kScaledInput> input{step.projection, step.projection_bias, attention};
    float* __restrict u_product = product + row * product_stride;
    const std::size_t reset = kShare == ShareRule::kAttention ? 0 : hidden;
    const float* __restrict r_product = u_product + reset;
    const float* __restrict h = state + row * step.state_stride;
    float* __restrict reset_h = reset_state + row * step.state_stride;
    for (std::size_t j = 0; j < hidden; ++j)
      reset_h[j] = sigmoid_f32(input[reset + j] + r_product[j]) * h[j];
    if constexpr (kShare != ShareRule::kAttention) {
      for (std::size_t j = 0; j < hidden; ++j) {
        u_product[j] = share_of_candidate<kShare>(sigmoid_f32(input[j] + u_product[j]), attention);
      }
    }
  }
};

template <ShareRule kShare, bool kScaledInput>
struct ResetBeforeState {
  void operator()(const CellStep& step, std::size_t row, float attention, const float* shares,
                  std::size_t share_stride, const float* candidate_product,
                  std::size_t candidate_stride, float* state) const {
    const std::size_t hidden = step.hidden;
    const Input<kScaledInput> input{step.projection, step.projection_bias, attention};
    const std::size_t candidate = kShare == ShareRule::kAttention ? hidden : 2 * hidden;
    const float* __restrict share_row = shares + row * share_stride;
    const float* __restrict c_product = candidate_product + row * candidate_stride;
    float* __restrict h = state + row * step.state_stride;
    for (std::size_t j = 0; j < hidden; ++j) {
      const float c = tanh_f32(input[candidate + j] + c_product[j]);
      const float share = kShare == ShareRule::kAttention ? attention : share_row[j];
      h[j] = (1.0f - share) * h[j] + share * c;
    }
  }
};

}  // namespace

void step_reset_after(const CellStep& step, const float* product, std::size_t product_stride,
                      float* state) {
  for_each_row<ResetAfter>(step, product, product_stride, state);
}

void step_reset_before_gates(const CellStep& step, float* product, std::size_t product_stride,
                             const float* state, float* reset_state) {
  for_each_row<ResetBeforeGates>(step, product, product_stride, state, reset_state);
}

void step_reset_before_state(const CellStep& step, const float* product, std::size_t product_stride,
                             const float* candidate_product, std::size_t candidate_stride,
                             float* state) {
  for_each_row<ResetBeforeState>(step, product, product_stride, candidate_product, candidate_stride,
                                 state);
}

}  // namespace augur
