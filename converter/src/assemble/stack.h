// Reads the stacks of a description: one behaviour sequence each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "assemble/context.h"

namespace augur::convert {

// What the head needs to know of a stack.
struct StackInfo {
  std::string name;
  size_t event = 0;            // width of e_t
  size_t query = 0;            // width of e_a; 0: no query
  size_t projected_query = 0;  // width of q; 0: no query projection
  size_t result = 0;           // width of what it hands to the head
  size_t max_history = 0;
  bool can_be_padded = false;  // it is known what a padded event's fields hold
  bool result_used = false;
};

struct ReadStacks {
  std::vector<std::unique_ptr<fb::StackT>> stacks;
  std::vector<StackInfo> infos;  // in the same order
};

// The list "stacks". `candidate` are the fields that a query may name; those that are named are put
// into `used_candidates`.
ReadStacks read_stacks(const Node& list, const std::vector<std::unique_ptr<fb::FieldT>>& candidate,
                       std::vector<std::string>& used_candidates, Context& context);

// "padding": "masked" or {"to_length": N} with N up to the stack's longest history. Gives 0 or N.
uint32_t read_padding(const Node& node, const StackInfo& stack);

}  // namespace augur::convert
