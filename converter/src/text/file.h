// Reads whole files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace augur {

// Throws Error if the file cannot be read, or if it is larger than `most` bytes; `too_large` then
// ends the sentence that begins with its size: " is too large for a description".
std::vector<uint8_t> read_file(const std::string& path, uint64_t most, const char* too_large);

}  // namespace augur
