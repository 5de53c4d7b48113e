// Writes .npy arrays and zip files for tests, sound or (through patching) not.
#pragma once

#include <string>
#include <vector>

#include "converter/checkpoint/bytes.h"

namespace augur::checkpoint::test {

// A whole .npy file. `header` is the dictionary's text.
Bytes npy_bytes(const std::string& header, const Bytes& values, unsigned version = 1);

// The dictionary as NumPy writes it.
std::string npy_dictionary(const std::string& descr, bool fortran_order, const std::string& shape);

struct ZipMember {
  std::string name;
  Bytes content;
  bool deflate = false;
};

struct ZipOptions {
  bool zip64 = false;  // sizes and offsets in zip64 fields, with a zip64 end record
  std::string comment;
};

Bytes zip_bytes(const std::vector<ZipMember>& members, const ZipOptions& options = {});

// Raw deflate of `content`.
Bytes deflate_bytes(const Bytes& content);

}  // namespace augur::checkpoint::test
