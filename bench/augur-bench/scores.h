// A short form of a ranking's scores, by which two machines can be compared:
// docs/benchmark-json.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace augur::bench {

struct ScoresDigest {
  size_t count = 0;
  uint64_t bits = 0;           // FNV-1a of the scores' bytes, in little-endian order
  double sum = 0;              // of the scores
  double weighted_sum = 0;     // of score i times (i mod 17) / 16
  std::vector<float> samples;  // at most 16 of the scores, evenly spread
};

ScoresDigest digest_of(const std::vector<float>& scores);

}  // namespace augur::bench
