// SHA-256 (FIPS 180-4), for the model's id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace augur::convert {

using Digest = std::array<uint8_t, 32>;

Digest sha256(const void* data, size_t bytes);

// 64 hexadecimal digits in lower case.
std::string hex_text(const uint8_t* bytes, size_t count);

}  // namespace augur::convert
