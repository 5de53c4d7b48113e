// Loads the head.
#include <cstring>

#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

const char* kind_name(fb::SourceKind kind) {
  switch (kind) {
    case fb::SourceKind::Feature:
      return "feature";
    case fb::SourceKind::Candidate:
      return "candidate field";
    default:
      return "stack";
  }
}

augur_status load_source(Reader& reader, const fb::Source* file, const Model& model,
                         Source* source) {
  const char* name = file->name()->c_str();
  if (file->kind() == fb::SourceKind::Feature || file->kind() == fb::SourceKind::Candidate) {
    const bool feature = file->kind() == fb::SourceKind::Feature;
    const FieldGroup& group = feature ? model.features : model.candidate;
    const std::size_t index = group.find(name);
    if (index == group.fields.size())
      return reader.bad("the model has no %s '%s'", kind_name(file->kind()), name);
    source->kind = feature ? SourceKind::kFeature : SourceKind::kCandidate;
    source->shared = feature;
    source->index = static_cast<std::uint32_t>(index);
    source->offset = group.fields[index].offset;
    source->width = group.fields[index].width;
    return AUGUR_OK;
  }

  const Span<Sequence>& sequences = model.sequences;
  std::uint32_t index = 0;
  while (index < sequences.size() && std::strcmp(sequences[index].name, name) != 0)
    ++index;
  if (index == sequences.size()) return reader.bad("the model has no stack '%s'", name);
  const Sequence& sequence = sequences[index];
  source->index = index;
  switch (file->kind()) {
    case fb::SourceKind::Query:
      source->kind = SourceKind::kQueryEmbedding;
      source->width = sequence.query_embedding_width;
      AUGUR_TRY(reader.expect(source->width > 0, "the stack has no query"));
      return AUGUR_OK;
    case fb::SourceKind::ProjectedQuery:
      source->kind = SourceKind::kQuery;
      if (sequence.attention == nullptr || !sequence.attention->has_projection()) {
        return reader.bad("stack '%s' does not project its query", name);
      }
      source->width = sequence.attention->query_width;
      return AUGUR_OK;
    case fb::SourceKind::Result:
      source->kind = SourceKind::kResult;
      source->width = sequence.result_width;
      source->shared = sequence.shared_result;
      return AUGUR_OK;
    case fb::SourceKind::Pooled:
      source->kind = SourceKind::kPooled;
      source->width = sequence.fields.width;
      source->shared = true;
      source->padded_length = file->padded_length();
      if (file->pooling() != fb::Pooling::Sum && file->pooling() != fb::Pooling::Mean) {
        return reader.bad("unknown pooling %u", static_cast<unsigned>(file->pooling()));
      }
      source->mean = file->pooling() == fb::Pooling::Mean;
      return AUGUR_OK;
    default:
      return reader.bad("unknown kind of source %u", static_cast<unsigned>(file->kind()));
  }
}

// Splits the matrix into the columns for the user and those for the candidate.
augur_status load_first_layer(Reader& reader, const fb::Dense* file, Head* head) {
  Shape shape;
  AUGUR_TRY(reader.matrix_shape(file->weight(), "weight", &shape));
  head->units = shape.rows;
  if (head->units > kMaxWidth)
    return reader.bad("tensor 'weight' has %u outputs, too many", head->units);
  const std::size_t width = std::size_t{head->user_width} + head->candidate_width;
  const float* bias = nullptr;
  AUGUR_TRY(reader.optional_vector(file->bias(), "bias", head->units, &bias));
  AUGUR_TRY(load_activation(reader, file->activation(), head->units, &head->activation));

  // The whole matrix, then its columns for the user and for the candidate, each side by side.
  const std::size_t values = std::size_t{head->units} * width;
  const Arena::Scratch scratch(reader.arena(), 2 * values * sizeof(float));
  if (scratch.data() == nullptr) return reader.no_memory();
  auto* expanded = static_cast<float*>(scratch.data());
  const float* matrix = nullptr;
  AUGUR_TRY(reader.read_matrix(file->weight(), "weight",
                               {head->units, static_cast<std::uint32_t>(width)}, expanded,
                               &matrix));
  float* user = expanded + values;
  float* candidate = user + std::size_t{head->units} * head->user_width;
  std::size_t column = 0;
  for (const Slot& slot : head->slots) {
    float* part = slot.shared() ? user : candidate;
    const std::size_t part_width = slot.shared() ? head->user_width : head->candidate_width;
    for (std::uint32_t unit = 0; unit < head->units; ++unit) {
      std::memcpy(part + unit * part_width + slot.column, matrix + unit * width + column,
                  slot.width() * sizeof(float));
    }
    column += slot.width();
  }
  if (head->user_width > 0) {
    AUGUR_TRY(
        head->user.pack(user, bias, head->units, head->user_width, reader.arena(), reader.error()));
    bias = nullptr;
  }
  if (head->candidate_width == 0) return AUGUR_OK;
  return head->candidate.pack(candidate, bias, head->units, head->candidate_width, reader.arena(),
                              reader.error());
}

}  // namespace

augur_status load_head(Reader& reader, const fb::Head* file, const Model& model, Head* head) {
  const Reader::Part part(reader, "head");
  AUGUR_TRY(reader.check_count(file->slots()->size(), "slots"));
  head->slots = reader.arena().array<Slot>(file->slots()->size());
  if (head->slots.empty())
    return file->slots()->size() == 0 ? reader.bad("has no slots") : reader.no_memory();
  for (std::uint32_t i = 0; i < head->slots.size(); ++i) {
    const Reader::Part slot_part(reader, "slot %u", i);
    const fb::Slot* from = file->slots()->Get(i);
    Slot& slot = head->slots[i];
    AUGUR_TRY(load_source(reader, from->source(), model, &slot.source));
    slot.product = from->times() != nullptr;
    if (slot.product) {
      AUGUR_TRY(load_source(reader, from->times(), model, &slot.times));
      if (slot.times.width != slot.source.width) {
        return reader.bad("a product of widths %u and %u", slot.source.width, slot.times.width);
      }
    }
    std::uint32_t& width = slot.shared() ? head->user_width : head->candidate_width;
    slot.column = width;
    width += slot.width();
    if (width > kMaxWidth) return reader.bad("makes the head's input wider than %u", kMaxWidth);
  }
  if (file->layers()->size() == 0) return reader.bad("has no layers");
  {
    const Reader::Part layer(reader, "layer 0");
    AUGUR_TRY(load_first_layer(reader, file->layers()->Get(0), head));
  }
  AUGUR_TRY(load_mlp(reader, file->layers(), 1, head->units, Arithmetic::kFloats, &head->layers));
  if (head->layers.outputs != 1)
    return reader.bad("its last layer has %u outputs, expected 1", head->layers.outputs);
  const fb::Dense* last = file->layers()->Get(file->layers()->size() - 1);
  if (last->activation() != nullptr && last->activation()->kind() != fb::ActivationKind::None) {
    return reader.bad("its last layer has an activation; the logit has none");
  }
  return AUGUR_OK;
}

}  // namespace augur
