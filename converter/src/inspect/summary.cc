// A model file in a form that can be shown; see summary.h.
#include "inspect/summary.h"

#include <cstring>
#include <map>

#include "error.h"
#include "quantise/model_parts.h"
#include "text/file.h"
#include "text/hex.h"
#include "text/text.h"
#include "write/model_file.h"
#include "write/sha256.h"

namespace augur::convert {
namespace {

using Widths = std::map<std::string, uint64_t>;  // table -> dim

uint64_t sum_bytes(const std::vector<LayerSummary>& layers) {
  uint64_t bytes = 0;
  for (const LayerSummary& layer : layers)
    bytes += layer.bytes();
  return bytes;
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
    case fb::OutOfTable::Hash:
      summary.outside = "hash";
      if (table.hash) {
        summary.outside += " into " + std::to_string(table.hash->buckets) + " rows from " +
                           std::to_string(table.hash->first_row) + ", seed " +
                           std::to_string(table.hash->seed);
      }
      break;
  }
  return summary;
}

FieldSummary summarise_field(const fb::FieldT& field, const Widths& widths) {
  FieldSummary summary;
  summary.name = field.name;
  const auto table = widths.find(field.table);
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
  summary.width = table == widths.end() ? 0 : table->second;
  return summary;
}

std::vector<FieldSummary> summarise_fields(const std::vector<std::unique_ptr<fb::FieldT>>& fields,
                                           const Widths& widths) {
  std::vector<FieldSummary> result;
  for (const auto& field : fields)
    result.push_back(summarise_field(*field, widths));
  return result;
}

uint64_t width_of(const std::vector<FieldSummary>& fields) {
  uint64_t width = 0;
  for (const FieldSummary& field : fields)
    width += field.width;
  return width;
}

std::string padded_text(uint32_t padded_length) {
  return padded_length == 0 ? "" : ", padded to " + std::to_string(padded_length);
}

std::string mask_text(const fb::StackT& stack) {
  switch (stack.mask) {
    case fb::MaskRule::Length:
      break;
    case fb::MaskRule::NonZero:
      return stack.mask_field + " is not 0";
    case fb::MaskRule::NotPadding:
      return stack.mask_field + " is not padding";
  }
  return "every event given";
}

std::string window_text(const fb::WindowT& window) {
  const bool before = window.padding == fb::WindowPadding::Before;
  std::string text = std::to_string(window.length) + " rows, padding " +
                     (before ? "before" : "after") + " the events; ";
  if (window.reads == fb::WindowRead::All) return text + "all rows are read";
  text += "of n events, the extractor reads the first n rows, the evolution ";
  return text + (window.evolves == fb::WindowRead::All ? "all" : "the same");
}

StackSummary summarise_stack(const fb::StackT& stack, const Widths& widths) {
  StackSummary summary;
  summary.name = stack.name;
  summary.fields = summarise_fields(stack.fields, widths);
  summary.max_history = stack.max_history;
  summary.keeps_oldest = stack.truncation == fb::Truncation::Oldest;
  summary.mask = mask_text(stack);
  if (stack.window != nullptr) summary.window = window_text(*stack.window);
  summary.query = stack.query;
  summary.layers = summarise_layers(stack);
  summary.width = width_of(summary.fields);
  for (const LayerSummary& layer : summary.layers) {
    if (layer.name != "attention") summary.width = layer.outputs;
  }
  const std::string outputs = stack.extractor.empty() ? "events" : "states";
  switch (stack.result) {
    case fb::ResultKind::LastState:
      summary.result = "last state";
      break;
    case fb::ResultKind::SumPool:
      summary.result = "sum of the " + outputs + padded_text(stack.padded_length);
      break;
    case fb::ResultKind::MeanPool:
      summary.result = "mean of the " + outputs + padded_text(stack.padded_length);
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
  for (size_t i = 0; i < model.stacks.size(); ++i) {
    const StackSummary& stack = model.stacks[i];
    if (stack.name != source.name) continue;
    switch (source.kind) {
      case fb::SourceKind::Query: {
        uint64_t width = 0;
        for (const std::string& name : stack.query)
          width += field_width(model.candidate, name);
        return {"query of " + stack.name, width};
      }
      case fb::SourceKind::ProjectedQuery: {
        const auto& attention = file.stacks[i]->attention;
        const bool projected = attention && attention->query_projection;
        return {"projected query of " + stack.name,
                projected ? attention->query_projection->weight->shape.at(0) : 0};
      }
      case fb::SourceKind::Result:
        return {"result of " + stack.name, stack.width};
      default:
        return {
            pooling_name(source.pooling) + " of " + stack.name + padded_text(source.padded_length),
            width_of(stack.fields)};
    }
  }
  return {source.name, 0};
}

}  // namespace

uint64_t LayerSummary::bytes() const {
  uint64_t bytes = 0;
  for (const TensorSummary& tensor : tensors)
    bytes += tensor.bytes;
  return bytes;
}

uint64_t ModelSummary::table_bytes() const {
  uint64_t bytes = 0;
  for (const TableSummary& table : tables)
    bytes += table.tensor.bytes;
  return bytes;
}

uint64_t ModelSummary::stack_bytes() const {
  uint64_t bytes = 0;
  for (const StackSummary& stack : stacks)
    bytes += sum_bytes(stack.layers);
  return bytes;
}

uint64_t ModelSummary::head_bytes() const {
  return sum_bytes(head);
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

void check_format(uint32_t format, const std::string& name) {
  if (format <= kNewestFormat) return;
  throw Error(name + ": has the format " + std::to_string(format) +
              ", and this version reads up to " + std::to_string(kNewestFormat) +
              "; inspect it with a newer augur-inspect");
}

ModelSummary summarise_model(const std::vector<uint8_t>& bytes, const std::string& name) {
  verify_model(bytes, name);
  const std::unique_ptr<fb::ModelT> file(fb::GetModel(bytes.data())->UnPack());
  ModelSummary summary;
  summary.name = file->name;
  summary.id = hex_text(file->id.data(), file->id.size());
  const Digest id = compute_model_id(*file);
  summary.id_matches = summary.id == hex_text(id.data(), id.size());
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
  Widths widths;
  for (const auto& table : file->tables) {
    summary.tables.push_back(summarise_table(*table));
    widths[table->name] = table->weights->shape.empty() ? 0 : table->weights->shape.back();
  }
  summary.features = summarise_fields(file->features, widths);
  summary.candidate = summarise_fields(file->candidate, widths);
  for (const auto& stack : file->stacks) {
    summary.stacks.push_back(summarise_stack(*stack, widths));
  }
  for (const auto& slot : file->head->slots) {
    SlotSummary text = summarise_source(*slot->source, summary, *file);
    if (slot->times) text.text += " * " + summarise_source(*slot->times, summary, *file).text;
    summary.slots.push_back(std::move(text));
  }
  summary.head = summarise_layers(file->head->layers, "dense");
  summary.file_bytes = bytes.size();
  return summary;
}

std::vector<uint8_t> read_model_file(const std::string& path) {
  return read_file(path, FLATBUFFERS_MAX_BUFFER_SIZE - 1, "; a model file is smaller than 2 GB");
}

namespace {

constexpr const char* kIdentifier = "AUGT";

}  // namespace

bool is_table_file(const std::vector<uint8_t>& file) {
  return file.size() >= 8 && std::memcmp(file.data() + 4, kIdentifier, 4) == 0;
}

TableFileSummary summarise_table_file(const std::vector<uint8_t>& file, const std::string& name) {
  flatbuffers::Verifier verifier(file.data(), file.size(), 16, 65536);
  if (!verifier.VerifyBuffer<fb::TableFile>(kIdentifier)) {
    throw Error(name + ": damaged, or cut short at " + std::to_string(file.size()) + " bytes");
  }
  const auto* root = flatbuffers::GetRoot<fb::TableFile>(file.data());
  check_format(root->format(), name);
  TableFileSummary summary;
  summary.name = root->name()->str();
  summary.model_id = hex_text(root->model_id()->data(), root->model_id()->size());
  summary.format = root->format();
  fb::TensorT rows;
  root->weights()->UnPackTo(&rows);
  summary.rows = summarise_tensor("rows", rows);
  if (root->rows_hash() != nullptr) {
    const Digest hash = hash_rows(rows);
    summary.rows_hash = hex_text(root->rows_hash()->data(), root->rows_hash()->size());
    summary.hash_matches = summary.rows_hash == hex_text(hash.data(), hash.size());
  }
  if (summary.rows.shape.size() != 2) {
    throw Error(name + ": its rows have rank " + std::to_string(summary.rows.shape.size()) +
                ", expected 2");
  }
  summary.file_bytes = file.size();
  return summary;
}

}  // namespace augur::convert
