// Makes deltas: what two sidecar files of one table differ in, rows and keys.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/sha256.h"
#include "vocabulary/key_file.h"

namespace augur::convert {

inline constexpr const char* kDeltaIdentifier = "AUGD";  // of the file

struct SidecarFile {
  std::string path;
  std::vector<uint8_t> bytes;
};

struct Delta {
  std::vector<uint8_t> file;
  std::string table;
  Digest base = {};
  Digest result = {};
  uint64_t rows_before = 0;
  uint64_t rows = 0;
  uint64_t changed_rows = 0;  // of those that both have
  uint64_t keys_added = 0, keys_moved = 0, keys_removed = 0;
};

// The delta that turns a table with the rows of `before` into one with those of `after`. Throws
// Error, which names the file, if one of them is damaged, if they are not of one table of one model
// and of one type, if `after` has fewer rows, or if they do not differ. The lists of keys, or
// nullptr, are needed if the vocabularies differ: `keys_after` always, `keys_before` if keys were
// removed.
Delta make_delta(const SidecarFile& before, const SidecarFile& after,
                 const KeyFile* keys_before = nullptr, const KeyFile* keys_after = nullptr);

}  // namespace augur::convert
