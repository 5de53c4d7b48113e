// The keys of a description's tables: "keys" and "vocabulary".
#pragma once

#include <vector>

#include "assemble/context.h"

namespace augur::convert {

// What an id of the table is: the type of its keys, stated by its "keys", by its "vocabulary" or by
// that of the table whose vocabulary it shares. `tables` are all of them. Row without any of these.
fb::KeyType read_key_type(const Node& table, const std::vector<Node>& tables);

// Reads a vocabulary {"file": ..., ...} into a table whose rule for unknown keys has been read.
// Warns if rows have no key.
void read_vocabulary(const Node& node, TableInfo& info, fb::EmbeddingTableT& table,
                     Context& context);

// Reads a vocabulary {"of": ...}, once all tables have been read.
void share_vocabulary(const Node& node, fb::EmbeddingTableT& table, const Context& context);

}  // namespace augur::convert
