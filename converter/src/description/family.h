// What people try to describe and Augur does not run, or states in other words: each with a
// sentence that says so.
#pragma once

#include <string>
#include <string_view>

namespace augur::convert {

// Why the key or kind `word` is refused, such as "LayerNorm is not in the model family: ..."; "" if
// the word is not one that is known to be outside or to be stated otherwise.
std::string outside_family(std::string_view word);

// Why a tensor that a description does not use is nevertheless a part of the score, such as
// "LayerNorm is not in the model family"; "" if nothing in its name says so.
std::string foreign_tensor(std::string_view name);

}  // namespace augur::convert
