// The content hash of a file; see content_hash.h.
#include "write/content_hash.h"

#include <algorithm>

namespace augur::convert {

Digest content_hash(const std::vector<uint8_t>& file, const HashMember& member) {
  const auto before = static_cast<size_t>(member.data() - file.data());
  const size_t after = before + kContentHashBytes;
  constexpr uint8_t kZeros[kContentHashBytes] = {};
  Sha256 hash;
  hash.add(file.data(), before);
  hash.add(kZeros, kContentHashBytes);
  hash.add(file.data() + after, file.size() - after);
  return hash.digest();
}

ContentHash check_content_hash(const std::vector<uint8_t>& file, const HashMember* member) {
  if (member == nullptr) return ContentHash::kAbsent;
  if (member->size() != kContentHashBytes) return ContentHash::kWrong;
  const Digest digest = content_hash(file, *member);
  return std::equal(digest.begin(), digest.end(), member->begin()) ? ContentHash::kRight
                                                                   : ContentHash::kWrong;
}

}  // namespace augur::convert
