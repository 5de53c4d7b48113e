// The built programs, and a folder with a model and requests to run them on.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/models.h"
#include "support/process.h"
#include "support/temp_folder.h"

namespace augur::tools_test {

using testing::read_file;
using testing::TempFolder;

inline Result augur_rank(const std::vector<std::string>& arguments,
                         const std::string& standard_input = "") {
  return run(AUGUR_RANK_PROGRAM, arguments, standard_input);
}
inline Result augur_bench(const std::vector<std::string>& arguments) {
  return run(AUGUR_BENCH_PROGRAM, arguments);
}

// Three sound requests for small_dien().
inline const std::string kThreeRequests =
    R"({"id": "a", "features": {"user": 3}, "history": {"item": [1, 2, 3], "category": [3, 2, 1]},)"
    R"( "candidates": {"item": [4, 5, 4], "category": [0, 1, 0]}})"
    "\n"
    R"({"id": "b", "features": {"user": 0}, "history": {"item": [], "category": []},)"
    R"( "candidates": {"item": [9], "category": [3]}})"
    "\n"
    R"({"id": "c", "features": {"user": 4}, "history": {"item": [9, 8, 7, 6, 5, 4],)"
    R"( "category": [1, 2, 3, 1, 2, 3]}, "candidates": {"item": [1, 2, 3, 4, 5, 6, 7],)"
    R"( "category": [1, 2, 3, 3, 2, 1, 0]}})"
    "\n";

// A folder with model.augur (small_dien) and requests.jsonl (kThreeRequests).
struct Workplace {
  TempFolder folder;
  std::string model = folder.write("model.augur", packed(*small_dien()));
  std::string requests = folder.write("requests.jsonl", kThreeRequests);
  std::string out = folder.path("out.jsonl");

  // Neither an output file nor a part of one.
  bool has_no_output() const {
    for (const std::string& name : folder.files()) {
      if (name.rfind("out", 0) == 0) return false;
    }
    return true;
  }
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace augur::tools_test
