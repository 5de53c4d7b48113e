// The content hash of model, sidecar and delta files: the SHA-256 of the whole file, with the 32
// bytes of the hash itself as zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "augur_generated.h"
#include "common/sha256.h"

namespace augur::convert {

// The file's member content_hash, which lies inside the file.
using HashMember = flatbuffers::Vector<uint8_t>;

inline constexpr size_t kContentHashBytes = 32;

// What the content hash of the file must be; `member` holds 32 bytes, which count as zeros.
Digest content_hash(const std::vector<uint8_t>& file, const HashMember& member);

// Whether the file has a content hash, and whether it is right.
enum class ContentHash { kAbsent, kRight, kWrong };
ContentHash check_content_hash(const std::vector<uint8_t>& file, const HashMember* member);

// The bytes of a finished builder whose member content_hash is 32 bytes long, with the hash put in.
// `get_member` finds that member: fb::GetModel(bytes)->content_hash().
template <typename GetMember>
std::vector<uint8_t> with_content_hash(const flatbuffers::FlatBufferBuilder& builder,
                                       GetMember get_member) {
  std::vector<uint8_t> file(builder.GetBufferPointer(),
                            builder.GetBufferPointer() + builder.GetSize());
  const HashMember* member = get_member(file.data());
  const Digest digest = content_hash(file, *member);
  uint8_t* const bytes = file.data() + (member->data() - file.data());
  for (size_t i = 0; i < digest.size(); ++i)
    bytes[i] = digest[i];
  return file;
}

}  // namespace augur::convert
