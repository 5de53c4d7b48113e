// The header of a NumPy .npy array: magic, version 1 to 3, a Python dictionary in text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/raw_stream.h"

namespace augur::checkpoint {

struct NpyHeader {
  std::string descr;  // "<f4"; "(structured)" for record types
  Encoding encoding;
  size_t value_bytes = 0;  // 0 for types of unknown size: objects, records
  bool column_major = false;
  std::vector<int64_t> shape;
  uint64_t header_bytes = 0;  // the values begin here
};

// Reads the header from the beginning of `stream`, which has `size` bytes in all, and leaves the
// stream at the first value. `where` names the file and array in messages.
NpyHeader read_npy_header(RawStream& stream, uint64_t size, const std::string& where);

}  // namespace augur::checkpoint
