// What people try to describe and Augur does not run, each with a sentence that says so.
#pragma once

#include <string>
#include <string_view>

namespace augur::convert {

// Why the key or kind `word` is refused, such as "LayerNorm is not in the model family: ..."; "" if
// the word is not one that is known to be outside.
std::string outside_family(std::string_view word);

}  // namespace augur::convert
