// A model file in a form that can be shown; see summary.h.
#include "inspect/summary.h"

#include <cstring>
#include <map>

#include "common/sha256.h"
#include "error.h"
#include "quantise/model_parts.h"
#include "text/file.h"
#include "text/text.h"
#include "write/model_file.h"

namespace augur::convert {
namespace {

// What a field's summary needs of its table.
struct TableForm {
  uint64_t width = 0;
  fb::KeyType keys = fb::KeyType::Row;
};
using TableForms = std::map<std::string, TableForm>;

// The sum of what `of` tells of each item.
template <typename Item, typename Of>
uint64_t sum(const std::vector<Item>& items, Of of) {
  uint64_t total = 0;
  for (const Item& item : items)
    total += of(item);
  return total;
}

uint64_t bytes_of(const std::vector<LayerSummary>& layers) {
  return sum(layers, [](const LayerSummary& layer) { return layer.bytes(); });
}

std::string pooling_name(fb::Pooling pooling) {
  switch (pooling) {
    case fb::Pooling::Sum:
      return "sum";
    case fb::Pooling::Mean:
      return "mean";
    case fb::Pooling::Max:
      return "max";
  }
  return "unknown";
}

TableSummary summarise_table(const fb::EmbeddingTableT& table) {
  TableSummary summary;
  summary.name = table.name;
  summary.padding_row = table.padding_row;
  summary.external = table.external;
  summary.rows_hash = hex_text(table.rows_hash.data(), table.rows_hash.size());
  summary.tensor = summarise_tensor("weights", *table.weights);
  summary.key_type = key_type_name(table.key_type);
  if (table.vocabulary) summary.vocabulary = summarise_vocabulary(*table.vocabulary);
  summary.vocabulary_of = table.vocabulary_of;
  summary.hashes_keys = table.key_type != fb::KeyType::Row && !table.vocabulary &&
                        table.vocabulary_of.empty() && !table.external;
  switch (table.out_of_table) {
    case fb::OutOfTable::Error:
      summary.outside = "error";
      break;
    case fb::OutOfTable::PaddingRow:
      summary.outside = "row " + std::to_string(table.padding_row);
      break;
    case fb::OutOfTable::PaddingId:
      summary.outside = "padding id " + std::to_string(table.padding_row);
      break;
    case fb::OutOfTable::UnknownRow:
      summary.outside = "row " + std::to_string(table.unknown_row);
      break;
    case fb::OutOfTable::Hash:
      summary.outside = table.hash ? hash_text(*table.hash, table.key_type) : "hash";
      break;
  }
  return summary;
}

FieldSummary summarise_field(const fb::FieldT& field, const TableForms& tables) {
  FieldSummary summary;
  summary.name = field.name;
  summary.column = field.column.empty() ? field.name : field.column;
  const auto table = tables.find(field.table);
  const TableForm form = table == tables.end() ? TableForm{} : table->second;
  switch (field.kind) {
    case fb::FieldKind::Id:
      summary.kind = "id";
      summary.detail = "table " + field.table;
      break;
    case fb::FieldKind::Ids:
      summary.kind = "ids";
      summary.detail = "table " + field.table + ", " + pooling_name(field.pooling) +
                       (field.skip_zero ? ", zeros skipped" : "") +
                       (field.skip_padding ? ", padding skipped" : "");
      break;
    case fb::FieldKind::Number:
      summary.kind = "number";
      summary.width = 1;
      return summary;
    case fb::FieldKind::Vector:
      summary.kind = "vector";
      summary.width = field.dim;
      return summary;
  }
  if (field.hash) summary.detail += ", each key by " + hash_text(*field.hash, form.keys);
  summary.width = form.width;
  return summary;
}

std::vector<FieldSummary> summarise_fields(const std::vector<std::unique_ptr<fb::FieldT>>& fields,
                                           const TableForms& tables) {
  std::vector<FieldSummary> result;
  for (const auto& field : fields)
    result.push_back(summarise_field(*field, tables));
  return result;
}

uint64_t width_of(const std::vector<FieldSummary>& fields) {
  return sum(fields, [](const FieldSummary& field) { return field.width; });
}

std::string padded_text(uint32_t padded_length) {
  return padded_length == 0 ? "" : ", padded to " + std::to_string(padded_length);
}

std::string mask_text(const fb::StackT& sequence) {
  switch (sequence.mask) {
    case fb::MaskRule::Length:
      break;
    case fb::MaskRule::NonZero:
      return sequence.mask_field + " is not 0";
    case fb::MaskRule::NotPadding:
      return sequence.mask_field + " is not padding";
  }
  return "every event given";
}

std::string window_text(const fb::WindowT& window) {
  const bool before = window.padding == fb::WindowPadding::Before;
  const bool evolves_all = window.evolves == fb::WindowRead::All;
  return std::to_string(window.length) + " rows, padding " + (before ? "before" : "after") +
         " the events; " +
         (window.reads == fb::WindowRead::All
              ? "all rows are read"
              : std::string("of n events, the extractor reads the first n rows, the evolution ") +
                    (evolves_all ? "all" : "the same"));
}

SequenceSummary summarise_sequence(const fb::StackT& sequence, const TableForms& tables) {
  SequenceSummary summary;
  summary.name = sequence.name;
  summary.fields = summarise_fields(sequence.fields, tables);
  summary.max_history = sequence.max_history;
  summary.keeps_oldest = sequence.truncation == fb::Truncation::Oldest;
  summary.mask = mask_text(sequence);
  if (sequence.window != nullptr) summary.window = window_text(*sequence.window);
  summary.query = sequence.query;
  summary.layers = summarise_layers(sequence);
  summary.width = width_of(summary.fields);
  for (const LayerSummary& layer : summary.layers) {
    if (layer.name != "attention") summary.width = layer.outputs;
  }
  const std::string outputs = sequence.extractor.empty() ? "events" : "states";
  switch (sequence.result) {
    case fb::ResultKind::LastState:
      summary.result = "last state";
      break;
    case fb::ResultKind::SumPool:
      summary.result = "sum of the " + outputs + padded_text(sequence.padded_length);
      break;
    case fb::ResultKind::MeanPool:
      summary.result = "mean of the " + outputs + padded_text(sequence.padded_length);
      break;
    case fb::ResultKind::AttentionPool:
      summary.result = "sum of the " + outputs + " by attention";
      break;
    case fb::ResultKind::Evolution:
      summary.result = "last state of the evolution";
      break;
  }
  return summary;
}

uint64_t field_width(const std::vector<FieldSummary>& fields, const std::string& name) {
  for (const FieldSummary& field : fields) {
    if (field.name == name) return field.width;
  }
  return 0;
}

SlotSummary summarise_source(const fb::SourceT& source, const ModelSummary& model,
                             const fb::ModelT& file) {
  if (source.kind == fb::SourceKind::Feature) {
    return {source.name, field_width(model.features, source.name)};
  }
  if (source.kind == fb::SourceKind::Candidate) {
    return {"candidate " + source.name, field_width(model.candidate, source.name)};
  }
  for (size_t i = 0; i < model.sequences.size(); ++i) {
    const SequenceSummary& sequence = model.sequences[i];
    if (sequence.name != source.name) continue;
    switch (source.kind) {
      case fb::SourceKind::Query:
        return {"query of " + sequence.name, sum(sequence.query, [&](const std::string& name) {
                  return field_width(model.candidate, name);
                })};
      case fb::SourceKind::ProjectedQuery: {
        const auto& attention = file.stacks[i]->attention;
        const bool projected = attention && attention->query_projection;
        return {"projected query of " + sequence.name,
                projected ? attention->query_projection->weight->shape.at(0) : 0};
      }
      case fb::SourceKind::Result:
        return {"result of " + sequence.name, sequence.width};
      default:
        return {pooling_name(source.pooling) + " of " + sequence.name +
                    padded_text(source.padded_length),
                width_of(sequence.fields)};
    }
  }
  return {source.name, 0};
}

}  // namespace

void check_format(uint32_t format, const std::string& name) {
  if (format <= kNewestFormat) return;
  throw Error(name + ": has the format " + std::to_string(format) +
              ", and this version reads up to " + std::to_string(kNewestFormat) +
              "; inspect it with a newer augur-inspect");
}

ContentHashSummary summarise_content_hash(const std::vector<uint8_t>& file,
                                          const HashMember* member) {
  if (member == nullptr) return {};
  return {hex_text(member->data(), member->size()), check_content_hash(file, member)};
}

uint64_t LayerSummary::bytes() const {
  return sum(tensors, [](const TensorSummary& tensor) { return tensor.bytes; });
}

uint64_t ModelSummary::table_bytes() const {
  return sum(tables, [](const TableSummary& table) { return table.tensor.bytes; });
}

uint64_t ModelSummary::key_bytes() const {
  return sum(tables, [](const TableSummary& table) {
    return table.vocabulary ? table.vocabulary->bytes : uint64_t{0};
  });
}

uint64_t ModelSummary::sequence_bytes() const {
  return sum(sequences, [](const SequenceSummary& sequence) { return bytes_of(sequence.layers); });
}

uint64_t ModelSummary::head_bytes() const {
  return bytes_of(head);
}

void verify_model(const std::vector<uint8_t>& file, const std::string& name) {
  if (file.size() < 8 || std::memcmp(file.data() + 4, fb::ModelIdentifier(), 4) != 0) {
    throw Error(name + ": not a model file: it does not hold \"AUGR\" at byte 4");
  }
  if (file.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    throw Error(name + ": " + bytes_text(file.size()) + "; a model file is smaller than 2 GB");
  }
  flatbuffers::Verifier verifier(file.data(), file.size(), 16, 65536);
  if (!fb::VerifyModelBuffer(verifier)) {
    throw Error(name + ": damaged, or cut short at " + std::to_string(file.size()) + " bytes");
  }
  check_format(fb::GetModel(file.data())->format(), name);
}

ModelSummary summarise_model(const std::vector<uint8_t>& bytes, const std::string& name) {
  verify_model(bytes, name);
  const std::unique_ptr<fb::ModelT> file(fb::GetModel(bytes.data())->UnPack());
  ModelSummary summary;
  summary.name = file->name;
  summary.id = hex_text(file->id.data(), file->id.size());
  const Digest id = compute_model_id(*file);
  summary.id_matches = summary.id == hex_text(id.data(), id.size());
  summary.content_hash = summarise_content_hash(bytes, fb::GetModel(bytes.data())->content_hash());
  summary.format = file->format;
  summary.producer = file->producer;
  summary.producer_version = file->producer_version;
  if (file->proof) summary.proof = *file->proof;
  summary.notes = file->notes;
  summary.output = file->output == fb::OutputKind::Identity ? "identity" : "sigmoid";
  if (file->calibration) {
    summary.calibration_scale = file->calibration->scale;
    summary.calibration_offset = file->calibration->offset;
  }
  TableForms tables;
  for (const auto& table : file->tables) {
    summary.tables.push_back(summarise_table(*table));
    tables[table->name] = {table->weights->shape.empty() ? 0 : table->weights->shape.back(),
                           table->key_type};
  }
  summary.features = summarise_fields(file->features, tables);
  summary.candidate = summarise_fields(file->candidate, tables);
  for (const auto& sequence : file->stacks) {
    summary.sequences.push_back(summarise_sequence(*sequence, tables));
  }
  for (const auto& slot : file->head->slots) {
    SlotSummary text = summarise_source(*slot->source, summary, *file);
    if (slot->times) text.text += " * " + summarise_source(*slot->times, summary, *file).text;
    summary.slots.push_back(std::move(text));
  }
  summary.head = summarise_layers(file->head->layers);
  summary.file_bytes = bytes.size();
  return summary;
}

std::vector<uint8_t> read_model_file(const std::string& path) {
  return read_file(path, FLATBUFFERS_MAX_BUFFER_SIZE - 1, "; a model file is smaller than 2 GB");
}

}  // namespace augur::convert
