// SHA-256 (FIPS 180-4), for the model's id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace augur::convert {

using Digest = std::array<uint8_t, 32>;

Digest sha256(const void* data, size_t bytes);

}  // namespace augur::convert
