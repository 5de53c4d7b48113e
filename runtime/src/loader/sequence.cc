// Loads a behaviour sequence, which files call a stack.
#include <cstdio>

#include "common/utf8.h"
#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

augur_status load_mask(Reader& reader, const fb::Stack* file, Sequence* sequence) {
  if (file->mask() == fb::MaskRule::Length) return AUGUR_OK;
  if (file->mask() != fb::MaskRule::NonZero && file->mask() != fb::MaskRule::NotPadding) {
    return reader.bad("unknown mask rule %u", static_cast<unsigned>(file->mask()));
  }
  const char* mask = file->mask_field() == nullptr ? "" : file->mask_field()->c_str();
  const std::size_t index = sequence->fields.find(mask);
  if (index == sequence->fields.fields.size() || sequence->fields.fields[index].kind != AUGUR_ID) {
    return reader.bad("mask_field '%s' is not one of its id fields", mask);
  }
  sequence->mask_field = &sequence->fields.fields[index];
  sequence->masked_row =
      file->mask() == fb::MaskRule::NonZero ? 0 : sequence->mask_field->table->padding_row;
  return AUGUR_OK;
}

augur_status load_truncation(Reader& reader, const fb::Stack* file, Sequence* sequence) {
  switch (file->truncation()) {
    case fb::Truncation::Newest:
      return AUGUR_OK;
    case fb::Truncation::Oldest:
      sequence->keeps_oldest = true;
      return AUGUR_OK;
  }
  return reader.bad("unknown truncation %u", static_cast<unsigned>(file->truncation()));
}

augur_status load_window(Reader& reader, const fb::Window* file, Sequence* sequence) {
  const Reader::Part part(reader, "window");
  Window& window = sequence->window;
  window.length = file->length();
  if (window.length < sequence->max_history || window.length > kMaxHistory) {
    return reader.bad("length is %u, expected max_history, %u, to %u", window.length,
                      sequence->max_history, kMaxHistory);
  }
  for (const fb::WindowRead read : {file->reads(), file->evolves()}) {
    if (read != fb::WindowRead::All && read != fb::WindowRead::FirstEvents) {
      return reader.bad("unknown choice of rows %u", static_cast<unsigned>(read));
    }
  }
  if (file->padding() != fb::WindowPadding::Before && file->padding() != fb::WindowPadding::After) {
    return reader.bad("unknown padding %u", static_cast<unsigned>(file->padding()));
  }
  AUGUR_TRY(
      reader.expect(sequence->padded_length == 0, "a window and padded_length exclude each other"));
  window.padding_after = file->padding() == fb::WindowPadding::After;
  window.reads_first = file->reads() == fb::WindowRead::FirstEvents;
  window.evolves_first = file->evolves() == fb::WindowRead::FirstEvents;
  if (!window.reads_first) {
    return reader.expect(!window.evolves_first,
                         "the evolution cannot read fewer rows than the extractor");
  }
  AUGUR_TRY(reader.expect(!window.padding_after,
                          "with padding after the events, the first rows are the events"));
  AUGUR_TRY(
      reader.expect(!sequence->extractor.empty(), "reading the first rows needs an extractor"));
  if (sequence->result == ResultKind::kAttentionPool) return AUGUR_OK;
  AUGUR_TRY(reader.expect(sequence->result == ResultKind::kEvolution,
                          "reading the first rows needs an evolution, or pooling by attention"));
  // A weight of 0 leaves the state of these cells as it is.
  const Cell& cell = sequence->evolution->gru.cell;
  return reader.expect(cell.input_bias == nullptr && cell.share != ShareRule::kLift,
                       "reading the first rows needs a GRU, an AGRU or an AUGRU of form Scale");
}

augur_status load_query(Reader& reader, const fb::Stack* file, const FieldGroup& candidate,
                        Sequence* sequence) {
  const std::uint32_t count = file->query() == nullptr ? 0 : file->query()->size();
  AUGUR_TRY(reader.check_count(count, "query fields"));
  sequence->query = reader.arena().array<const Field*>(count);
  if (sequence->query.size() != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* name = file->query()->Get(i)->c_str();
    const std::size_t index = candidate.find(name);
    if (index == candidate.fields.size())
      return reader.bad("query field '%s' is not a field of the candidate", name);
    sequence->query[i] = &candidate.fields[index];
    sequence->query_embedding_width += sequence->query[i]->width;
    if (sequence->query_embedding_width > kMaxWidth)
      return reader.bad("its query is wider than %u", kMaxWidth);
  }
  return AUGUR_OK;
}

