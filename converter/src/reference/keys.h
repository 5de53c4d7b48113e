// From keys to rows, by plain maps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "augur_generated.h"

namespace augur::reference {

// The keys of a table, which a model file has only as hashes: key -> row. Integers are decimal
// text.
using Keys = std::map<std::string, std::size_t>;
// By table; a table that shares another's vocabulary has none of its own.
using Vocabularies = std::map<std::string, Keys>;

// One output of the generator SplitMix64 for the state x.
std::uint64_t splitmix64(std::uint64_t x);

// The row of a key by a hash, without zero_is_padding; std::out_of_range if the hash refuses it.
// `number` is what an integer's text says.
std::size_t hashed_row(const fb::HashT& hash, fb::KeyType type, const std::string& text,
                       std::int64_t number);

}  // namespace augur::reference
