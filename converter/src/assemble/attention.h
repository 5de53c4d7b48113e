// Reads the "attention" of a stack.
#pragma once

#include <memory>
#include <string>

#include "assemble/context.h"

namespace augur::convert {

// The two sides that attention compares.
struct AttentionSides {
  size_t query = 0;           // width of e_a
  std::string query_because;  // "item 18 + category 18"
  size_t key = 0;             // width of h_t, or of e_t without an extractor
  std::string key_because;
};

struct ReadAttention {
  std::unique_ptr<fb::AttentionT> attention;
  size_t projected_query = 0;  // width of q
};

ReadAttention read_attention(const Node& node, const AttentionSides& sides, Context& context);

}  // namespace augur::convert
