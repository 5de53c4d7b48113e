// Summaries as text and as JSON; see show.h.
#include "inspect/show.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "inspect/show_tables.h"
#include "text/text.h"

namespace augur::convert {
namespace {

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not a UTF-8 continuation
  }));
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
  TextTable table;
  table.add({"id", summary.id + (summary.id_matches ? "" : "  (not that of the content!)")});
  table.add({"content", content_hash_text(summary.content_hash)});
  if (!summary.producer.empty()) {
    table.add({"producer", summary.producer + " " + summary.producer_version});
  }
  table.add({"proof", proof_text(summary.proof)});
  table.add({"score", score_text(summary)});
  for (const std::string& note : summary.notes)
    table.add({"note", note});
  return text + table.text("  ");
}

void add_fields(TextTable& rows, const std::string& group,
                const std::vector<FieldSummary>& fields) {
  std::string first = group;
  for (const FieldSummary& field : fields) {
    const std::string column =
        field.column == field.name
            ? ""
            : (field.detail.empty() ? "column " : ", column ") + field.column;
    rows.add({first, field.name, field.kind, std::to_string(field.width), field.detail + column});
    first = "";
  }
}

std::string inputs_text(const ModelSummary& summary) {
  TextTable table({3});
  add_fields(table, "features", summary.features);
  add_fields(table, "candidate", summary.candidate);
  for (const SequenceSummary& sequence : summary.sequences)
    add_fields(table, sequence.name, sequence.fields);
  return "\nInputs\n" + table.text("  ");
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

void add_layers(TextTable& rows, const std::vector<LayerSummary>& layers) {
  for (const LayerSummary& layer : layers) {
    const std::string sizes = layer.name == "attention" ? ""
                                                        : std::to_string(layer.inputs) + " → " +
                                                              std::to_string(layer.outputs);
    rows.add(
        {layer.name, layer.kind, sizes, layer.detail, shapes_of(layer), bytes_text(layer.bytes())});
  }
}

std::string sequence_text(const SequenceSummary& sequence) {
  std::string text =
      "\nStack " + sequence.name + ": the " + (sequence.keeps_oldest ? "oldest " : "newest ") +
      std::to_string(sequence.max_history) + " events, mask: " + sequence.mask + "\n";
  if (!sequence.window.empty()) text += "  window: " + sequence.window + "\n";
  TextTable table({5});
  add_layers(table, sequence.layers);
  text += table.text("  ");
  if (!sequence.query.empty()) text += "  query: " + join(sequence.query) + "\n";
  return text + "  result: " + sequence.result + ", " + std::to_string(sequence.width) + " wide\n";
}

std::string head_text(const ModelSummary& summary) {
  uint64_t width = 0;
  std::string text;
  for (const SlotSummary& slot : summary.slots) {
    text += (text.empty() ? "" : " + ") + slot.text + " " + std::to_string(slot.width);
    width += slot.width;
  }
  TextTable table({5});
  add_layers(table, summary.head);
  return "\nHead\n  input: " + std::to_string(width) + " = " + text + "\n" + table.text("  ");
}

std::string size_text(const ModelSummary& summary) {
  const uint64_t parts =
      summary.table_bytes() + summary.key_bytes() + summary.sequence_bytes() + summary.head_bytes();
  TextTable table({1});
  table.add({"tables", bytes_text(summary.table_bytes())});
  if (summary.key_bytes() > 0) table.add({"keys", bytes_text(summary.key_bytes())});
  table.add({"stacks", bytes_text(summary.sequence_bytes())});
  table.add({"head", bytes_text(summary.head_bytes())});
  table.add({"structure", bytes_text(summary.file_bytes - std::min(parts, summary.file_bytes))});
  table.add({"file", bytes_text(summary.file_bytes)});
  return "\nBytes\n" + table.text("  ");
}

std::string memory_text(const MemoryNeeds& memory) {
  TextTable table({1});
  table.add({"arena", bytes_text(memory.arena_bytes),
             "once for the model: packed weights and operators (" +
                 bytes_text(memory.arena_used_bytes) + " in use)"});
  table.add({"session", bytes_text(memory.session_bytes), "for each user"});
  table.add(
      {"mapped", bytes_text(memory.file_bytes), "the file: the tables are read in place from it"});
  return "\nMemory\n" + table.text("  ");
}

// A JSON list with an element for each item.
template <typename Item, typename ToJson>
Json list_json(const std::vector<Item>& items, ToJson to_json) {
  Json list = Json::array();
  for (const Item& item : items)
    list.push_back(to_json(item));
  return list;
}

Json tensor_json(const TensorSummary& tensor) {
  return {{"part", tensor.part},   {"from", tensor.from},     {"type", tensor.type},
          {"shape", tensor.shape}, {"scales", tensor.scales}, {"bytes", tensor.bytes}};
}

Json layer_json(const LayerSummary& layer) {
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"detail", layer.detail},
          {"inputs", layer.inputs},
          {"outputs", layer.outputs},
          {"bytes", layer.bytes()},
          {"tensors", list_json(layer.tensors, tensor_json)}};
}

