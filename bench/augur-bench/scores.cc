// A short form of a ranking's scores; see scores.h.
#include "augur-bench/scores.h"

#include <algorithm>
#include <cstring>

namespace augur::bench {

ScoresDigest digest_of(const std::vector<float>& scores) {
  constexpr size_t kMostSamples = 16;
  ScoresDigest digest;
  digest.count = scores.size();
  digest.bits = 0xcbf29ce484222325u;
  for (size_t i = 0; i < scores.size(); ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, &scores[i], sizeof bits);
    for (unsigned shift = 0; shift < 32; shift += 8)
      digest.bits = (digest.bits ^ (bits >> shift & 0xffu)) * 0x100000001b3u;
    digest.sum += static_cast<double>(scores[i]);
    digest.weighted_sum += static_cast<double>(scores[i]) * (static_cast<double>(i % 17) / 16);
  }
  const size_t samples = std::min(kMostSamples, scores.size());
  for (size_t i = 0; i < samples; ++i)
    digest.samples.push_back(scores[i * scores.size() / samples]);
  return digest;
}

}  // namespace augur::bench
