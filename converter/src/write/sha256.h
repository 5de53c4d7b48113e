// SHA-256 (FIPS 180-4) through libmd, for the ids of models and the hashes of tables' rows.
#pragma once

#include <sha2.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace augur::convert {

using Digest = std::array<uint8_t, SHA256_DIGEST_LENGTH>;

inline Digest sha256(const void* data, size_t bytes) {
  Digest digest;
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, static_cast<const uint8_t*>(data), bytes);
  SHA256Final(digest.data(), &context);
  return digest;
}

}  // namespace augur::convert
