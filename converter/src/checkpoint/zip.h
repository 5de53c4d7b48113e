// The parts of the zip format that .npz files use: the central directory, stored and deflated
// entries, zip64. APPNOTE.TXT 6.3 is the reference.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/byte_source.h"
#include "checkpoint/values.h"

namespace augur::checkpoint {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  uint32_t crc = 0;
  uint64_t stored_size = 0;  // in the file
  uint64_t size = 0;         // uncompressed; at most 1032 times stored_size, as deflate can reach
  uint64_t offset = 0;       // of the stored bytes
};

// Reads the directory. Every entry lies inside the file, before the directory and apart from the
// others; its local header agrees. Encrypted, split and otherwise compressed archives are refused
// by name. Folders are left out.
std::vector<ZipEntry> read_zip_directory(const ByteSource& source);

// The entry's uncompressed bytes from the beginning. finish() wants all of them to have been read
// and checks the CRC-32. `source` must outlive the stream.
std::unique_ptr<RawStream> open_zip_entry(const ByteSource& source, const ZipEntry& entry);

}  // namespace augur::checkpoint
