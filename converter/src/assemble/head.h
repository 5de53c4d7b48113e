// Reads the "head" and the "output" of a description: the slots, the dense layers, the logit.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "assemble/context.h"
#include "assemble/stack.h"

namespace augur::convert {

// What the head's slots may name, and which of it they do.
struct HeadSources {
  const std::vector<std::unique_ptr<fb::FieldT>>& features;
  const std::vector<std::unique_ptr<fb::FieldT>>& candidate;
  std::vector<StackInfo>& stacks;
  std::set<std::string> used_features;
  std::vector<std::string>& used_candidates;
};

// `output` says how the last layer becomes one logit.
std::unique_ptr<fb::HeadT> read_head(const Node& head, const Node& output, HeadSources& sources,
                                     Context& context);

// What `output` makes a score of the logit.
fb::OutputKind read_score(const Node& output);

}  // namespace augur::convert
