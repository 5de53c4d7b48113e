// CRC-32C (Castagnoli), the checksum of TensorFlow's tables and tensors, and its masked form.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur::checkpoint {

// The checksum of what `crc` covers (0 for nothing) followed by these bytes.
uint32_t extend_crc32c(uint32_t crc, const void* data, size_t size);

// Checksums are stored rotated by 15 bits plus a constant, so that a checksum over data which
// itself holds checksums stays meaningful.
inline uint32_t mask_crc32c(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

}  // namespace augur::checkpoint
