// A perfect hash by pilots, after PTHash (Pibiri, Trani: "PTHash: Revisiting FCH Minimal Perfect
// Hashing", SIGIR 2021), without its compression:
//
//   - each key falls into a bucket of 4 keys on average;
//   - buckets choose in turn, the fullest first: a bucket tries pilots until one sends its keys to
//     free slots of their own;
//   - 97% of the slots are used at the end, so that the last keys find a free one soon.
//
// If a bucket finds no pilot, all begins again with another seed.
#include "vocabulary/build.h"

#include <algorithm>
#include <numeric>

#include "error.h"

namespace augur::convert {
namespace {

constexpr std::uint32_t kKeysPerBucket = 4;
constexpr std::uint32_t kPilots = 65536;
constexpr std::uint64_t kSeeds = 100;

struct Key {
  std::uint64_t spread;
  std::uint32_t entry;
};

// The keys, bucket by bucket.
struct Buckets {
  std::vector<std::uint32_t> begin;  // [buckets + 1]
  std::vector<Key> keys;

  std::uint32_t size(std::uint32_t bucket) const { return begin[bucket + 1] - begin[bucket]; }
};

Buckets fill(const std::vector<VocabularyEntry>& entries, const VocabularyView& view) {
  Buckets buckets;
  buckets.begin.assign(view.bucket_count + std::size_t{1}, 0);
  buckets.keys.resize(entries.size());
  for (const VocabularyEntry& entry : entries)
    ++buckets.begin[view.bucket_of(view.spread(entry.hash))];
  std::uint32_t end = 0;
  for (std::uint32_t& bucket : buckets.begin)
    bucket = end += bucket;
  // From the end of each bucket to its beginning.
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const std::uint64_t spread = view.spread(entries[i].hash);
    buckets.keys[--buckets.begin[view.bucket_of(spread)]] = {spread, i};
  }
  return buckets;
}

// Buckets of several keys: no two keys may be the same, for no pilot could part them.
void refuse_same_keys(Buckets& buckets, std::uint32_t bucket,
                      const std::vector<VocabularyEntry>& entries) {
  Key* begin = buckets.keys.data() + buckets.begin[bucket];
  Key* end = begin + buckets.size(bucket);
  std::sort(begin, end, [](const Key& a, const Key& b) {
    return a.spread != b.spread ? a.spread < b.spread : a.entry < b.entry;
  });
  const Key* same = std::adjacent_find(
      begin, end, [](const Key& a, const Key& b) { return a.spread == b.spread; });
  if (same == end) return;
  const VocabularyEntry& first = entries[same->entry];
  const VocabularyEntry& second = entries[(same + 1)->entry];
  if (first.name == second.name)
    throw Error("the key " + augur::quoted(first.name) + " is there twice, with the rows " +
                std::to_string(first.row) + " and " + std::to_string(second.row) +
                "; give every key once");
  throw Error("the keys " + augur::quoted(first.name) + " and " + augur::quoted(second.name) +
              " have the same hash; give one of them another name");
}

// One attempt. Finds the pilots, and slot by slot which entry it holds; false: try another seed.
class Placement {
 public:
  Placement(const std::vector<VocabularyEntry>& entries, const VocabularyView& view)
      : view_(view),
        buckets_(fill(entries, view)),
        pilots(view.bucket_count, 0),
        slots(view.slot_count, kFree) {
    for (std::uint32_t bucket = 0; bucket < view.bucket_count; ++bucket) {
      if (buckets_.size(bucket) > 1) refuse_same_keys(buckets_, bucket, entries);
    }
  }

  bool run() {
    std::vector<std::uint32_t> order(view_.bucket_count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
      return buckets_.size(a) > buckets_.size(b);
    });
    return std::all_of(order.begin(), order.end(),
                       [this](std::uint32_t bucket) { return place(bucket); });
  }

