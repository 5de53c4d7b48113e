// The behaviour sequences of a description; see parts.h.
#include "assemble/parts.h"

#include "assemble/layers.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int64_t kLongestHistory = 1 << 16;  // the runtime's limit

void read_mask(const Node& node, fb::StackT& sequence, const Context& context) {
  if (!node.is_object()) {
    sequence.mask = node.choice<fb::MaskRule>({{"length", fb::MaskRule::Length}});
    return;
  }
  node.allow_keys("a mask rule", {"non_zero", "not_padding"});
  const bool by_padding = node.has("not_padding");
  if (by_padding && node.has("non_zero")) node.fail("states two rules; one decides");
  const Node name = node.at(by_padding ? "not_padding" : "non_zero");
  const fb::FieldT& field = require_field(name, sequence.fields, "the sequence has no field ");
  sequence.mask_field = field.name;
  if (field.kind != fb::FieldKind::Id) {
    name.fail("the mask goes by a field of kind \"id\", and " + augur::quoted(sequence.mask_field) +
              " is of another kind");
  }
  const bool drops_padding = by_padding || zero_is_padding_id(name, field.table, context);
  sequence.mask = drops_padding ? fb::MaskRule::NotPadding : fb::MaskRule::NonZero;
  if (by_padding && !context.tables.at(field.table).has_padding_row) {
    name.fail("the mask compares with the padding_row of table " + augur::quoted(field.table) +
              ", which is null");
  }
}

void read_truncation(const Node& node, fb::StackT& sequence) {
  const std::optional<Node> truncation = node.find("truncation");
  if (!truncation) return;
  sequence.truncation = truncation->choice<fb::Truncation>(
      {{"newest", fb::Truncation::Newest}, {"oldest", fb::Truncation::Oldest}});
}

Width read_query(const Node& node, const Fields& candidate, fb::StackT& sequence,
                 std::vector<std::string>& used_candidates, const Context& context) {
  Width width;
  for (const Node& item : node.items()) {
    const fb::FieldT& field = require_field(item, candidate, "the candidate has no field ");
    width.add(field.name, width_of(field, context));
    sequence.query.push_back(field.name);
    used_candidates.push_back(field.name);
  }
  return width;
}

void read_pool(const Node& node, fb::StackT& sequence, const SequenceInfo& info) {
  node.allow_keys("a pooled result", {"pool", "padding"});
  sequence.result = node.at("pool").choice<fb::ResultKind>(
      {{"sum", fb::ResultKind::SumPool}, {"mean", fb::ResultKind::MeanPool}});
  sequence.padded_length = read_padding(node.at("padding"), info);
  if (sequence.padded_length > 0 && !sequence.extractor.empty()) {
    node.at("padding").fail(
        "padding can be counted only where the events themselves are pooled, not an extractor's "
        "states");
  }
}

void read_result(const Node& node, fb::StackT& sequence, const SequenceInfo& info) {
  if (node.is_object()) {
    read_pool(node, sequence, info);
    return;
  }
  sequence.result = node.choice<fb::ResultKind>({{"last_state", fb::ResultKind::LastState},
                                                 {"attention_pool", fb::ResultKind::AttentionPool},
                                                 {"evolution", fb::ResultKind::Evolution}});
  if (sequence.result == fb::ResultKind::LastState && sequence.extractor.empty()) {
    node.fail("\"last_state\" needs an extractor, but \"extractor\" is empty");
  }
}

// Whether it is known what the field holds in a padded event: its table's padding row, or zeros.
bool can_be_padded(const fb::FieldT& field, const Context& context) {
  if (field.kind == fb::FieldKind::Id) return context.tables.at(field.table).has_padding_row;
  return field.kind != fb::FieldKind::Ids || field.skip_zero || field.skip_padding;
}

fb::WindowRead read_rows(const Node& node) {
  return node.choice<fb::WindowRead>(
      {{"all", fb::WindowRead::All}, {"first_events", fb::WindowRead::FirstEvents}});
}

// Whether the evolution's state stays the same in a step with attention weight 0, or reads no
// weights.
bool keeps_state_at_zero_weight(const fb::StackT& sequence) {
  if (sequence.evolution == nullptr || sequence.extractor.empty()) return false;
  return sequence.evolution->kind == fb::EvolutionKind::Gru ||
         sequence.evolution->kind == fb::EvolutionKind::Agru ||
         (sequence.evolution->kind == fb::EvolutionKind::Augru &&
          sequence.evolution->form == fb::AugruForm::Scale);
}

// To be called when all other parts of the sequence have been read.
void read_window(const Node& node, fb::StackT& sequence, const SequenceInfo& info) {
  node.allow_keys("a window", {"length", "padding", "reads", "evolves"});
  auto window = std::make_unique<fb::WindowT>();
  const Node length = node.at("length");
  window->length = static_cast<uint32_t>(length.integer(1, kLongestHistory));
  if (window->length < sequence.max_history) {
    length.fail("is shorter than max_history, " + std::to_string(sequence.max_history));
  }
  if (!info.can_be_padded) {
    node.fail(
        "a window is filled up with padding, so every id needs a table with a padding_row, "
        "and every field of kind \"ids\" skip_zero or skip_padding");
  }
  if (sequence.padded_length > 0) node.fail("the result's padding is stated already: \"masked\"");
  const Node padding = node.at("padding");
  window->padding = padding.choice<fb::WindowPadding>(
      {{"before", fb::WindowPadding::Before}, {"after", fb::WindowPadding::After}});
  const Node reads = node.at("reads");
  window->reads = read_rows(reads);
  if (window->reads == fb::WindowRead::FirstEvents) {
    window->evolves = read_rows(node.at("evolves"));
    if (window->padding == fb::WindowPadding::After) {
      padding.fail(
          "with padding after the events, the first rows are the events: leave the "
          "window out");
    }
    if (!keeps_state_at_zero_weight(sequence)) {
      reads.fail(
          "\"first_events\" needs an extractor, and as the result an evolution of kind "
          "\"gru\" or \"agru\", or \"augru\" of the form \"scale\"");
    }
  } else if (node.has("evolves")) {
    node.at("evolves").fail("is stated only where \"reads\" is \"first_events\"");
  }
  sequence.window = std::move(window);
}

