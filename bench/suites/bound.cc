// The peak, in vectors of the widest instruction set; and the bound. See bound.h.
#include "suites/bound.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "suites/bound.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace augur::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Independent chains enough to fill two units of a latency of five; returns multiply-adds.
HWY_ATTR double multiply_adds(size_t rounds, float* out) {
  const hn::ScalableTag<float> f;
  const auto a = hn::Set(f, 0.999f);
  const auto b = hn::Set(f, 1e-3f);
  auto s0 = hn::Set(f, 0.0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0,
       s8 = s0, s9 = s0;
  for (size_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, a, b);
    s1 = hn::MulAdd(s1, a, b);
    s2 = hn::MulAdd(s2, a, b);
    s3 = hn::MulAdd(s3, a, b);
    s4 = hn::MulAdd(s4, a, b);
    s5 = hn::MulAdd(s5, a, b);
    s6 = hn::MulAdd(s6, a, b);
    s7 = hn::MulAdd(s7, a, b);
    s8 = hn::MulAdd(s8, a, b);
    s9 = hn::MulAdd(s9, a, b);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)),
                           hn::Add(hn::Add(s4, s5), hn::Add(s6, hn::Add(s7, hn::Add(s8, s9)))));
  hn::StoreU(sum, f, out);
  return 10.0 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(f));
}

}  // namespace augur::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/kernel_set.h"

namespace augur::bench {
namespace {

using MultiplyAdds = double (*)(size_t, float*);

MultiplyAdds of_chosen_kernels() {
  [[maybe_unused]] const char* name = kernels().name;
#define AUGUR_CHOOSE(space) \
  if (std::strcmp(name, #space) == 0) return space::multiply_adds
#if HWY_ARCH_X86
  AUGUR_CHOOSE(N_AVX3_DL);
  AUGUR_CHOOSE(N_AVX2);
#endif
#undef AUGUR_CHOOSE
  return HWY_NAMESPACE::multiply_adds;  // the baseline, which is compiled last
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Cycles per second: a chain of additions takes one cycle each.
double measure_clock() {
  double best = 0.0;
  unsigned x = 1;
  for (int i = 0; i < 200; ++i) {
    constexpr int kRounds = 2000;
    const double begin = seconds_now();
    for (int round = 0; round < kRounds; ++round) {
#define AUGUR_ADD \
  x += x;         \
  asm volatile("" : "+r"(x));
      AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD
          AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD AUGUR_ADD
#undef AUGUR_ADD
    }
    best = std::max(best, 16.0 * kRounds / (seconds_now() - begin));
  }
  return best;
}

double measure_peak() {
  const MultiplyAdds run = of_chosen_kernels();
  float out[64];
  double best = 0.0;
  for (int i = 0; i < 200; ++i) {
    const double begin = seconds_now();
    const double done = run(20000, out);
    best = std::max(best, done / (seconds_now() - begin));
  }
  return best;
}

}  // namespace

double peak_multiply_adds() {
  static const double peak = measure_peak();
  return peak;
}

double bound_seconds(const ModelShape& shape, double candidates, bool user_part) {
  const double width = shape.width;
  const double steps = shape.history;
  const bool mlp = shape.attention == AttentionShape::kMlp;
  const double gates = 3 * width * width;
  const double head = 200.0 * 2 * width + 200.0 * 80 + 80;
  double products = candidates * (steps * gates + head);
  products += candidates * steps * (mlp ? width * 80 + 80.0 * 40 + 40 : width);
  double sigmoids = candidates * steps * (2 * width + (mlp ? 121 : 1));
  double tanhs = candidates * steps * width;
  double latency = 0.0;
  if (user_part) {
    products += 3 * steps * gates;
    sigmoids += 2 * steps * width;
    tanhs += steps * width;
    latency = 110 * steps;
  }
  static const double clock = measure_clock();
  return products / peak_multiply_adds() + (sigmoids * 0.16e-9 + tanhs * 0.19e-9) * 3.69e9 / clock +
         latency / clock;
}

}  // namespace augur::bench
#endif
