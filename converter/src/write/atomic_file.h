// Writes a file so that it is either there whole or not at all.
#pragma once

#include <cstddef>
#include <string>

namespace augur::convert {

// Writes `bytes` bytes into a new file beside `path`, flushes it to the disk and renames it over
// `path`. Throws Error (what failed, and why) and leaves neither the new file nor a changed `path`
// behind.
void write_file_atomically(const std::string& path, const void* data, size_t bytes);

// Throws Error if write_file_atomically(path) is bound to fail: `path` is a folder, or the folder
// that is to hold it is missing or not writable. For asking before the long work, not after it.
void check_writable(const std::string& path);

}  // namespace augur::convert
