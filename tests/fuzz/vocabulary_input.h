// The input of fuzz_vocabulary: what a file states of a vocabulary, one number after the other.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "common/vocabulary.h"

namespace augur::fuzz {

struct VocabularyInput {
  std::uint8_t fingerprint_bytes;
  std::uint8_t removed;   // odd: removed keys are allowed, as in a delta
  std::uint8_t repaired;  // odd: the checksum is made right, as an attacker would
  std::uint8_t buckets;
  std::uint32_t size;
  std::uint32_t slot_count;
  std::uint32_t row_limit;
  std::uint64_t seed;
  std::uint64_t checksum;
  // Then [buckets] pilots of 2 bytes, then the slots up to the end.
};

// The parts of an input, each in memory of its own and exactly as long as it is.
struct Vocabulary {
  VocabularyInput input = {};
  std::vector<std::uint16_t> pilots;
  std::vector<unsigned char> slots;

  // Missing bytes are 0.
  Vocabulary(const std::uint8_t* data, std::size_t size) {
    const auto take = [&](void* to, std::size_t bytes) {
      const std::size_t taken = bytes < size ? bytes : size;
      if (taken > 0) std::memcpy(to, data, taken);
      data += taken;
      size -= taken;
    };
    take(&input, sizeof(input));
    pilots.resize(input.buckets);
    take(pilots.data(), pilots.size() * sizeof(pilots[0]));
    slots.assign(data, data + size);
  }

  VocabularyView view() const {
    VocabularyView view;
    view.pilots = pilots.data();
    view.bucket_count = static_cast<std::uint32_t>(pilots.size());
    view.slots = slots.data();
    view.slot_count = input.slot_count;
    view.size = input.size;
    view.seed = input.seed;
    view.fingerprint_bytes = input.fingerprint_bytes;
    return view;
  }
};

}  // namespace augur::fuzz
