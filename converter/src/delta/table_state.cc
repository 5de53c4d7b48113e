// Computes the state of a table; see table_state.h.
#include "delta/table_state.h"

#include <algorithm>
#include <array>

#include "error.h"

namespace augur::convert {

Digest table_state(const fb::TableFile& file, const std::string& path) {
  const auto* rows = file.rows_hash();
  const auto* vocabulary = file.vocabulary() == nullptr ? nullptr : file.vocabulary()->hash();
  std::array<uint8_t, 2 * sizeof(Digest)> hashes = {};
  const auto add = [&](const flatbuffers::Vector<uint8_t>* hash, size_t at, const char* of) {
    if (hash == nullptr || hash->size() != sizeof(Digest)) {
      throw Error(path + ": it states no hash of its " + of +
                  ", which a delta needs; convert the table anew");
    }
    std::copy(hash->begin(), hash->end(), hashes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  add(rows, 0, "rows");
  if (file.vocabulary() != nullptr) add(vocabulary, sizeof(Digest), "keys");
  return sha256(hashes.data(), hashes.size());
}

}  // namespace augur::convert
