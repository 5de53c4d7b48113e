// A model's summary as JSON; see show.h.
#include "inspect/show.h"

namespace augur::convert {
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

}  // namespace augur::convert
