// Reads the stacks of a description; see stack.h.
#include "assemble/stack.h"

#include "assemble/attention.h"
#include "assemble/fields.h"
#include "assemble/gru.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int64_t kLongestHistory = 1 << 16;  // the runtime's limit

using Fields = std::vector<std::unique_ptr<fb::FieldT>>;

void read_mask(const Node& node, fb::StackT& stack) {
  if (!node.is_object()) {
    stack.mask = node.choice<fb::MaskRule>({{"length", fb::MaskRule::Length}});
    return;
  }
  node.allow_keys("a mask rule", {"non_zero"});
  const Node name = node.at("non_zero");
  stack.mask = fb::MaskRule::NonZero;
  stack.mask_field = name.name();
  const fb::FieldT* field = find_field(stack.fields, stack.mask_field);
  if (field == nullptr) {
    name.fail("the stack has no field " + augur::quoted(stack.mask_field) +
              did_you_mean(stack.mask_field, names_of(stack.fields)));
  }
  if (field->kind != fb::FieldKind::Id) {
    name.fail("the mask goes by a field of kind \"id\", and " + augur::quoted(stack.mask_field) +
              " is of another kind");
  }
}

Width read_query(const Node& node, const Fields& candidate, fb::StackT& stack,
                 std::vector<std::string>& used_candidates, const Context& context) {
  Width width;
  for (const Node& item : node.items()) {
    const std::string name = item.name();
    const fb::FieldT* field = find_field(candidate, name);
    if (field == nullptr) {
      item.fail("the candidate has no field " + augur::quoted(name) +
                did_you_mean(name, names_of(candidate)));
    }
    width.add(name, width_of(*field, context));
    stack.query.push_back(name);
    used_candidates.push_back(name);
  }
  return width;
}

void read_pool(const Node& node, fb::StackT& stack, const StackInfo& info) {
  node.allow_keys("a pooled result", {"pool", "padding"});
  stack.result = node.at("pool").choice<fb::ResultKind>(
      {{"sum", fb::ResultKind::SumPool}, {"mean", fb::ResultKind::MeanPool}});
  stack.padded_length = read_padding(node.at("padding"), info);
  if (stack.padded_length > 0 && !stack.extractor.empty()) {
    node.at("padding").fail(
        "padding can be counted only where the events themselves are pooled, not an extractor's "
        "states");
  }
}

void read_result(const Node& node, fb::StackT& stack, const StackInfo& info) {
  if (node.is_object()) {
    read_pool(node, stack, info);
    return;
  }
  stack.result = node.choice<fb::ResultKind>({{"last_state", fb::ResultKind::LastState},
                                              {"attention_pool", fb::ResultKind::AttentionPool},
                                              {"evolution", fb::ResultKind::Evolution}});
  if (stack.result == fb::ResultKind::LastState && stack.extractor.empty()) {
    node.fail("\"last_state\" needs an extractor, but \"extractor\" is empty");
  }
}

// Whether it is known what the field holds in a padded event: its table's padding row, or zeros.
bool can_be_padded(const fb::FieldT& field, const Context& context) {
  if (field.kind == fb::FieldKind::Id) return context.tables.at(field.table).has_padding_row;
  return field.kind != fb::FieldKind::Ids || field.skip_zero;
}

// Whether the result is computed from the attention's weights.
bool uses_attention(const fb::StackT& stack) {
  if (stack.result == fb::ResultKind::Evolution) {
    return stack.evolution->kind != fb::EvolutionKind::Gru;
  }
  return stack.result == fb::ResultKind::AttentionPool;
}

void check_parts(const Node& node, const fb::StackT& stack) {
  const bool has_attention = stack.attention != nullptr;
  if (uses_attention(stack) && !has_attention) {
    node.fail("its result needs the attention, but \"attention\" is null");
  }
  if (!uses_attention(stack) && has_attention) {
    node.at("attention")
        .fail(
            "its weights are not used by the stack's result; state null, or a "
            "result that uses them");
  }
}

void read_one_stack(const Node& node, const Fields& candidate,
                    std::vector<std::string>& used_candidates, Context& context,
                    ReadStacks& result) {
  node.allow_keys("a stack", {"name", "fields", "max_history", "mask", "query", "extractor",
                              "attention", "result", "evolution"});
  auto stack = std::make_unique<fb::StackT>();
  StackInfo info;
  info.name = stack->name = node.at("name").name();
  stack->fields = read_fields(node.at("fields"), "field", context);
  if (stack->fields.empty()) node.at("fields").fail("must hold at least one field");
  check_vocabularies(node, stack->fields, candidate, context);
  const Width event = width_of(stack->fields, context);
  info.event = event.total;
  info.can_be_padded = true;
  for (const auto& field : stack->fields) {
    info.can_be_padded = info.can_be_padded && can_be_padded(*field, context);
  }
  stack->max_history = static_cast<uint32_t>(node.at("max_history").integer(1, kLongestHistory));
  info.max_history = stack->max_history;
  read_mask(node.at("mask"), *stack);
  const Width query = read_query(node.at("query"), candidate, *stack, used_candidates, context);
  info.query = query.total;

  size_t states = event.total;
  std::string because = event.because;
  for (const Node& layer : node.at("extractor").items()) {
    stack->extractor.push_back(read_gru(layer, states, because, context));
    states = units_of(*stack->extractor.back());
    because = "the extractor's " + std::to_string(states) + " units";
  }
  if (const Node attention = node.at("attention"); !attention.is_null()) {
    if (query.total == 0) node.at("query").fail("must not be empty where there is an attention");
    ReadAttention read =
        read_attention(attention, {query.total, query.because, states, because}, context);
    info.projected_query = read.attention->query_projection ? read.projected_query : 0;
    stack->attention = std::move(read.attention);
  }
  read_result(node.at("result"), *stack, info);
  info.result = states;
  const std::optional<Node> evolution = node.find("evolution");
  if (stack->result == fb::ResultKind::Evolution) {
    stack->evolution = read_evolution(node.at("evolution"), states, because, context);
    info.result = units_of(*stack->evolution->cell);
  } else if (evolution && !evolution->is_null()) {
    evolution->fail("is there, but \"result\" is not \"evolution\"");
  }
  check_parts(node, *stack);
  result.stacks.push_back(std::move(stack));
  result.infos.push_back(std::move(info));
}

}  // namespace

ReadStacks read_stacks(const Node& list, const Fields& candidate,
                       std::vector<std::string>& used_candidates, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, "stack");
  ReadStacks result;
  for (const Node& node : nodes) {
    read_one_stack(node, candidate, used_candidates, context, result);
  }
  return result;
}

uint32_t read_padding(const Node& node, const StackInfo& stack) {
  if (!node.is_object()) {
    node.choice<bool>({{"masked", true}});
    return 0;
  }
  node.allow_keys("padding", {"to_length"});
  const Node length = node.at("to_length");
  const auto padded = static_cast<uint32_t>(length.integer(1, kLongestHistory));
  if (padded < stack.max_history) {
    length.fail("is shorter than the longest history of stack " + augur::quoted(stack.name) + ", " +
                std::to_string(stack.max_history));
  }
  if (!stack.can_be_padded) {
    node.fail("padding can be counted only where every id of stack " + augur::quoted(stack.name) +
              " has a table with a padding_row, and every field of kind \"ids\" skips zeros");
  }
  return padded;
}

}  // namespace augur::convert
