// Tables and sidecar files; see show_tables.h.
#include "inspect/show_tables.h"

#include <utility>

#include "inspect/show.h"
#include "text/text.h"

namespace augur::convert {
namespace {

// The line about a table's keys; "" for a table whose ids are its rows.
std::string keys_text(const TableSummary& table) {
  const std::string begin = "  " + table.name + ": ";
  if (table.vocabulary) return begin + vocabulary_text(*table.vocabulary) + "\n";
  if (table.key_type == "row") return "";
  const std::string keys = begin + table.key_type + " keys, ";
  if (!table.vocabulary_of.empty())
    return keys + "the vocabulary of table " + table.vocabulary_of + "\n";
  return keys + (table.hashes_keys ? "all hashed\n" : "in a file of its own or hashed\n");
}

}  // namespace

std::string tables_text(const ModelSummary& summary) {
  if (summary.tables.empty()) return "";
  TextTable rows({1, 4});
  for (const TableSummary& table : summary.tables) {
    const std::string scales = table.tensor.scales.empty() ? "" : ", scale " + table.tensor.scales;
    rows.add({table.name, shape_text(table.tensor.shape),
              table.external ? "in a file of its own" : table.tensor.type + scales,
              (table.hashes_keys ? "keys: " : "other ids: ") + table.outside,
              bytes_text(table.tensor.bytes)});
  }
  std::string text = "\nTables\n" + rows.text("  ");
  for (const TableSummary& table : summary.tables) {
    text += keys_text(table);
    if (!table.attached) continue;
    const std::string remark =
        table.attached->remark.empty() ? "are those of the conversion" : table.attached->remark;
    text += "  " + table.name + ": the " + std::to_string(table.attached->rows) + " rows of " +
            table.attached->file + " " + remark + "\n";
    if (table.attached->vocabulary)
      text += "  " + table.name + ": its file has " + vocabulary_text(*table.attached->vocabulary) +
              "\n";
  }
  return text;
}

std::string content_hash_text(const ContentHashSummary& hash) {
  if (hash.stated.empty()) return "no hash";
  return "hash " + hash.stated +
         (hash.check == ContentHash::kRight ? "" : "  (not that of the file!)");
}

Json content_hash_json(const ContentHashSummary& hash) {
  const bool stated = !hash.stated.empty();
  return {{"stated", stated ? Json(hash.stated) : Json()},
          {"matches", stated ? Json(hash.check == ContentHash::kRight) : Json()}};
}

Json table_json(const TableSummary& table) {
  Json attached;
  if (table.attached) {
    attached = {{"file", table.attached->file},
                {"rows", table.attached->rows},
                {"rows_hash", table.attached->rows_hash},
                {"rows_hash_matches", table.attached->hash_matches},
                {"origin", table.attached->origin},
                {"vocabulary", vocabulary_json(table.attached->vocabulary)}};
  }
  return {{"name", table.name},
          {"shape", table.tensor.shape},
          {"type", table.tensor.type},
          {"scales", table.tensor.scales},
          {"external", table.external},
          {"rows_hash", table.rows_hash},
          {"attached", std::move(attached)},
          {"padding_row", table.padding_row},
          {"other_ids", table.outside},
          {"key_type", table.key_type},
          {"vocabulary", vocabulary_json(table.vocabulary)},
          {"vocabulary_of", table.vocabulary_of.empty() ? Json() : Json(table.vocabulary_of)},
          {"from", table.tensor.from},
          {"bytes", table.tensor.bytes}};
}

std::string table_file_text(const TableFileSummary& summary) {
  const TensorSummary& rows = summary.rows;
  return "sidecar file of the table '" + summary.name + "', " + bytes_text(summary.file_bytes) +
         "\n  rows   " + std::to_string(rows.shape[0]) + " of " + std::to_string(rows.shape[1]) +
         " values, " + rows.type + (rows.scales.empty() ? "" : ", scales " + rows.scales) + ", " +
         bytes_text(rows.bytes) + "\n  model  " + summary.model_id + "\n  hash   " +
         (summary.rows_hash.empty() ? "none" : summary.rows_hash) +
         (summary.hash_matches ? "" : "  (not that of the rows!)") + "\n  content " +
         content_hash_text(summary.content_hash) + "\n  state  " +
         (summary.state.empty() ? "none" : summary.state) + "\n" +
         (summary.vocabulary ? "  keys   " + vocabulary_text(*summary.vocabulary) + "\n" : "");
}

Json table_file_json(const TableFileSummary& summary) {
  Json json;
  json["table"] = summary.name;
  json["model_id"] = summary.model_id;
  json["rows_hash"] = summary.rows_hash;
  json["rows_hash_matches"] = summary.hash_matches;
  json["content_hash"] = content_hash_json(summary.content_hash);
  json["state"] = summary.state;
  json["vocabulary"] = vocabulary_json(summary.vocabulary);
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
