// A model that a command opens.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "error.h"

namespace augur::bench {

// A model opened from a file. Throws Error with the runtime's reason.
class OpenModel {
 public:
  // tables: "NAME=FILE" each, sidecars.
  explicit OpenModel(const std::string& path, const std::vector<std::string>& tables = {}) {
    augur_error error = {};
    error.struct_size = sizeof error;
    const augur_status status = augur_model_open_file(path.c_str(), nullptr, &model_, &error);
    if (status != AUGUR_OK) fail(error, status);
    try {
      for (const std::string& table : tables)
        attach(table);
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

  void attach(const std::string& table) {
    const size_t equals = table.find('=');
    if (equals == std::string::npos) throw Error("--table " + table + ": expected NAME=FILE");
    augur_error error = {};
    error.struct_size = sizeof error;
    const augur_status status = augur_model_attach_table(model_, table.substr(0, equals).c_str(),
                                                         table.substr(equals + 1).c_str(), &error);
    if (status != AUGUR_OK) fail(error, status);
  }

  augur_model* model_ = nullptr;
};

}  // namespace augur::bench