Json field_json(const FieldSummary& field) {
  return {{"name", field.name},
          {"kind", field.kind},
          {"column", field.column},
          {"detail", field.detail},
          {"width", field.width}};
}

Json sequence_json(const SequenceSummary& sequence) {
  return {{"name", sequence.name},
          {"fields", list_json(sequence.fields, field_json)},
          {"max_history", sequence.max_history},
          {"truncation", sequence.keeps_oldest ? "oldest" : "newest"},
          {"mask", sequence.mask},
          {"window", sequence.window.empty() ? Json(nullptr) : Json(sequence.window)},
          {"query", sequence.query},
          {"layers", list_json(sequence.layers, layer_json)},
          {"result", sequence.result},
          {"width", sequence.width}};
}

}  // namespace

std::string TextTable::text(const std::string& indent) const {
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

std::string measured_text(const char* format, double value) {
  if (std::isnan(value)) return "not defined";
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

Json number_json(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

std::string proof_text(const Proof& proof) {
  if (!proof) return "unknown: the file does not record what its scores were compared with";
  if (!is_proven(proof)) {
    return std::string("unproven: ") + kToProve;
  }
  return count_text(proof->values, "expected value") + " of " +
         count_text(proof->requests, "request") + ", largest difference " +
         short_text(proof->largest_difference) + ", tolerance " + short_text(proof->tolerance);
}

Json proof_json(const Proof& proof) {
  if (!is_proven(proof)) return {{"state", proof ? "unproven" : "unknown"}, {"to_prove", kToProve}};
  return {{"state", "proven"},
          {"requests", proof->requests},
          {"values", proof->values},
          {"largest_difference", proof->largest_difference},
          {"tolerance", proof->tolerance}};
}

std::string summary_text(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory) {
  std::string text = heading(summary) + inputs_text(summary) + tables_text(summary);
  for (const SequenceSummary& sequence : summary.sequences)
    text += sequence_text(sequence);
  text += head_text(summary) + size_text(summary);
  if (memory) text += memory_text(*memory);
  return text;
}

Json summary_json(const ModelSummary& summary, const std::optional<MemoryNeeds>& memory) {
  uint64_t width = 0;
  for (const SlotSummary& slot : summary.slots)
    width += slot.width;
  Json slots = list_json(summary.slots, [](const SlotSummary& slot) {
    return Json{{"slot", slot.text}, {"width", slot.width}};
  });
  Json json;
  json["name"] = summary.name;
  json["id"] = summary.id;
  json["id_matches_content"] = summary.id_matches;
  json["content_hash"] = content_hash_json(summary.content_hash);
  json["format"] = summary.format;
  json["producer"] = summary.producer;
  json["producer_version"] = summary.producer_version;
  json["proof"] = proof_json(summary.proof);
  json["notes"] = summary.notes;
  json["calibration"] = {{"scale", summary.calibration_scale},
                         {"offset", summary.calibration_offset}};
  json["output"] = summary.output;
  json["features"] = list_json(summary.features, field_json);
  json["candidate"] = list_json(summary.candidate, field_json);
  json["tables"] = list_json(summary.tables, table_json);
  json["stacks"] = list_json(summary.sequences, sequence_json);
  json["head"] = {{"width", width},
                  {"input", std::move(slots)},
                  {"layers", list_json(summary.head, layer_json)}};
  json["bytes"] = {{"file", summary.file_bytes},
                   {"tables", summary.table_bytes()},
                   {"keys", summary.key_bytes()},
                   {"stacks", summary.sequence_bytes()},
                   {"head", summary.head_bytes()}};
  if (memory) {
    json["memory"] = {{"arena", memory->arena_bytes},
                      {"arena_used", memory->arena_used_bytes},
                      {"session", memory->session_bytes},
                      {"mapped", memory->file_bytes}};
  }
  return json;
}

}  // namespace augur::convert
