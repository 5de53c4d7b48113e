// Reads whole files, and keeps a command from writing over what it reads, or over another of its
// outputs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace augur {

// Throws Error if the file cannot be read, or if it is larger than `most` bytes; `too_large` then
// ends the sentence that begins with its size: " is too large for a description".
std::vector<uint8_t> read_file(const std::string& path, uint64_t most, const char* too_large);

struct NamedFile {
  std::string flag;  // "--weights"
  std::string path;  // empty: not given
};

// Throws Error, naming both flags, if an output is an input or another output. Pipes and devices
// (such as /dev/null) may be both.
void require_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs);

}  // namespace augur