// Whether the result is computed from the attention's weights.
bool uses_attention(const fb::StackT& sequence) {
  if (sequence.result == fb::ResultKind::Evolution) {
    return sequence.evolution->kind != fb::EvolutionKind::Gru;
  }
  return sequence.result == fb::ResultKind::AttentionPool;
}

void check_parts(const Node& node, const fb::StackT& sequence) {
  const bool has_attention = sequence.attention != nullptr;
  if (uses_attention(sequence) && !has_attention) {
    node.fail("its result needs the attention, but \"attention\" is null");
  }
  if (!uses_attention(sequence) && has_attention) {
    node.at("attention")
        .fail(
            "its weights are not used by the sequence's result; state null, or a "
            "result that uses them");
  }
}

void read_sequence(const Node& node, const Fields& candidate,
                   std::vector<std::string>& used_candidates, Context& context,
                   ReadSequences& result) {
  node.allow_keys("a sequence", {"name", "fields", "max_history", "mask", "truncation", "window",
                                 "query", "extractor", "attention", "result", "evolution"});
  auto sequence = std::make_unique<fb::StackT>();
  SequenceInfo info;
  info.name = sequence->name = node.at("name").name();
  sequence->fields = read_fields(node.at("fields"), "field", context);
  if (sequence->fields.empty()) node.at("fields").fail("must hold at least one field");
  check_vocabularies(node, sequence->fields, candidate, context);
  const Width event = width_of(sequence->fields, context);
  info.event = event.total;
  info.can_be_padded = true;
  for (const auto& field : sequence->fields) {
    info.can_be_padded = info.can_be_padded && can_be_padded(*field, context);
  }
  sequence->max_history = static_cast<uint32_t>(node.at("max_history").integer(1, kLongestHistory));
  info.max_history = sequence->max_history;
  read_mask(node.at("mask"), *sequence, context);
  read_truncation(node, *sequence);
  const Width query = read_query(node.at("query"), candidate, *sequence, used_candidates, context);
  info.query = query.total;

  size_t states = event.total;
  std::string because = event.because;
  for (const Node& layer : node.at("extractor").items()) {
    sequence->extractor.push_back(read_gru(layer, states, because, context));
    states = units_of(*sequence->extractor.back());
    because = "the extractor's " + std::to_string(states) + " units";
  }
  if (const Node attention = node.at("attention"); !attention.is_null()) {
    if (query.total == 0) node.at("query").fail("must not be empty where there is an attention");
    ReadAttention read =
        read_attention(attention, {query.total, query.because, states, because}, context);
    info.projected_query = read.attention->query_projection ? read.projected_query : 0;
    sequence->attention = std::move(read.attention);
  }
  read_result(node.at("result"), *sequence, info);
  info.result = states;
  const std::optional<Node> evolution = node.find("evolution");
  if (sequence->result == fb::ResultKind::Evolution) {
    sequence->evolution = read_evolution(node.at("evolution"), states, because, context);
    info.result = units_of(*sequence->evolution->cell);
  } else if (evolution && !evolution->is_null()) {
    evolution->fail("is there, but \"result\" is not \"evolution\"");
  }
  check_parts(node, *sequence);
  const std::optional<Node> window = node.find("window");
  if (window && !window->is_null()) read_window(*window, *sequence, info);
  result.sequences.push_back(std::move(sequence));
  result.infos.push_back(std::move(info));
}

}  // namespace

ReadSequences read_sequences(const Node& list, const Fields& candidate,
                             std::vector<std::string>& used_candidates, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, "behaviour sequence");
  ReadSequences result;
  for (const Node& node : nodes) {
    read_sequence(node, candidate, used_candidates, context, result);
  }
  return result;
}

uint32_t read_padding(const Node& node, const SequenceInfo& sequence) {
  if (!node.is_object()) {
    node.choice<bool>({{"masked", true}});
    return 0;
  }
  node.allow_keys("padding", {"to_length"});
  const Node length = node.at("to_length");
  const auto padded = static_cast<uint32_t>(length.integer(1, kLongestHistory));
  if (padded < sequence.max_history) {
    length.fail("is shorter than the longest history of sequence " + augur::quoted(sequence.name) +
                ", " + std::to_string(sequence.max_history));
  }
  if (!sequence.can_be_padded) {
    node.fail(
        "padding can be counted only where every id of sequence " + augur::quoted(sequence.name) +
        " has a table with a padding_row, and every field of kind \"ids\" skips zeros or padding");
  }
  return padded;
}

}  // namespace augur::convert
