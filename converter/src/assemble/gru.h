// Reads recurrent layers of a description: the extractor's GRUs and the evolution's cell.
#pragma once

#include <memory>
#include <string>

#include "assemble/context.h"

namespace augur::convert {

// A GRU of the extractor over steps of `inputs` numbers; `because` says how they come about.
std::unique_ptr<fb::GruT> read_gru(const Node& node, size_t inputs, const std::string& because,
                                   Context& context);

// "evolution": a GRU, AIGRU, AGRU or AUGRU over steps of `inputs` numbers.
std::unique_ptr<fb::EvolutionT> read_evolution(const Node& node, size_t inputs,
                                               const std::string& because, Context& context);

// The layer's units H.
size_t units_of(const fb::GruT& gru);

}  // namespace augur::convert
