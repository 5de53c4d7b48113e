// Zip archives, as .npz files are, through libzip.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/byte_source.h"

namespace augur::checkpoint {

struct ZipEntry {
  std::string name;
  uint64_t index = 0;        // in the archive's directory
  uint64_t stored_size = 0;  // in the file
  uint64_t size = 0;         // uncompressed; at most 1032 times stored_size, as deflate can reach
};

class ZipArchive {
 public:
  // Reads the directory. Every entry lies inside the file, before the directory, and agrees with
  // its local header; together they take no more bytes than the file has, so that a small file
  // cannot hold huge entries by letting them share bytes. Error for damaged archives, and for
  // encrypted, split and otherwise compressed ones.
  explicit ZipArchive(std::unique_ptr<ByteSource> source);
  ~ZipArchive();

  const ByteSource& source() const;
  // In the directory's order. Folders are left out.
  const std::vector<ZipEntry>& entries() const;

  // The entry's uncompressed bytes from the beginning, read from the file and inflated piece by
  // piece. finish() wants all of them to have been read and checks the CRC-32. The archive must
  // outlive the stream.
  std::unique_ptr<RawStream> open(const ZipEntry& entry) const;

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

}  // namespace augur::checkpoint
