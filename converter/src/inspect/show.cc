// Summaries as text and as JSON; see show.h.
#include "inspect/show.h"

#include <algorithm>
#include <cmath>

#include "text/text.h"

namespace augur::convert {
namespace {

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not a UTF-8 continuation
  }));
}

}  // namespace

std::string Columns::text(const std::string& indent) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      const bool right = std::find(right_.begin(), right_.end(), i) != right_.end();
      line += (i == 0 ? "" : "  ") + (right ? space + row[i] : row[i] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string proof_text(const Proof& proof) {
  if (!proof) return "unknown: the file does not record what its scores were compared with";
  if (!is_proven(proof)) {
    return "unproven: converted without expected scores (augur-convert --validate and --expect)";
  }
  return count_text(proof->values, "expected value") + " of " +
         count_text(proof->requests, "request") + ", largest difference " +
         short_text(proof->largest_difference) + ", tolerance " + short_text(proof->tolerance);
}

Json proof_json(const Proof& proof) {
  if (!is_proven(proof)) return {{"state", proof ? "unproven" : "unknown"}};
  return {{"state", "proven"},
          {"requests", proof->requests},
          {"values", proof->values},
          {"largest_difference", proof->largest_difference},
          {"tolerance", proof->tolerance}};
}

namespace {

std::string width_text(uint64_t width) {
  return std::to_string(width);
}

std::string score_text(const ModelSummary& summary) {
  std::string logit = "logit";
  if (summary.calibration_scale != 1 || summary.calibration_offset != 0) {
    logit = number_text(summary.calibration_scale) + " * logit " +
            (summary.calibration_offset < 0 ? "- " : "+ ") +
            number_text(std::fabs(summary.calibration_offset));
  }
  return summary.output == "sigmoid" ? "sigmoid(" + logit + ")" : logit + ", a regression's";
}

std::string heading(const ModelSummary& summary) {
  std::string text = (summary.name.empty() ? "unnamed" : summary.name) + "  (Augur model, format " +
                     std::to_string(summary.format) + ", " + bytes_text(summary.file_bytes) + ")\n";
  Columns columns;
  columns.add({"id", summary.id + (summary.id_matches ? "" : "  (not that of the content!)")});
  if (!summary.producer.empty()) {
    columns.add({"producer", summary.producer + " " + summary.producer_version});
  }
  columns.add({"proof", proof_text(summary.proof)});
  columns.add({"score", score_text(summary)});
  for (const std::string& note : summary.notes)
    columns.add({"note", note});
  return text + columns.text("  ");
}

void add_fields(Columns& columns, const std::string& group,
                const std::vector<FieldSummary>& fields) {
  std::string first = group;
  for (const FieldSummary& field : fields) {
    columns.add({first, field.name, field.kind, width_text(field.width), field.detail});
    first = "";
  }
}

std::string inputs_text(const ModelSummary& summary) {
  Columns columns({3});
  add_fields(columns, "features", summary.features);
  add_fields(columns, "candidate", summary.candidate);
  for (const StackSummary& stack : summary.stacks)
    add_fields(columns, stack.name, stack.fields);
  return "\nInputs\n" + columns.text("  ");
}

std::string tables_text(const ModelSummary& summary) {
  if (summary.tables.empty()) return "";
  Columns columns({1, 4});
  for (const TableSummary& table : summary.tables) {
    const std::string scales = table.tensor.scales.empty() ? "" : ", scale " + table.tensor.scales;
    columns.add({table.name, shape_text(table.tensor.shape),
                 table.external ? "in a file of its own" : table.tensor.type + scales,
                 "other ids: " + table.outside, bytes_text(table.tensor.bytes)});
  }
  std::string text = "\nTables\n" + columns.text("  ");
  for (const TableSummary& table : summary.tables) {
    if (!table.attached) continue;
    const std::string remark =
        table.attached->remark.empty() ? "are those of the conversion" : table.attached->remark;
    text += "  " + table.name + ": the " + std::to_string(table.attached->rows) + " rows of " +
            table.attached->file + " " + remark + "\n";
  }
  return text;
}

std::string shapes_of(const LayerSummary& layer) {
  std::string text;
  for (const TensorSummary& tensor : layer.tensors) {
    const bool matrix = tensor.shape.size() == 2;
    if (matrix) text += (text.empty() ? "" : " ") + shape_text(tensor.shape);
  }
  // The types of the matrices, each once, in their order.
  std::string types;
  for (const TensorSummary& tensor : layer.tensors) {
    if (tensor.shape.size() == 2 && types.find(tensor.type) == std::string::npos) {
      types += " " + tensor.type;
    }
  }
  return text + types;
}

void add_layers(Columns& columns, const std::vector<LayerSummary>& layers) {
  for (const LayerSummary& layer : layers) {
    const std::string sizes = layer.name == "attention" ? ""
                                                        : std::to_string(layer.inputs) + " → " +
                                                              std::to_string(layer.outputs);
    columns.add(
        {layer.name, layer.kind, sizes, layer.detail, shapes_of(layer), bytes_text(layer.bytes())});
  }
}

std::string stack_text(const StackSummary& stack) {
  std::string text = "\nStack " + stack.name + ": the " +
                     (stack.keeps_oldest ? "oldest " : "newest ") +
                     std::to_string(stack.max_history) + " events, mask: " + stack.mask + "\n";
  if (!stack.window.empty()) text += "  window: " + stack.window + "\n";
  Columns columns({5});
  add_layers(columns, stack.layers);
  text += columns.text("  ");
  if (!stack.query.empty()) text += "  query: " + join(stack.query) + "\n";
  return text + "  result: " + stack.result + ", " + std::to_string(stack.width) + " wide\n";
}

std::string head_text(const ModelSummary& summary) {
  uint64_t width = 0;
  std::string text;
  for (const SlotSummary& slot : summary.slots) {
    text += (text.empty() ? "" : " + ") + slot.text + " " + std::to_string(slot.width);
    width += slot.width;
  }
  Columns columns({5});
  add_layers(columns, summary.head);
  return "\nHead\n  input: " + std::to_string(width) + " = " + text + "\n" + columns.text("  ");
}

std::string bytes_line(const ModelSummary& summary) {
  const uint64_t parts = summary.table_bytes() + summary.stack_bytes() + summary.head_bytes();
  Columns columns({1});
  columns.add({"tables", bytes_text(summary.table_bytes())});
  columns.add({"stacks", bytes_text(summary.stack_bytes())});
  columns.add({"head", bytes_text(summary.head_bytes())});
  columns.add({"structure", bytes_text(summary.file_bytes - std::min(parts, summary.file_bytes))});
  columns.add({"file", bytes_text(summary.file_bytes)});
  return "\nBytes\n" + columns.text("  ");
}

std::string memory_text(const MemoryNeeds& memory) {
  Columns columns({1});
  columns.add({"arena", bytes_text(memory.arena_bytes),
               "once for the model: packed weights and operators (" +
                   bytes_text(memory.arena_used_bytes) + " in use)"});
  columns.add({"session", bytes_text(memory.session_bytes), "for each user"});
  columns.add(
      {"mapped", bytes_text(memory.file_bytes), "the file: the tables are read in place from it"});
  return "\nMemory\n" + columns.text("  ");
}

}  // namespace

std::string summary_text(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory) {
  std::string text = heading(summary) + inputs_text(summary) + tables_text(summary);
  for (const StackSummary& stack : summary.stacks)
    text += stack_text(stack);
  text += head_text(summary) + bytes_line(summary);
  if (memory) text += memory_text(*memory);
  return text;
}

namespace {

Json tensor_json(const TensorSummary& tensor) {
  return {{"part", tensor.part},   {"from", tensor.from},     {"type", tensor.type},
          {"shape", tensor.shape}, {"scales", tensor.scales}, {"bytes", tensor.bytes}};
}

Json layers_json(const std::vector<LayerSummary>& layers) {
  Json list = Json::array();
  for (const LayerSummary& layer : layers) {
    Json tensors = Json::array();
    for (const TensorSummary& tensor : layer.tensors)
      tensors.push_back(tensor_json(tensor));
    list.push_back({{"name", layer.name},
                    {"kind", layer.kind},
                    {"detail", layer.detail},
                    {"inputs", layer.inputs},
                    {"outputs", layer.outputs},
                    {"bytes", layer.bytes()},
                    {"tensors", std::move(tensors)}});
  }
  return list;
}

Json fields_json(const std::vector<FieldSummary>& fields) {
  Json list = Json::array();
  for (const FieldSummary& field : fields) {
    list.push_back({{"name", field.name},
                    {"kind", field.kind},
                    {"detail", field.detail},
                    {"width", field.width}});
  }
  return list;
}

Json attached_json(const std::optional<AttachedSummary>& attached) {
  if (!attached) return nullptr;
  return {{"file", attached->file},
          {"rows", attached->rows},
          {"rows_hash", attached->rows_hash},
          {"rows_hash_matches", attached->hash_matches},
          {"origin", attached->origin}};
}

Json tables_json(const std::vector<TableSummary>& tables) {
  Json list = Json::array();
  for (const TableSummary& table : tables) {
    list.push_back({{"name", table.name},
                    {"shape", table.tensor.shape},
                    {"type", table.tensor.type},
                    {"scales", table.tensor.scales},
                    {"external", table.external},
                    {"rows_hash", table.rows_hash},
                    {"attached", attached_json(table.attached)},
                    {"padding_row", table.padding_row},
                    {"other_ids", table.outside},
                    {"from", table.tensor.from},
                    {"bytes", table.tensor.bytes}});
  }
  return list;
}

Json stacks_json(const std::vector<StackSummary>& stacks) {
  Json list = Json::array();
  for (const StackSummary& stack : stacks) {
    list.push_back({{"name", stack.name},
                    {"fields", fields_json(stack.fields)},
                    {"max_history", stack.max_history},
                    {"truncation", stack.keeps_oldest ? "oldest" : "newest"},
                    {"mask", stack.mask},
                    {"window", stack.window.empty() ? Json(nullptr) : Json(stack.window)},
                    {"query", stack.query},
                    {"layers", layers_json(stack.layers)},
                    {"result", stack.result},
                    {"width", stack.width}});
  }
  return list;
}

}  // namespace

Json summary_json(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory) {
  Json slots = Json::array();
  uint64_t width = 0;
  for (const SlotSummary& slot : summary.slots) {
    slots.push_back({{"slot", slot.text}, {"width", slot.width}});
    width += slot.width;
  }
  Json json;
  json["name"] = summary.name;
  json["id"] = summary.id;
  json["id_matches_content"] = summary.id_matches;
  json["format"] = summary.format;
  json["producer"] = summary.producer;
  json["producer_version"] = summary.producer_version;
  json["proof"] = proof_json(summary.proof);
  json["notes"] = summary.notes;
  json["calibration"] = {{"scale", summary.calibration_scale},
                         {"offset", summary.calibration_offset}};
  json["output"] = summary.output;
  json["features"] = fields_json(summary.features);
  json["candidate"] = fields_json(summary.candidate);
  json["tables"] = tables_json(summary.tables);
  json["stacks"] = stacks_json(summary.stacks);
  json["head"] = {
      {"width", width}, {"input", std::move(slots)}, {"layers", layers_json(summary.head)}};
  json["bytes"] = {{"file", summary.file_bytes},
                   {"tables", summary.table_bytes()},
                   {"stacks", summary.stack_bytes()},
                   {"head", summary.head_bytes()}};
  if (memory) {
    json["memory"] = {{"arena", memory->arena_bytes},
                      {"arena_used", memory->arena_used_bytes},
                      {"session", memory->session_bytes},
                      {"mapped", memory->file_bytes}};
  }
  return json;
}

std::string table_file_text(const TableFileSummary& summary) {
  const TensorSummary& rows = summary.rows;
  return "sidecar file of the table '" + summary.name + "', " + bytes_text(summary.file_bytes) +
         "\n  rows   " + std::to_string(rows.shape[0]) + " of " + std::to_string(rows.shape[1]) +
         " values, " + rows.type + (rows.scales.empty() ? "" : ", scales " + rows.scales) + ", " +
         bytes_text(rows.bytes) + "\n  model  " + summary.model_id + "\n  hash   " +
         (summary.rows_hash.empty() ? "none" : summary.rows_hash) +
         (summary.hash_matches ? "" : "  (not that of the rows!)") + "\n";
}

Json table_file_json(const TableFileSummary& summary) {
  Json json;
  json["table"] = summary.name;
  json["model_id"] = summary.model_id;
  json["rows_hash"] = summary.rows_hash;
  json["rows_hash_matches"] = summary.hash_matches;
  json["format"] = summary.format;
  json["file_bytes"] = summary.file_bytes;
  json["rows"] = summary.rows.shape[0];
  json["width"] = summary.rows.shape[1];
  json["type"] = summary.rows.type;
  json["scales"] = summary.rows.scales;
  json["bytes"] = summary.rows.bytes;
  return json;
}

}  // namespace augur::convert
