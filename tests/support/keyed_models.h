// Small models whose tables have vocabularies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"

namespace augur::tools_test {

// Gives the table a vocabulary: keys[i] is the key of rows[i].
void add_vocabulary(fb::EmbeddingTableT& table, const std::vector<std::string>& keys,
                    const std::vector<uint32_t>& rows);
void add_vocabulary(fb::EmbeddingTableT& table, const std::vector<int64_t>& keys,
                    const std::vector<uint32_t>& rows);

// The keys of keyed_dien(): of the items (rows 1 to 9) and of the users (rows 1 to 4). Row 0 of
// both has none. No key is its row.
inline const std::vector<std::string> kItemKeys = {
    "tents-104", "tents-6",  "sleeping-bags-3", "sleeping-bags-17", "tents-21",
    "",          "tents-99", "sleeping-bags-8", "zelt \xc3\xa4"};
inline const std::vector<int64_t> kUserKeys = {9007199254740993, -5, 1, 0};

// small_dien() with string keys for `item` and integer keys for `user`: item kItemKeys[i] has row
// rows[i], by default 9 - i. `category` takes rows. Unknown ids are errors.
std::unique_ptr<fb::ModelT> keyed_dien(std::vector<uint32_t> rows = {});

// keyed_dien() with a second candidate field, which reads the column of `item`; no layer uses it.
std::unique_ptr<fb::ModelT> two_fields_one_column(fb::FieldKind kind, const std::string& table);

}  // namespace augur::tools_test
