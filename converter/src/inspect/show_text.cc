// A model's summary as text; see show.h.
#include <algorithm>
#include <cmath>

#include "inspect/columns.h"
#include "inspect/show.h"
#include "text/text.h"

namespace augur::convert {
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

}  // namespace augur::convert
