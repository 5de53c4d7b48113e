// Packing of weights; see packing.h.
#include "kernels/packing.h"

namespace augur {

void pack_lanes(const float* weight, std::size_t stride, std::size_t groups, std::size_t units,
                std::size_t inputs, float* packed) {
  for (std::size_t unit = 0; unit < units;) {
    const std::size_t block = block_units(groups, units - unit);
    for (std::size_t k = 0; k < inputs; ++k) {
      for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t i = 0; i < block; ++i)
          *packed++ = weight[(group * units + unit + i) * stride + k];
      }
    }
    unit += block;
  }
}

void pack_rows(const float* weight, std::size_t stride, std::size_t outputs, std::size_t inputs,
               float* packed) {
  const std::size_t padded = padded_units(outputs);
  for (std::size_t k = 0; k < inputs; ++k) {
    float* row = packed + k * padded;
    for (std::size_t output = 0; output < outputs; ++output)
      row[output] = weight[output * stride + k];
    for (std::size_t output = outputs; output < padded; ++output)
      row[output] = 0.0f;
  }
}

void pack_integer_lanes(IntegerPath path, const std::int8_t* weight, std::size_t groups,
                        std::size_t units, std::size_t inputs, std::int8_t* packed) {
  const std::size_t together = integers_together(path);
  for (std::size_t unit = 0; unit < units; unit += 4) {
    for (std::size_t first = 0; first < inputs; first += together) {
      for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t i = 0; i < 4; ++i) {
          const std::int8_t* row = weight + (group * units + unit + i) * inputs;
          for (std::size_t k = first; k < first + together; ++k)
            *packed++ = k < inputs ? row[k] : std::int8_t{0};
        }
      }
    }
  }
}

void pack_integer_rows(const std::int8_t* weight, std::size_t outputs, std::size_t inputs,
                       std::int8_t* packed) {
  for (std::size_t quad = 0; quad < quads(inputs); ++quad) {
    for (std::size_t output = 0; output < padded_units(outputs); ++output) {
      for (std::size_t k = 4 * quad; k < 4 * quad + 4; ++k) {
        const bool within = output < outputs && k < inputs;
        *packed++ = within ? weight[output * inputs + k] : std::int8_t{0};
      }
    }
  }
}

}  // namespace augur
