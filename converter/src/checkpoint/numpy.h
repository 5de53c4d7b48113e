// NumPy's files: the header of a .npy array (magic, version 1 to 3, a Python dictionary in text),
// and .npz, a zip file of such arrays.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/values.h"
#include "checkpoint/zip.h"

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

// Reads each array's header (names without ".npy"); the values are inflated when
// a tensor is read, and their CRC-32 is checked then. Takes over the archive. Error on anything
// malformed; a tensor whose data expands suspiciously (over 200 times, to more than 256 MiB) is
// refused when read.
std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ZipArchive> archive);
std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ByteSource> source);

}  // namespace augur::checkpoint
