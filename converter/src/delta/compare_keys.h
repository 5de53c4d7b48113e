// What the vocabularies of two sidecar files differ in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "augur_generated.h"
#include "vocabulary/key_file.h"

namespace augur::convert {

struct KeyChanges {
  std::unique_ptr<fb::VocabularyT> vocabulary;  // nullptr: no key differs
  uint64_t added = 0;
  uint64_t moved = 0;  // to another row
  uint64_t removed = 0;
};

// A vocabulary of a file, and the list of its keys, which the vocabulary itself cannot give.
struct KeySide {
  std::string path;                            // of the sidecar file
  const fb::Vocabulary* vocabulary = nullptr;  // nullptr: it has none
  uint32_t rows = 0;                           // of the table
  const KeyFile* keys = nullptr;               // nullptr: not given
};

// Throws Error if a list is not that of its vocabulary, if a list is needed and not given, if a
// vocabulary is damaged, or if only one file has one, or the two have other types of keys.
KeyChanges compare_keys(const KeySide& before, const KeySide& after);

}  // namespace augur::convert
