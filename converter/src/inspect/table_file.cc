// Summaries of sidecar files; see table_file.h.
#include "inspect/table_file.h"

#include <cstring>

#include "error.h"
#include "inspect/layers.h"
#include "text/text.h"
#include "write/model_file.h"
#include "write/sha256.h"

namespace augur::convert {
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
