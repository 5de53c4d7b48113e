// The memory of sessions that keep a thousand events: H = 36, an MLP of 144-80-40-1 or a bilinear
// attention, head 200-80-1.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "augur/augur.h"
#include "kernels/kernel_set.h"
#include "suites/model.h"

namespace augur::test {
namespace {

std::size_t session_bytes(const bench::ModelShape& shape, std::uint32_t streaming) {
  const std::vector<std::uint8_t> file = bench::random_model(shape);
  augur_model* model = nullptr;
  REQUIRE(augur_model_open_buffer(file.data(), file.size(), nullptr, &model, nullptr) == AUGUR_OK);
  augur_session_options options = {};
  options.struct_size = sizeof(options);
  options.streaming = streaming;
  const std::size_t bytes = augur_session_bytes(model, &options);
  augur_model_close(model);
  return bytes;
}

TEST_CASE("a session of 1000 events takes at most 1 MB, with int8 600 KB") {
  for (const bench::AttentionShape attention :
       {bench::AttentionShape::kBilinear, bench::AttentionShape::kMlp}) {
    for (const bool integers : {false, true}) {
      // Without integer products, int8 weights are expanded to f32.
      const std::size_t limit =
          integers && kernels().integers != IntegerPath::kNone ? 600'000 : 1'000'000;
      for (const std::uint32_t streaming : {0u, 1u}) {
        const std::size_t bytes = session_bytes({attention, 36, 1000, false, integers}, streaming);
        CAPTURE(integers);
        CAPTURE(streaming);
        MESSAGE(bytes, " bytes");
        CHECK(bytes <= limit);
      }
    }
  }
}

}  // namespace
}  // namespace augur::test
