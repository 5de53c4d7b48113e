// Keeps a command from writing over what it reads, or over another of its outputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "error.h"

namespace augur {

struct NamedFile {
  std::string flag;  // "--weights"
  std::string path;  // empty: not given
};

inline bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  if (std::filesystem::equivalent(a, b, failed)) return true;
  const auto whole_a = std::filesystem::weakly_canonical(a, failed);
  if (failed) return a == b;
  const auto whole_b = std::filesystem::weakly_canonical(b, failed);
  return failed ? a == b : whole_a == whole_b;
}

// Throws Error, naming both flags, if an output is an input or another output. Pipes and devices
// (such as /dev/null) may be both.
inline void require_distinct(const std::vector<NamedFile>& inputs,
                             const std::vector<NamedFile>& outputs) {
  const auto check = [](const NamedFile& output, const NamedFile& other) {
    std::error_code ignored;
    const bool special = std::filesystem::exists(output.path, ignored) &&
                         !std::filesystem::is_regular_file(output.path, ignored);
    if (output.path.empty() || other.path.empty() || special) return;
    if (!is_same_file(output.path, other.path)) return;
    throw Error(output.flag + ": " + output.path + " is " + other.flag +
                " too, and would be lost; choose another name");
  };
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (const NamedFile& input : inputs)
      check(outputs[i], input);
    for (size_t j = 0; j < i; ++j)
      check(outputs[i], outputs[j]);
  }
}

}  // namespace augur
