// What a conversion writes; see outputs.h.
#include "convert/outputs.h"

#include <unistd.h>

#include <ostream>
#include <string_view>
#include <vector>

#include "quantise/model_parts.h"
#include "text/text.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

Json tensor_json(const checkpoint::TensorInfo& tensor) {
  Json json;
  json["name"] = tensor.name;
  if (!tensor.stored_name.empty()) json["name_in_file"] = tensor.stored_name;
  json["type"] = tensor.type_name;
  json["shape"] = tensor.shape;
  return json;
}

Json tensors_json(const checkpoint::Checkpoint& checkpoint, const std::vector<std::string>& names) {
  Json list = Json::array();
  for (const std::string& name : names)
    list.push_back(tensor_json(checkpoint.get(name)));
  return list;
}

// For each matrix: its size before and after, and the errors of its values.
Json changes_json(const std::vector<PartChange>& changes) {
  Json list = Json::array();
  for (const PartChange& change : changes) {
    list.push_back({{"part", change.path},
                    {"type", type_name(change.type)},
                    {"shape", change.shape},
                    {"bytes_before", change.bytes_before},
                    {"bytes_after", change.bytes_after},
                    {"relative_error", change.relative_error},
                    {"largest_error", change.largest_error},
                    {"rows_lost", change.rows_lost}});
  }
  return list;
}

Json keys_json(const std::vector<TableKeys>& keys) {
  Json list = Json::array();
  for (const TableKeys& table : keys) {
    list.push_back(
        {{"table", table.table},
         {"key_type", table.key_type},
         {"vocabulary", vocabulary_json(table.vocabulary)},
         {"vocabulary_of", table.vocabulary_of.empty() ? Json() : Json(table.vocabulary_of)}});
  }
  return list;
}

std::string_view view(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Json make_report(const Conversion& conversion, const std::string& out) {
  const fb::ModelT& model = conversion.assembled.model;
  const checkpoint::Checkpoint& checkpoint = *conversion.checkpoint;
  Json report;
  report["producer"] = model.producer + " " + model.producer_version;
  report["model"] = {{"file", out},
                     {"name", model.name},
                     {"id", hex_text(model.id.data(), model.id.size())},
                     {"format", model.format},
                     {"bytes", conversion.file.size()}};
  report["weights"] = {
      {"file", checkpoint.file()},
      {"format", checkpoint.format()},
      {"tensors", checkpoint.tensors().size()},
      {"names", conversion.names_note.empty() ? Json() : Json(conversion.names_note)}};
  report["layout"] = conversion.layout.empty() ? Json() : Json(conversion.layout);
  report["warnings"] = conversion.assembled.warnings;

  Json used = Json::array();
  for (const auto& [name, places] : conversion.used) {
    Json entry = tensor_json(checkpoint.get(name));
    entry["used_by"] = places;
    used.push_back(std::move(entry));
  }
  report["used"] = std::move(used);
  report["unused"] = tensors_json(checkpoint, conversion.assembled.unused);
  report["ignored"] = tensors_json(checkpoint, conversion.assembled.ignored);
  report["training_only"] = tensors_json(checkpoint, conversion.assembled.training_only);

  Json parts = Json::array();
  visit_tensors(model, [&](const std::string& path, const fb::TensorT& tensor) {
    parts.push_back({{"part", path},
                     {"from", tensor.name},
                     {"shape", tensor.shape},
                     {"type", fb::EnumNameTensorType(tensor.type)},
                     {"bytes", stored_bytes(tensor)}});
  });
  report["parts"] = std::move(parts);
  report["quantisation"] = changes_json(conversion.changes);
  report["keys"] = keys_json(conversion.keys);
  report["description"] = conversion.description;
  return report;
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_files(const Conversion& conversion, const std::string& out,
                 const std::string& report_path, const std::string& report, std::ostream& err) {
  std::vector<std::string> left;
  std::vector<OutputFile> files;
  const auto stage = [&](const std::string& path, std::string_view content) {
    for (std::string& file : left_behind(path))
      left.push_back(std::move(file));
    files.emplace_back(path, OutputTo::kFile);
    files.back().write(content);
  };
  if (!report_path.empty()) stage(report_path, report);
  for (const Sidecar& sidecar : conversion.sidecars)
    stage(sidecar.path, view(sidecar.file));
  stage(out, view(conversion.file));
  if (!left.empty()) {
    err << "augur-convert: warning: an earlier run was killed and left " << join(left, ", ", true)
        << ": until now the files beside them may have been of two runs; all are written anew\n";
  }
  finish_together(files);
  for (const std::string& file : left)
    unlink(file.c_str());
}

}  // namespace augur::convert
