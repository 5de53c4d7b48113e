// Arrays in a zip file as tensors.
#include "checkpoint/npz.h"

#include <utility>

#include "checkpoint/npy.h"
#include "checkpoint/values.h"
#include "checkpoint/zip.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

constexpr char kSuffix[] = ".npy";
constexpr size_t kSuffixBytes = 4;
constexpr uint64_t kUnsuspicious = uint64_t{256} << 20;
constexpr uint64_t kSuspiciousRatio = 200;

struct NpzEntry {
  TensorInfo info;
  ZipEntry zip;
  Encoding encoding;
  bool column_major = false;
  uint64_t header_bytes = 0;
};

class Npz final : public Checkpoint {
 public:
  Npz(std::unique_ptr<ByteSource> source, std::vector<NpzEntry> entries)
      : Checkpoint(source->name(), "npz"),
        source_(std::move(source)),
        entries_(std::move(entries)) {
    for (size_t i = 0; i < entries_.size(); ++i)
      entries_[i].info.position = i;
    adopt(entries_);
    set_order();
  }

 private:
  Raw open_raw(size_t index) const override {
    const NpzEntry& entry = entries_[index];
    if (entry.zip.size > kUnsuspicious &&
        entry.zip.size / kSuspiciousRatio > entry.zip.stored_size) {
      throw Error(where(tensors()[index]) + " expands from " +
                  std::to_string(entry.zip.stored_size) + " to " + std::to_string(entry.zip.size) +
                  " bytes, which looks like a zip bomb; if it is not, save the file with "
                  "numpy.savez instead of numpy.savez_compressed");
    }
    auto stream = open_zip_entry(*source_, entry.zip);
    std::vector<uint8_t> header(static_cast<size_t>(entry.header_bytes));
    stream->read(header.data(), header.size());  // counts towards the CRC
    return {std::move(stream), entry.encoding, entry.column_major};
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<NpzEntry> entries_;  // in the order of tensors(); their `info` is moved away
};

NpzEntry read_entry(const ByteSource& source, ZipEntry zip) {
  const std::string where = source.name() + ": entry " + augur::quoted(zip.name);
  const size_t size = zip.name.size();
  if (size <= kSuffixBytes || zip.name.compare(size - kSuffixBytes, kSuffixBytes, kSuffix) != 0) {
    throw Error(where + " is not a .npy array: expected a file that numpy.savez wrote");
  }
  const auto stream = open_zip_entry(source, zip);
  NpyHeader header = read_npy_header(*stream, zip.size, where);
  const uint64_t data_bytes = zip.size - header.header_bytes;
  uint64_t count = 0, bits = 0;
  if (!shape_size(header.shape, 8 * header.value_bytes, &count, &bits)) {
    throw Error(where + " has the shape " + shape_text(header.shape) + ", whose size overflows");
  }
  if (header.value_bytes != 0 && bits / 8 != data_bytes) {
    throw Error(where + " has " + std::to_string(data_bytes) + " bytes of data, but " +
                header.descr + " of shape " + shape_text(header.shape) + " needs " +
                std::to_string(bits / 8) + ": it is damaged");
  }
  NpzEntry entry;
  entry.info = {zip.name.substr(0, size - kSuffixBytes), header.encoding.dtype,
                std::move(header.descr), std::move(header.shape), data_bytes};
  entry.zip = std::move(zip);
  entry.encoding = header.encoding;
  entry.column_major = header.column_major;
  entry.header_bytes = header.header_bytes;
  return entry;
}

}  // namespace

std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ByteSource> source) {
  std::vector<NpzEntry> entries;
  for (ZipEntry& zip : read_zip_directory(*source)) {
    entries.push_back(read_entry(*source, std::move(zip)));
  }
  return std::make_unique<Npz>(std::move(source), std::move(entries));
}

}  // namespace augur::checkpoint
