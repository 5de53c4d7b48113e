// The converter's commands, called like functions, and a folder with what they read.
#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "commands/run.h"
#include "converter/support/descriptions.h"
#include "support/temp_folder.h"

namespace augur::convert::testing {

using ::augur::testing::TempFolder;

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

inline Ran run_convert(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_augur_convert(arguments, {out, err});
  return {status, out.str(), err.str()};
}

inline Ran run_inspect(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = run_augur_inspect(arguments, {out, err});
  return {status, out.str(), err.str()};
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A folder with weights.safetensors and model.json, small_description() if not said otherwise.
class Workshop {
 public:
  explicit Workshop(const Json& description = small_description(),
                    const TensorSet& tensors = small_tensors()) {
    tensors.write_safetensors(weights);
    write("model.json", description.dump());
  }

  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  // augur-convert of the two, with further arguments.
  Ran convert(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"--weights", weights, "--model", model, "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_convert(arguments);
  }
  // Whether no file is there whose name begins like the output's, whole or in part.
  bool has_no_output() const {
    for (const std::string& name : folder_.files()) {
      if (name.rfind("out", 0) == 0) return false;
    }
    return true;
  }

 private:
  TempFolder folder_;

 public:
  const std::string weights = path("weights.safetensors");
  const std::string model = path("model.json");
  const std::string out = path("out.augur");
};

// Requests for small_description().
inline const char* const kRequests =
    R"({"id": "a", "features": {"user": 1}, "history": {"item": [1, 2, 3], "category": [1, 0, 4]},)"
    R"( "candidates": {"item": [4, 5, 6, 7], "category": [0, 1, 2, 3]}})"
    "\n"
    R"({"id": "b", "features": {"user": 5}, "history": {"item": [8], "category": [2]},)"
    R"( "candidates": {"item": [1, 3], "category": [4, 4]}})"
    "\n"
    R"({"id": "c", "features": {"user": 1}, "history": {"item": [], "category": []},)"
    R"( "candidates": {"item": [2, 8, 5], "category": [3, 0, 2]}})"
    "\n";

}  // namespace augur::convert::testing
