// What the fuzzer of deltas attaches them to, and the corpus is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reference/build.h"
#include "support/models.h"
#include "vocabulary/build.h"
#include "write/model_file.h"

namespace augur::fuzz {

struct DeltaModels {
  std::vector<uint8_t> model;   // small_dien() whose items are strings and external
  std::vector<uint8_t> before;  // a sidecar of its items: "a" to "j"
  std::vector<uint8_t> after;   // another: row 1 is other, "a" is gone, "b" has moved, "k" is new
};

inline std::vector<std::pair<std::string, uint32_t>> keys_of(bool after) {
  std::vector<std::pair<std::string, uint32_t>> keys;
  for (uint32_t row = after ? 1 : 0; row < (after ? 11u : 10u); ++row)
    keys.emplace_back(std::string(1, static_cast<char>('a' + row)), after && row == 1 ? 0 : row);
  return keys;
}

inline DeltaModels delta_models() {
  const auto model = tools_test::small_dien();
  fb::EmbeddingTableT& items = *model->tables[1];
  items.external = true;
  items.weights = reference::make_tensor(0, 3, {});
  items.key_type = fb::KeyType::String;
  items.out_of_table = fb::OutOfTable::PaddingRow;
  model->format = 4;
  DeltaModels files;
  files.model = tools_test::packed(*model);
  fb::ModelT owner;
  owner.id = reference::unpack(files.model)->id;
  for (const bool after : {false, true}) {
    const uint32_t rows = after ? 11 : 10;
    std::vector<float> values(size_t{rows} * 3, 0.5f);
    if (after) values[3] = -0.25f;
    std::vector<convert::VocabularyEntry> entries;
    for (const auto& [key, row] : keys_of(after))
      entries.push_back({hash_string(key.data(), key.size()), row, key});
    auto vocabulary = std::make_unique<fb::VocabularyT>(
        convert::build_vocabulary(entries, fb::KeyType::String, convert::kStringFingerprint));
    (after ? files.after : files.before) = convert::pack_table(
        owner, "items", reference::make_tensor(rows, 3, values), std::move(vocabulary));
  }
  return files;
}

}  // namespace augur::fuzz
