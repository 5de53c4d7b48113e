// Ranks with a random model. bench/arm/estimate.py counts the instructions that this program
// executes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "suites/model.h"

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(
        stderr,
        "usage: augur-arm-request bilinear|bilinear_reset_before|mlp[_int8] WIDTH T N TIMES\n");
    return 2;
  }
  augur::bench::ModelShape shape;
  if (std::strncmp(argv[1], "mlp", 3) == 0) shape.attention = augur::bench::AttentionShape::kMlp;
  shape.reset_before = std::strstr(argv[1], "_reset_before") != nullptr;
  shape.integers = std::strstr(argv[1], "_int8") != nullptr;
  shape.width = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
  shape.history = static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10));
  augur::bench::RandomSession session(shape,
                                      static_cast<uint32_t>(std::strtoul(argv[4], nullptr, 10)));
  for (unsigned long times = std::strtoul(argv[5], nullptr, 10); times > 0; --times)
    session.rank();
  return 0;
}
