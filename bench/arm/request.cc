// Ranks on a random model, for whatever counts the instructions: bench/arm/estimate.py.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "suites/model.h"

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: augur-arm-request bilinear|bilinear_reset_before|mlp WIDTH T N TIMES\n");
    return 2;
  }
  augur::bench::ModelShape shape;
  if (std::strcmp(argv[1], "mlp") == 0) shape.attention = augur::bench::AttentionShape::kMlp;
  shape.reset_before = std::strcmp(argv[1], "bilinear_reset_before") == 0;
  shape.width = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
  shape.history = static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10));
  augur::bench::RandomSession session(shape,
                                      static_cast<uint32_t>(std::strtoul(argv[4], nullptr, 10)));
  for (unsigned long times = std::strtoul(argv[5], nullptr, 10); times > 0; --times)
    session.rank();
  return 0;
}