augur_status load_result(Reader& reader, const fb::Stack* file, Sequence* sequence) {
  sequence->result_width = sequence->state_width;
  sequence->padded_length = file->padded_length();
  sequence->shared_result = true;
  switch (file->result()) {
    case fb::ResultKind::LastState:
      sequence->result = ResultKind::kLastState;
      break;
    case fb::ResultKind::SumPool:
      sequence->result = ResultKind::kSumPool;
      break;
    case fb::ResultKind::MeanPool:
      sequence->result = ResultKind::kMeanPool;
      break;
    case fb::ResultKind::AttentionPool:
      sequence->result = ResultKind::kAttentionPool;
      sequence->shared_result = false;
      AUGUR_TRY(
          reader.expect(sequence->attention != nullptr, "attention pooling needs an attention"));
      break;
    case fb::ResultKind::Evolution:
      sequence->result = ResultKind::kEvolution;
      AUGUR_TRY(reader.expect(file->evolution() != nullptr,
                              "its result is an evolution, which is missing"));
      sequence->evolution = reader.arena().create<Evolution>();
      if (sequence->evolution == nullptr) return reader.no_memory();
      AUGUR_TRY(load_evolution(
          reader, file->evolution(), sequence->state_width, !sequence->extractor.empty(),
          sequence->attention != nullptr && sequence->attention->softmax, sequence->evolution));
      sequence->result_width = sequence->evolution->gru.hidden;
      sequence->shared_result = !sequence->evolution->uses_attention;
      AUGUR_TRY(reader.expect(sequence->shared_result || sequence->attention != nullptr,
                              "its evolution needs an attention"));
      break;
    default:
      return reader.bad("unknown result %u", static_cast<unsigned>(file->result()));
  }
  const bool pooled =
      sequence->result == ResultKind::kSumPool || sequence->result == ResultKind::kMeanPool;
  if (sequence->padded_length != 0 && (!pooled || !sequence->extractor.empty())) {
    return reader.bad("padded_length needs behaviours pooled by sum or mean");
  }
  return AUGUR_OK;
}

}  // namespace

augur_status load_sequence(Reader& reader, const fb::Stack* file,
                           const Span<EmbeddingTable>& tables, const FieldGroup& candidate,
                           Sequence* sequence) {
  sequence->name = file->name()->c_str();
  const Reader::Part part(reader, "stack '%s'", sequence->name);
  FieldGroup& fields = sequence->fields;
  AUGUR_TRY(load_fields(reader, file->fields(), tables, &fields));
  AUGUR_TRY(reader.expect(!fields.fields.empty(), "has no fields"));
  std::snprintf(fields.description, sizeof(fields.description), "history of stack '%s'",
                sequence->name);
  drop_cut_character(fields.description);
  sequence->max_history = file->max_history();
  if (sequence->max_history == 0 || sequence->max_history > kMaxHistory) {
    return reader.bad("max_history is %u, expected 1 to %u", sequence->max_history, kMaxHistory);
  }
  AUGUR_TRY(load_mask(reader, file, sequence));
  AUGUR_TRY(load_truncation(reader, file, sequence));
  AUGUR_TRY(load_query(reader, file, candidate, sequence));
  AUGUR_TRY(load_extractor(reader, file->extractor(), fields.width, &sequence->extractor));
  const Span<Gru>& layers = sequence->extractor;
  sequence->state_width = layers.empty() ? fields.width : layers[layers.size() - 1].hidden;
  if (file->attention() != nullptr) {
    sequence->attention = reader.arena().create<Attention>();
    if (sequence->attention == nullptr) return reader.no_memory();
    AUGUR_TRY(load_attention(reader, file->attention(), sequence->state_width,
                             sequence->query_embedding_width, sequence->attention));
  }
  AUGUR_TRY(load_result(reader, file, sequence));
  return file->window() == nullptr ? AUGUR_OK : load_window(reader, file->window(), sequence);
}

}  // namespace augur
