// Computes the state of a table; see table_state.h.
#include "write/table_state.h"

#include <algorithm>
#include <array>

#include "error.h"

namespace augur::convert {
namespace {

using Hash = flatbuffers::Vector<uint8_t>;

bool is_stated(const Hash* hash) {
  return hash != nullptr && hash->size() == sizeof(Digest);
}

const Hash* keys_hash(const fb::TableFile& file) {
  return file.vocabulary() == nullptr ? nullptr : file.vocabulary()->hash();
}

}  // namespace

bool has_state(const fb::TableFile& file) {
  return is_stated(file.rows_hash()) &&
         (file.vocabulary() == nullptr || is_stated(keys_hash(file)));
}

Digest table_state(const fb::TableFile& file, const std::string& path) {
  if (!has_state(file)) {
    throw Error(path + ": it states no hash of its " +
                (is_stated(file.rows_hash()) ? "keys" : "rows") +
                ", which a delta needs; convert the table anew");
  }
  std::array<uint8_t, 2 * sizeof(Digest)> hashes = {};
  std::copy(file.rows_hash()->begin(), file.rows_hash()->end(), hashes.begin());
  if (file.vocabulary() != nullptr) {
    std::copy(keys_hash(file)->begin(), keys_hash(file)->end(), hashes.begin() + sizeof(Digest));
  }
  return sha256(hashes.data(), hashes.size());
}

}  // namespace augur::convert
