// Rows of sidecar files that commands attach to a model, and how they tell the user that these are
// not the rows that the model was converted with.
#pragma once

#include <string>
#include <vector>

#include "augur/augur.h"

namespace augur::requests {

// A table and the sidecar file of its rows, as --table gives them.
struct TableFile {
  std::string table;
  std::string path;
};

// "NAME=FILE" each. Throws Error, also if a table is named twice.
std::vector<TableFile> parse_table_files(const std::vector<std::string>& arguments);
// The same for --delta; a table may be named several times.
std::vector<TableFile> parse_delta_files(const std::vector<std::string>& arguments);

// What the runtime says of the table. Throws Error if the model has no such table.
augur_table_info find_table(const augur_model& model, const std::string& name);

// How the attached rows differ from those of the conversion, as the end of a sentence that begins
// with their file: "(hash 0123456789ab...) are not those that the model was converted with (hash
// ...)".
// "" if they are the same.
std::string rows_remark(const augur_table_info& table);

// A sentence for every file whose rows, by their hashes, are not those of the conversion. With
// `strict` it throws Error for such a file, and for one where no hash is known. The files must be
// attached.
std::vector<std::string> check_rows(const augur_model& model, const std::vector<TableFile>& files,
                                    bool strict);

}  // namespace augur::requests
