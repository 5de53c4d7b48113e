// Zip as APPNOTE describes it, written front to back.
#include "converter/checkpoint/npz_writer.h"

#include <zlib.h>

#include <stdexcept>

namespace augur::checkpoint::test {
namespace {

struct Placed {
  const ZipMember* member;
  Bytes stored;
  uint32_t crc;
  uint64_t offset;
};

uint32_t crc_of(const Bytes& bytes) {
  return static_cast<uint32_t>(
      ::crc32(::crc32(0, nullptr, 0), bytes.data(), static_cast<uInt>(bytes.size())));
}

void put_common(Bytes* out, const Placed& placed, const ZipOptions& options) {
  put(out, 0, 2);                               // flags
  put(out, placed.member->deflate ? 8 : 0, 2);  // method
  put(out, 0, 4);                               // time and date
  put(out, placed.crc, 4);
  put(out, options.zip64 ? 0xffffffff : placed.stored.size(), 4);
  put(out, options.zip64 ? 0xffffffff : placed.member->content.size(), 4);
  put(out, placed.member->name.size(), 2);
}

}  // namespace

std::string npy_dictionary(const std::string& descr, bool fortran_order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
         ", 'shape': " + shape + ", }";
}

Bytes npy_bytes(const std::string& header, const Bytes& values, unsigned version) {
  Bytes out;
  put(&out, "\x93NUMPY");
  put(&out, version, 1);
  put(&out, 0, 1);
  const unsigned length_bytes = version == 1 ? 2 : 4;
  const size_t before = 8 + length_bytes;
  const size_t padded = (before + header.size() + 1 + 63) / 64 * 64 - before;
  put(&out, padded, length_bytes);
  put(&out, header + std::string(padded - header.size() - 1, ' ') + "\n");
  put(&out, values);
  return out;
}

Bytes deflate_bytes(const Bytes& content) {
  z_stream stream = {};
  if (::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  Bytes out(::deflateBound(&stream, static_cast<uLong>(content.size())) + 16);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

Bytes zip_bytes(const std::vector<ZipMember>& members, const ZipOptions& options) {
  Bytes out;
  std::vector<Placed> all;
  for (const ZipMember& member : members) {
    all.push_back({&member, member.deflate ? deflate_bytes(member.content) : member.content,
                   crc_of(member.content), out.size()});
    const Placed& placed = all.back();
    put(&out, 0x04034b50, 4);
    put(&out, options.zip64 ? 45 : 20, 2);
    put_common(&out, placed, options);
    put(&out, options.zip64 ? 20 : 0, 2);
    put(&out, member.name);
    if (options.zip64) {
      put(&out, 1, 2);
      put(&out, 16, 2);
      put(&out, member.content.size(), 8);
      put(&out, placed.stored.size(), 8);
    }
    put(&out, placed.stored);
  }
  const size_t directory = out.size();
  for (const Placed& placed : all) {
    put(&out, 0x02014b50, 4);
    put(&out, options.zip64 ? 45 : 20, 2);
    put(&out, options.zip64 ? 45 : 20, 2);
    put_common(&out, placed, options);
    put(&out, options.zip64 ? 4 + 6 + 24 : 0, 2);
    put(&out, 0, 2);  // comment
    put(&out, 0, 2);  // disk
    put(&out, 0, 2);  // internal attributes
    put(&out, 0, 4);  // external attributes
    put(&out, options.zip64 ? 0xffffffff : placed.offset, 4);
    put(&out, placed.member->name);
    if (options.zip64) {
      put(&out, 0x7777, 2);  // some other field comes first
      put(&out, 2, 2);
      put(&out, 0, 2);
      put(&out, 1, 2);
      put(&out, 24, 2);
      put(&out, placed.member->content.size(), 8);
      put(&out, placed.stored.size(), 8);
      put(&out, placed.offset, 8);
    }
  }
  const size_t end = out.size();
  if (options.zip64) {
    put(&out, 0x06064b50, 4);
    put(&out, 44, 8);
    put(&out, 45, 2);
    put(&out, 45, 2);
    put(&out, 0, 4);
    put(&out, 0, 4);
    put(&out, all.size(), 8);
    put(&out, all.size(), 8);
    put(&out, end - directory, 8);
    put(&out, directory, 8);
    put(&out, 0x07064b50, 4);
    put(&out, 0, 4);
    put(&out, end, 8);
    put(&out, 1, 4);
  }
  put(&out, 0x06054b50, 4);
  put(&out, 0, 4);
  put(&out, options.zip64 ? 0xffff : all.size(), 2);
  put(&out, options.zip64 ? 0xffff : all.size(), 2);
  put(&out, options.zip64 ? 0xffffffff : end - directory, 4);
  put(&out, options.zip64 ? 0xffffffff : directory, 4);
  put(&out, options.comment.size(), 2);
  put(&out, options.comment);
  return out;
}

}  // namespace augur::checkpoint::test
