// Compares vocabularies; see compare_keys.h.
#include "delta/compare_keys.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/vocabulary.h"
#include "error.h"
#include "text/text.h"
#include "vocabulary/build.h"

namespace augur::convert {
namespace {

using HashPair = std::pair<uint64_t, uint64_t>;

HashPair pair_of(const Hash128& hash) {
  return {hash.low, hash.high};
}

// A view of a file's vocabulary, checked completely.
VocabularyView open(const KeySide& side) {
  const VocabularyView view = view_of(*side.vocabulary);
  const char* wrong = check_vocabulary(view, side.vocabulary->slots()->size(),
                                       side.vocabulary->checksum(), side.rows);
  if (wrong != nullptr) throw Error(side.path + ": its vocabulary is damaged: " + wrong);
  return view;
}

bool is_text(const flatbuffers::String* text, const std::string& key) {
  return text != nullptr && text->str() == key;
}

// The key's hash; nullopt for a padding key or an unknown key that the vocabulary does not hold.
std::optional<Hash128> hash_of(const KeyEntry& entry, const KeySide& side) {
  if (side.vocabulary->key_type() == fb::KeyType::String)
    return hash_string(entry.key.data(), entry.key.size());
  const std::optional<int64_t> number = integer_key(entry.key);
  if (number) return hash_integer(*number);
  if (is_text(side.vocabulary->padding_key(), entry.key) ||
      is_text(side.vocabulary->unknown_key(), entry.key)) {
    return std::nullopt;
  }
  throw Error(side.keys->place(entry) + ": " + augur::quoted(entry.key) +
              " is no integer, and the keys of " + side.path + " are integers");
}

std::string row_text(uint32_t row) {
  return row == kNoRow ? "not at all" : "at row " + std::to_string(row);
}

// The keys of the list, which must be exactly those of the vocabulary.
std::vector<VocabularyEntry> entries_of(const KeySide& side, const VocabularyView& view) {
  std::vector<VocabularyEntry> entries;
  for (const KeyEntry& entry : side.keys->entries) {
    const std::optional<Hash128> hash = hash_of(entry, side);
    if (!hash) continue;
    const uint32_t row = view.find(*hash);
    if (row != entry.row) {
      throw Error(side.keys->place(entry) + ": key " + augur::quoted(entry.key) + " has row " +
                  std::to_string(entry.row) + " here, and " + side.path + " has it " +
                  row_text(row) + "; give the keys that " + side.path + " was converted with");
    }
    entries.push_back({*hash, row, entry.key});
  }
  if (entries.size() != view.size) {
    throw Error(side.keys->name + ": it has " + count_text(entries.size(), "key") + ", and " +
                side.path + " has " + std::to_string(view.size) + "; give the keys that " +
                side.path + " was converted with");
  }
  return entries;
}

std::vector<VocabularyEntry> removed_keys(const std::vector<VocabularyEntry>& before,
                                          const std::vector<VocabularyEntry>& after) {
  std::vector<HashPair> kept;
  kept.reserve(after.size());
  for (const VocabularyEntry& entry : after)
    kept.push_back(pair_of(entry.hash));
  std::sort(kept.begin(), kept.end());
  std::vector<VocabularyEntry> removed;
  for (const VocabularyEntry& entry : before) {
    if (!std::binary_search(kept.begin(), kept.end(), pair_of(entry.hash)))
      removed.push_back({entry.hash, kRemovedRow, entry.name});
  }
  return removed;
}

// Whether every key gets its row from the delta or, where that has none, from the old vocabulary.
bool resolves(const VocabularyView& delta, const VocabularyView& before,
              const std::vector<VocabularyEntry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [&](const VocabularyEntry& entry) {
    const uint32_t row = delta.find(entry.hash);
    return (row == kNoRow ? before.find(entry.hash) : row) == entry.row;
  });
}

// A key that has not changed may be taken for one of the delta's; a longer fingerprint then tells
// them apart.
std::unique_ptr<fb::VocabularyT> build(const std::vector<VocabularyEntry>& changes,
                                       fb::KeyType key_type, const VocabularyView& before,
                                       const std::vector<VocabularyEntry>& all) {
  const unsigned first = key_type == fb::KeyType::String ? kStringFingerprint : kIntegerFingerprint;
  for (unsigned bytes = first; bytes <= 8; ++bytes) {
    auto vocabulary = std::make_unique<fb::VocabularyT>(build_vocabulary(changes, key_type, bytes));
    if (resolves(view_of(*vocabulary), before, all)) return vocabulary;
  }
  throw Error("two keys of the catalogue have fingerprints of 64 bits that are equal");
}

bool same_vocabulary(const fb::Vocabulary& a, const fb::Vocabulary& b) {
  return a.hash() != nullptr && b.hash() != nullptr &&
         std::equal(a.hash()->begin(), a.hash()->end(), b.hash()->begin(), b.hash()->end());
}

}  // namespace

KeyChanges compare_keys(const KeySide& before, const KeySide& after) {
  KeyChanges changes;
  if ((before.vocabulary == nullptr) != (after.vocabulary == nullptr)) {
    throw Error((before.vocabulary == nullptr ? before.path : after.path) +
                ": it has no vocabulary, and the other file has one");
  }
  if (before.vocabulary == nullptr) {
    if (before.keys == nullptr && after.keys == nullptr) return changes;
    throw Error(after.path + ": the table has no vocabulary, so that no list of keys is needed");
  }
  const fb::KeyType key_type = after.vocabulary->key_type();
  if (before.vocabulary->key_type() != key_type) {
    throw Error(before.path + ", " + after.path +
                ": the keys of one are integers, of the other "
                "strings; give the full sidecar");
  }
  const VocabularyView old_keys = open(before);
  const VocabularyView new_keys = open(after);
  if (same_vocabulary(*before.vocabulary, *after.vocabulary)) return changes;
  if (after.keys == nullptr) {
    throw Error(after.path + ": its keys are not those of " + before.path +
                "; give their list with --keys-after");
  }
  const std::vector<VocabularyEntry> all = entries_of(after, new_keys);
  std::vector<VocabularyEntry> changed;
  size_t kept = 0;
  for (const VocabularyEntry& entry : all) {
    const uint32_t row = old_keys.find(entry.hash);
    kept += row == kNoRow ? 0 : 1;
    if (row == entry.row) continue;
    ++(row == kNoRow ? changes.added : changes.moved);
    changed.push_back(entry);
  }
  if (before.keys != nullptr) {
    const auto removed = removed_keys(entries_of(before, old_keys), all);
    changes.removed = removed.size();
    changed.insert(changed.end(), removed.begin(), removed.end());
  } else if (kept < old_keys.size) {
    throw Error(after.path + ": it lacks " + count_text(old_keys.size - kept, "key") + " of " +
                before.path + "; give the list of the old keys with --keys-before");
  }
  if (!changed.empty()) changes.vocabulary = build(changed, key_type, old_keys, all);
  return changes;
}

}  // namespace augur::convert