 private:
  bool place(std::uint32_t bucket) {
    const Key* begin = buckets_.keys.data() + buckets_.begin[bucket];
    const Key* end = begin + buckets_.size(bucket);
    for (std::uint32_t pilot = 0; pilot < kPilots; ++pilot) {
      pilots[bucket] = static_cast<std::uint16_t>(pilot);
      const Key* key = begin;
      for (; key != end; ++key) {
        std::uint32_t& slot = slots[view_.slot_of(key->spread, pilots[bucket])];
        if (slot != kFree) break;
        slot = key->entry;
      }
      if (key == end) return true;
      while (key != begin)
        slots[view_.slot_of((--key)->spread, pilots[bucket])] = kFree;
    }
    return false;
  }

  const VocabularyView& view_;
  Buckets buckets_;

 public:
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  std::vector<std::uint16_t> pilots;
  std::vector<std::uint32_t> slots;
};

void write_slots(fb::VocabularyT& vocabulary, const std::vector<VocabularyEntry>& entries,
                 const std::vector<std::uint32_t>& order) {
  const VocabularyView view = view_of(vocabulary);
  vocabulary.slots.resize(order.size() * view.slot_bytes());
  std::uint8_t* slot = vocabulary.slots.data();
  for (const std::uint32_t entry : order) {
    const bool free = entry == Placement::kFree;
    const std::uint64_t fingerprint =
        free ? 0 : VocabularyView::fingerprint_of(entries[entry].hash);
    const std::uint32_t row = free ? kNoRow : entries[entry].row;
    std::memcpy(slot, &fingerprint, view.fingerprint_bytes);
    std::memcpy(slot + view.fingerprint_bytes, &row, sizeof(row));
    slot += view.slot_bytes();
  }
}

}  // namespace

VocabularyView view_of(const fb::VocabularyT& vocabulary) {
  VocabularyView view;
  view.pilots = vocabulary.pilots.data();
  view.bucket_count = static_cast<std::uint32_t>(vocabulary.pilots.size());
  view.slots = vocabulary.slots.data();
  view.slot_count = vocabulary.slot_count;
  view.size = vocabulary.size;
  view.seed = vocabulary.seed;
  view.fingerprint_bytes = vocabulary.fingerprint_bytes;
  return view;
}

VocabularyView view_of(const fb::Vocabulary& vocabulary) {
  VocabularyView view;
  view.pilots = vocabulary.pilots()->data();
  view.bucket_count = vocabulary.pilots()->size();
  view.slots = vocabulary.slots()->data();
  view.slot_count = vocabulary.slot_count();
  view.size = vocabulary.size();
  view.seed = vocabulary.seed();
  view.fingerprint_bytes = vocabulary.fingerprint_bytes();
  return view;
}

fb::VocabularyT build_vocabulary(const std::vector<VocabularyEntry>& entries, fb::KeyType key_type,
                                 unsigned fingerprint_bytes) {
  fb::VocabularyT vocabulary;
  vocabulary.key_type = key_type;
  vocabulary.fingerprint_bytes = static_cast<std::uint8_t>(fingerprint_bytes);
  vocabulary.size = static_cast<std::uint32_t>(entries.size());
  if (vocabulary.size > 0) {
    vocabulary.slot_count = vocabulary.size + vocabulary.size / 32 + 1;
    VocabularyView view = view_of(vocabulary);
    view.bucket_count = vocabulary.size / kKeysPerBucket + 1;
    for (std::uint64_t attempt = 0;; ++attempt) {
      if (attempt == kSeeds)
        throw Error("no place was found for " + std::to_string(entries.size()) +
                    " keys; leave out or add a key");
      view.seed = splitmix64(attempt);
      Placement placement(entries, view);
      if (!placement.run()) continue;
      vocabulary.seed = view.seed;
      vocabulary.pilots = std::move(placement.pilots);
      write_slots(vocabulary, entries, placement.slots);
      break;
    }
  }
  const VocabularyView view = view_of(vocabulary);
  vocabulary.checksum = vocabulary_checksum(view);
  const Digest hash = vocabulary_hash(view, static_cast<std::uint8_t>(key_type));
  vocabulary.hash.assign(hash.begin(), hash.end());
  return vocabulary;
}

}  // namespace augur::convert
