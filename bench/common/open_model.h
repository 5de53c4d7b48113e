// Opens a command's model and attaches the tables and deltas that the command line names.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "error.h"
#include "requests/attached_rows.h"

namespace augur::bench {

// The tables whose rows are not in the model.
struct TableOptions {
  std::vector<std::string> files;   // "NAME=FILE": sidecars
  std::vector<std::string> deltas;  // "NAME=FILE": of sidecars, in their order
  bool strict = false;              // refuse rows that are not those of the model's conversion
};

// Remarks for the user about tables whose attached rows are not those of the conversion. Throws
// Error for rows that --strict refuses.
inline std::vector<std::string> check_rows(const augur_model& model, const TableOptions& tables) {
  return requests::check_rows(model, requests::parse_table_files(tables.files), tables.strict);
}

inline void print_warning(const char* command, const std::string& text) {
  std::fprintf(stderr, "%s: warning: %s\n", command, printable(text).c_str());
}

// A model opened from a file. Throws Error with the runtime's reason.
class OpenModel {
 public:
  explicit OpenModel(const std::string& path, const TableOptions& tables = {}) {
    const std::vector<requests::TableFile> files = requests::parse_table_files(tables.files);
    const std::vector<requests::TableFile> deltas = requests::parse_delta_files(tables.deltas);
    augur_error error = {};
    error.struct_size = sizeof error;
    const augur_status status = augur_model_open_file(path.c_str(), nullptr, &model_, &error);
    if (status != AUGUR_OK) fail(error, status);
    try {
      for (const requests::TableFile& file : files)
        attach(file, augur_model_attach_table_from);
      for (const requests::TableFile& delta : deltas)
        attach(delta, augur_model_attach_delta);
    } catch (...) {
      augur_model_close(model_);
      throw;
    }
  }
  ~OpenModel() { augur_model_close(model_); }
  OpenModel(const OpenModel&) = delete;
  OpenModel& operator=(const OpenModel&) = delete;

  const augur_model& get() const { return *model_; }

 private:
  [[noreturn]] static void fail(const augur_error& error, augur_status status) {
    throw Error(std::string(error.message) + " (" + augur_status_name(status) + ")");
  }

  using Attach = augur_status (*)(augur_model*, const char*, const augur_table_source*,
                                  augur_error*);
  void attach(const requests::TableFile& file, Attach attach_from) {
    augur_error error = {};
    error.struct_size = sizeof error;
    augur_table_source source = {};
    source.struct_size = sizeof source;
    source.path = file.path.c_str();
    const augur_status status = attach_from(model_, file.table.c_str(), &source, &error);
    if (status != AUGUR_OK) fail(error, status);
  }

  augur_model* model_ = nullptr;
};

}  // namespace augur::bench
