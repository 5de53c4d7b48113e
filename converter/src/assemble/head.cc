// The "head" and the "output" of a description; see parts.h.
#include "assemble/parts.h"

#include "assemble/layers.h"
#include "text/text.h"

namespace augur::convert {
namespace {

struct ReadSource {
  std::unique_ptr<fb::SourceT> source;
  size_t width = 0;
  std::string label;  // "query of clicks"
};

SequenceInfo& find_sequence(const Node& node, HeadSources& sources) {
  const std::string name = node.name();
  std::vector<std::string> known;
  for (SequenceInfo& sequence : sources.sequences) {
    if (sequence.name == name) return sequence;
    known.push_back(sequence.name);
  }
  node.fail("there is no sequence " + augur::quoted(name) + did_you_mean(name, known));
}

// The key that names a source, and the source's kind.
struct SourceKey {
  const char* key;
  fb::SourceKind kind;
};
constexpr SourceKey kSourceKeys[] = {
    {"feature", fb::SourceKind::Feature}, {"candidate", fb::SourceKind::Candidate},
    {"query", fb::SourceKind::Query},     {"projected_query", fb::SourceKind::ProjectedQuery},
    {"result", fb::SourceKind::Result},   {"pooled", fb::SourceKind::Pooled}};

SourceKey read_source_key(const Node& node, bool whole_slot) {
  std::vector<std::string> keys;
  std::vector<SourceKey> found;
  for (const SourceKey& source : kSourceKeys) {
    keys.emplace_back(source.key);
    if (node.is_object() && node.has(source.key)) found.push_back(source);
  }
  if (found.size() == 1) {
    if (found[0].kind == fb::SourceKind::Pooled) keys = {"pooled", "pooling", "padding"};
    // add_part() reads these two of a slot; the factors of a product have no projection.
    if (whole_slot) keys.insert(keys.end(), {"projection", "orientation"});
    node.allow_keys("this slot", keys);
    return found[0];
  }
  keys.insert(keys.end(), {"product", "pooling", "padding"});
  node.allow_keys("a slot", keys);
  node.fail(
      "expected one of the keys feature, candidate, query, projected_query, result, pooled, "
      "product");
}

// Reads a source that a sequence provides.
void read_sequence_source(const Node& node, const SourceKey& key, HeadSources& sources,
                          ReadSource& result) {
  SequenceInfo& sequence = find_sequence(node.at(key.key), sources);
  result.source->name = sequence.name;
  switch (key.kind) {
    case fb::SourceKind::Query:
      if (sequence.query == 0)
        node.fail("sequence " + augur::quoted(sequence.name) + " has no query");
      result.width = sequence.query;
      result.label = "query of ";
      break;
    case fb::SourceKind::ProjectedQuery:
      if (sequence.projected_query == 0) {
        node.fail("the attention of sequence " + augur::quoted(sequence.name) +
                  " has no query projection");
      }
      result.width = sequence.projected_query;
      result.label = "projected query of ";
      break;
    case fb::SourceKind::Result:
      sequence.result_used = true;
      result.width = sequence.result;
      result.label = "result of ";
      break;
    default:
      result.width = sequence.event;
      result.label = "pooled ";
      result.source->pooling = node.at("pooling").choice<fb::Pooling>(
          {{"sum", fb::Pooling::Sum}, {"mean", fb::Pooling::Mean}});
      result.source->padded_length = read_padding(node.at("padding"), sequence);
      break;
  }
  result.label += sequence.name;
}

ReadSource read_source(const Node& node, bool whole_slot, HeadSources& sources,
                       const Context& context) {
  ReadSource result;
  result.source = std::make_unique<fb::SourceT>();
  const SourceKey key = read_source_key(node, whole_slot);
  result.source->kind = key.kind;
  if (key.kind == fb::SourceKind::Feature) {
    const fb::FieldT& field =
        require_field(node.at("feature"), sources.features, "there is no feature ");
    sources.used_features.insert(field.name);
    result.width = width_of(field, context);
    result.label = result.source->name = field.name;
  } else if (key.kind == fb::SourceKind::Candidate) {
    const fb::FieldT& field =
        require_field(node.at("candidate"), sources.candidate, "there is no candidate field ");
    sources.used_candidates.push_back(field.name);
    result.width = width_of(field, context);
    result.label = "candidate " + field.name;
    result.source->name = field.name;
  } else {
    read_sequence_source(node, key, sources, result);
  }
  return result;
}

// Adds a source to the head's input. With a projection, as in {"feature": "price", "projection":
// weights}, the head's input is weights * price; the projection is folded into the first layer.
void add_part(const Node& node, const ReadSource& source, Width& width,
              std::vector<InputPart>& parts, Context& context) {
  const std::optional<Node> projection = node.find("projection");
  if (!projection) {
    width.add(source.label, source.width);
    parts.push_back({source.width, std::nullopt});
    return;
  }
  const Matrix map =
      read_matrix(*projection, context.orientation_of(node),
                  {std::nullopt, source.width, source.label + " " + std::to_string(source.width)},
                  context.weights);
  width.add("projected " + source.label, map.rows);
  parts.push_back({map.rows, map});
}

std::unique_ptr<fb::SlotT> read_slot(const Node& node, HeadSources& sources, Context& context,
                                     Width& width, std::vector<InputPart>& parts) {
  auto slot = std::make_unique<fb::SlotT>();
  if (!node.is_object() || !node.has("product")) {
    ReadSource source = read_source(node, true, sources, context);
    add_part(node, source, width, parts, context);
    slot->source = std::move(source.source);
    return slot;
  }
  node.allow_keys("a product slot", {"product"});
  const std::vector<Node> factors = node.at("product").items();
  if (factors.size() != 2) node.at("product").fail("expected two sources");
  ReadSource first = read_source(factors[0], false, sources, context);
  ReadSource second = read_source(factors[1], false, sources, context);
  if (first.width != second.width) {
    node.at("product").fail("the factors must be equally wide, but " + first.label + " has " +
                            std::to_string(first.width) + " numbers and " + second.label + " has " +
                            std::to_string(second.width));
  }
  width.add("(" + first.label + " * " + second.label + ")", first.width);
  parts.push_back({first.width, std::nullopt});
  slot->source = std::move(first.source);
  slot->times = std::move(second.source);
  return slot;
}

// All sources that a slot could name, with their widths.
Width possible_slots(const HeadSources& sources, const Context& context) {
  Width all;
  for (const auto& field : sources.features)
    all.add(field->name, width_of(*field, context));
  for (const auto& field : sources.candidate)
    all.add("candidate " + field->name, width_of(*field, context));
  for (const SequenceInfo& sequence : sources.sequences) {
    all.add("query of " + sequence.name, sequence.query);
    all.add("projected query of " + sequence.name, sequence.projected_query);
    all.add("pooled " + sequence.name, sequence.event);
    all.add("(query of " + sequence.name + " * pooled " + sequence.name + ")",
            sequence.query == sequence.event ? sequence.query : 0);
    all.add("result of " + sequence.name, sequence.result);
  }
  return all;
}

// For the message: the one slot that, left out or added, would make the input `found` wide.
std::string explain_width(const Width& width, const Width& possible, size_t found) {
  std::vector<std::string> labels;
  for (const auto& [label, size] : found < width.total ? width.parts : possible.parts) {
    const bool is_there = width.because.find(label + " ") != std::string::npos;
    const size_t explained = found < width.total ? width.total - size : width.total + size;
    if (explained == found && size > 0 && is_there == (found < width.total))
      labels.push_back(label);
  }
  if (labels.empty()) return "";
  if (found > width.total) return "; a further slot would explain it: " + join(labels, ", or ");
  return "; it is as wide as the input without " + join(labels, ", or without ") +
         ": the checkpoint's head does not take that slot. A head without a sequence's result is "
         "that "
         "of a model without this sequence network, such as BaseModel or DIN";
}

enum class Output { kSigmoid, kSoftmax, kIdentity };

Output read_output_kind(const Node& output) {
  if (!output.is_object()) {
    output.fail(
        "expected {\"kind\": \"sigmoid\"}, {\"kind\": \"softmax\", \"click_column\": 0 or 1} or "
        "{\"kind\": \"identity\"}");
  }
  return output.at("kind").choice<Output>({{"sigmoid", Output::kSigmoid},
                                           {"softmax", Output::kSoftmax},
                                           {"identity", Output::kIdentity}});
}

// Turns the last layer's outputs into one logit.
void read_output(const Node& output, const Node& last, DenseLayer& layer) {
  const size_t outputs = layer.weights.weight.rows;
  if (layer.activation != nullptr) {
    last.at("activation")
        .fail(
            "the last layer gives the logit and has the activation \"none\"; how a score is made "
            "of it is said by \"output\"");
  }
  const Output kind = read_output_kind(output);
  if (kind != Output::kSoftmax) {
    const std::string word = kind == Output::kSigmoid ? "sigmoid" : "identity";
    output.allow_keys("an output of kind \"" + word + "\"", {"kind"});
    if (outputs != 1) {
      last.fail("the last layer has " + std::to_string(outputs) + " outputs; " +
                (kind == Output::kSigmoid ? "a sigmoid" : "an output of kind \"identity\"") +
                " needs one. A softmax over two is stated as {\"kind\": \"softmax\", "
                "\"click_column\": 0 or 1}; several scores are not in the model family");
    }
    return;
  }
  output.allow_keys("an output of kind \"softmax\"", {"kind", "click_column"});
  const int64_t click = output.at("click_column").integer(0, 1);
  if (outputs != 2) {
    last.fail("the last layer has " + std::to_string(outputs) +
              (outputs == 1 ? " output" : " outputs") +
              "; the softmax in the model family is over two, click and no click");
  }
  keep_click(layer.weights, static_cast<size_t>(click));
}

}  // namespace

fb::OutputKind read_score(const Node& output) {
  return read_output_kind(output) == Output::kIdentity ? fb::OutputKind::Identity
                                                       : fb::OutputKind::Sigmoid;
}

std::unique_ptr<fb::HeadT> read_head(const Node& head, const Node& output, HeadSources& sources,
                                     Context& context) {
  head.allow_keys("the head", {"input", "layers", "orientation"});
  auto result = std::make_unique<fb::HeadT>();
  Width width;
  std::vector<InputPart> parts;
  for (const Node& slot : head.at("input").items()) {
    result->slots.push_back(read_slot(slot, sources, context, width, parts));
  }
  if (result->slots.empty()) head.at("input").fail("must hold at least one slot");

  const Width possible = possible_slots(sources, context);
  const Orientation outer = context.orientation;
  context.orientation = context.orientation_of(head);
  const Node list = head.at("layers");
  std::vector<DenseLayer> layers =
      read_layers(list, width.total, "the head's input: " + width.because, context,
                  [&](size_t found) { return explain_width(width, possible, found); });
  context.orientation = outer;
  fold_input_maps(layers.front().weights, parts);

  const std::vector<Node> nodes = list.items();
  read_output(output, nodes.back(), layers.back());
  for (size_t i = 0; i < layers.size(); ++i) {
    result->layers.push_back(make_dense(std::move(layers[i]), nodes[i]));
  }
  return result;
}

}  // namespace augur::convert
