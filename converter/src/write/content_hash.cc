// The content hash of a file; see content_hash.h.
#include "write/content_hash.h"

#include <algorithm>

namespace augur::convert {

Digest content_hash(const std::vector<uint8_t>& file, const HashMember& member) {
  std::vector<uint8_t> copy = file;
  const auto first = copy.begin() + (member.data() - file.data());
  std::fill(first, first + kContentHashBytes, uint8_t{0});
  return sha256(copy.data(), copy.size());
}

ContentHash check_content_hash(const std::vector<uint8_t>& file, const HashMember* member) {
  if (member == nullptr) return ContentHash::kAbsent;
  if (member->size() != kContentHashBytes) return ContentHash::kWrong;
  const Digest digest = content_hash(file, *member);
  return std::equal(digest.begin(), digest.end(), member->begin()) ? ContentHash::kRight
                                                                   : ContentHash::kWrong;
}

}  // namespace augur::convert
