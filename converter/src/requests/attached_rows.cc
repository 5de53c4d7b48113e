// What commands say of attached rows; see attached_rows.h.
#include "requests/attached_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "error.h"
#include "text/text.h"

namespace augur::requests {
namespace {

// How many bytes of a hash are shown: enough to tell it from others.
constexpr size_t kShownBytes = 6;

bool is_stated(const uint8_t (&hash)[32]) {
  return std::any_of(std::begin(hash), std::end(hash), [](uint8_t byte) { return byte != 0; });
}

std::string beginning(const uint8_t (&hash)[32]) {
  return "hash " + hex_text(hash, kShownBytes) + "...";
}

// "NAME=FILE" as the value of `option`.
TableFile parse_file(const char* option, const std::string& argument) {
  const size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == argument.size())
    throw Error(std::string(option) + " " + argument + ": expected NAME=FILE");
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

}  // namespace

std::vector<TableFile> parse_delta_files(const std::vector<std::string>& arguments) {
  std::vector<TableFile> files;
  for (const std::string& argument : arguments)
    files.push_back(parse_file("--delta", argument));
  return files;
}

std::vector<TableFile> parse_table_files(const std::vector<std::string>& arguments) {
  std::vector<TableFile> files;
  for (const std::string& argument : arguments) {
    TableFile file = parse_file("--table", argument);
    for (const TableFile& other : files) {
      if (other.table != file.table) continue;
      throw Error("--table: the rows of table " + augur::quoted(file.table) +
                  " are given twice, by " + other.path + " and by " + file.path);
    }
    files.push_back(std::move(file));
  }
  return files;
}

augur_table_info find_table(const augur_model& model, const std::string& name) {
  augur_table_info table = {};
  table.struct_size = sizeof table;
  for (uint32_t i = 0; augur_model_get_table(&model, i, &table) == AUGUR_OK; ++i) {
    if (name == table.name) return table;
  }
  throw Error("the model has no table " + augur::quoted(name));
}

std::string rows_remark(const augur_table_info& table) {
  if (table.deltas > 0) {
    return "are changed by " + std::to_string(table.deltas) +
           (table.deltas == 1 ? " delta" : " deltas") +
           ", and not those that the model was converted with";
  }
  if (table.origin == AUGUR_ROWS_OTHER) {
    return "(" + beginning(table.rows_hash) +
           ") are not those that the model was converted with (" +
           beginning(table.converted_rows_hash) + ")";
  }
  if (table.origin != AUGUR_ROWS_UNKNOWN) return "";
  return std::string("may be others than those that the model was converted with: the ") +
         (is_stated(table.rows_hash) ? "model" : "file") +
         ", of version 0.1, states no hash of them";
}

std::vector<std::string> check_rows(const augur_model& model, const std::vector<TableFile>& files,
                                    bool strict) {
  std::vector<std::string> remarks;
  for (const TableFile& file : files) {
    const augur_table_info table = find_table(model, file.table);
    const std::string remark = rows_remark(table);
    if (remark.empty()) continue;
    const std::string text =
        "table " + augur::quoted(file.table) + ": the rows of " + file.path + " " + remark;
    if (strict) {
      throw Error(text +
                  (table.origin == AUGUR_ROWS_OTHER
                       ? ". Give the file that was written with the model"
                       : ". Convert the model and its table anew") +
                  ", or leave out --strict if these rows are meant");
    }
    if (table.origin == AUGUR_ROWS_OTHER) remarks.push_back(text);
  }
  return remarks;
}

}  // namespace augur::requests
