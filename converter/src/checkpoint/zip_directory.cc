// The directory of a zip file: end record, zip64 end record, central headers, local headers.
#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "checkpoint/zip.h"
#include "error.h"

namespace augur::checkpoint {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kCentralHeader = 0x02014b50;
constexpr uint32_t kEnd = 0x06054b50;
constexpr uint32_t kEnd64 = 0x06064b50;
constexpr uint32_t kEnd64Locator = 0x07064b50;
constexpr uint64_t kLocalHeaderBytes = 30;
constexpr uint64_t kCentralHeaderBytes = 46;
constexpr uint64_t kEndBytes = 22;
constexpr uint64_t kEnd64Bytes = 56;
constexpr uint64_t kLocatorBytes = 20;
constexpr uint64_t kLongestComment = 0xffff;
constexpr uint32_t kIn64 = 0xffffffff;    // "see the zip64 field"
constexpr uint64_t kDeflateRatio = 1032;  // deflate cannot expand by more
constexpr uint16_t kEncrypted = 1u << 0;
constexpr uint16_t kStrongEncryption = 1u << 6;

uint64_t load(const uint8_t* bytes, unsigned width) {
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i)
    value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}
uint16_t load16(const uint8_t* bytes) {
  return static_cast<uint16_t>(load(bytes, 2));
}
uint32_t load32(const uint8_t* bytes) {
  return static_cast<uint32_t>(load(bytes, 4));
}
uint64_t load64(const uint8_t* bytes) {
  return load(bytes, 8);
}

class DirectoryReader {
 public:
  explicit DirectoryReader(const ByteSource& source) : source_(source) {}

  std::vector<ZipEntry> read() {
    find_end();
    const std::vector<uint8_t> directory = source_.read(start_, size_);
    std::vector<ZipEntry> entries;
    size_t at = 0;
    for (uint64_t i = 0; i < count_; ++i) {
      if (auto entry = read_central_header(directory, &at)) entries.push_back(std::move(*entry));
    }
    if (at != directory.size()) fail("the directory is longer than its entries");
    require_apart();
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(source_.name() + ": damaged zip file: " + what);
  }

  // Sets start_, size_ and count_ of the central directory from the end record.
  void find_end() {
    if (source_.size() < kEndBytes)
      fail("it has only " + std::to_string(source_.size()) + " bytes");
    const uint64_t tail_size = std::min(source_.size(), kEndBytes + kLongestComment);
    const uint64_t tail_start = source_.size() - tail_size;
    const std::vector<uint8_t> tail = source_.read(tail_start, tail_size);
    for (uint64_t at = tail_size - kEndBytes + 1; at-- > 0;) {
      const uint8_t* end = tail.data() + at;
      if (load32(end) != kEnd || at + kEndBytes + load16(end + 20) != tail_size) continue;
      read_end(end, tail_start + at);
      return;
    }
    fail("its directory is missing, so it is probably truncated");
  }

  void read_end(const uint8_t* end, uint64_t position) {
    uint64_t limit = position;  // the directory ends here
    const uint64_t disk = load16(end + 4), directory_disk = load16(end + 6);
    uint64_t count_here = load16(end + 8);
    count_ = load16(end + 10);
    size_ = load32(end + 12);
    start_ = load32(end + 16);
    bool split = disk != 0 || directory_disk != 0;
    if (count_ == 0xffff || size_ == kIn64 || start_ == kIn64) {
      if (position < kLocatorBytes) fail("its zip64 locator is missing");
      uint8_t locator[kLocatorBytes];
      source_.read(position - kLocatorBytes, locator, sizeof locator);
      // Exactly 65535 entries need no zip64.
      if (load32(locator) == kEnd64Locator) {
        limit = load64(locator + 8);
        if (limit > position - kLocatorBytes || position - kLocatorBytes - limit < kEnd64Bytes) {
          fail("its zip64 record lies outside");
        }
        uint8_t record[kEnd64Bytes];
        source_.read(limit, record, sizeof record);
        if (load32(record) != kEnd64) fail("its zip64 record is missing");
        split = load32(record + 16) != 0 || load32(record + 20) != 0;
        count_here = load64(record + 24);
        count_ = load64(record + 32);
        size_ = load64(record + 40);
        start_ = load64(record + 48);
      }
    }
    if (split || count_here != count_) {
      throw Error(source_.name() + ": is one part of a split zip archive, which is not supported");
    }
    if (start_ > limit || limit - start_ != size_) {
      fail("its directory of " + std::to_string(size_) + " bytes at " + std::to_string(start_) +
           " does not end where the end record begins, at " + std::to_string(limit));
    }
    if (count_ > size_ / kCentralHeaderBytes) {
      fail("its directory is too small for " + std::to_string(count_) + " entries");
    }
  }

  std::optional<ZipEntry> read_central_header(const std::vector<uint8_t>& directory, size_t* at) {
    const size_t left = directory.size() - *at;
    const uint8_t* header = directory.data() + *at;
    if (left < kCentralHeaderBytes || load32(header) != kCentralHeader) {
      fail("a directory entry is missing");
    }
    const size_t name_size = load16(header + 28);
    const size_t extra_size = load16(header + 30);
    const size_t comment_size = load16(header + 32);
    const size_t whole = size_t{kCentralHeaderBytes} + name_size + extra_size + comment_size;
    if (left < whole) fail("a directory entry is cut off");
    *at += whole;

    ZipEntry entry;
    const auto* name = reinterpret_cast<const char*>(header + kCentralHeaderBytes);
    entry.name.assign(name, name_size);
    const uint16_t flags = load16(header + 8);
    const uint16_t method = load16(header + 10);
    entry.crc = load32(header + 16);
    entry.stored_size = load32(header + 20);
    entry.size = load32(header + 24);
    uint64_t local = load32(header + 42);
    read_zip64_field(header + kCentralHeaderBytes + name_size, extra_size, &entry, &local);

    const std::string what = source_.name() + ": entry " + augur::quoted(entry.name);
    if ((flags & (kEncrypted | kStrongEncryption)) != 0) {
      throw Error(what + " is encrypted, which is not supported");
    }
    if (method != 0 && method != 8) {
      throw Error(what + " is compressed by method " + std::to_string(method) +
                  "; only stored (0) and deflate (8) are supported, as numpy.savez and "
                  "numpy.savez_compressed write them");
    }
    entry.deflated = method == 8;
    if (!entry.deflated && entry.size != entry.stored_size) {
      fail("entry " + augur::quoted(entry.name) + " is stored, but its two sizes differ");
    }
    if (entry.size / kDeflateRatio > entry.stored_size) {
      fail("entry " + augur::quoted(entry.name) + " claims " + std::to_string(entry.size) +
           " bytes from " + std::to_string(entry.stored_size) + ", more than deflate can give");
    }
    locate(local, method, &entry);
    const bool folder = !entry.name.empty() && entry.name.back() == '/' && entry.size == 0;
    if (folder) return std::nullopt;
    return entry;
  }

  // Sizes and offsets that did not fit in 32 bits.
  void read_zip64_field(const uint8_t* extra, size_t extra_size, ZipEntry* entry,
                        uint64_t* local) const {
    const bool wanted = entry->size == kIn64 || entry->stored_size == kIn64 || *local == kIn64;
    while (wanted && extra_size >= 4) {
      const size_t size = load16(extra + 2);
      if (size > extra_size - 4) break;
      if (load16(extra) == 1) {
        size_t used = 4;
        for (uint64_t* value : {&entry->size, &entry->stored_size, local}) {
          if (*value != kIn64) continue;
          if (used + 8 > size + 4)
            fail("the zip64 field of " + augur::quoted(entry->name) + " is short");
          *value = load64(extra + used);
          used += 8;
        }
        return;
      }
      extra += size + 4;
      extra_size -= size + 4;
    }
    // Without the field, 0xffffffff is meant as it stands; the checks of the ranges follow.
  }

  // Finds the stored bytes behind the local header, which must agree with the central one.
  void locate(uint64_t local, uint16_t method, ZipEntry* entry) {
    if (local > start_ || start_ - local < kLocalHeaderBytes) {
      fail("entry " + augur::quoted(entry->name) + " lies outside of the file");
    }
    uint8_t header[kLocalHeaderBytes];
    source_.read(local, header, sizeof header);
    const size_t name_size = load16(header + 26);
    const uint64_t skip = kLocalHeaderBytes + name_size + load16(header + 28);
    if (load32(header) != kLocalHeader || load16(header + 8) != method ||
        name_size != entry->name.size() || start_ - local < skip) {
      fail("entry " + augur::quoted(entry->name) + " differs from its local header");
    }
    std::string name(name_size, '\0');
    source_.read(local + kLocalHeaderBytes, &name[0], name_size);
    if (name != entry->name) {
      fail("entry " + augur::quoted(entry->name) + " is called " + augur::quoted(name) +
           " in its local header");
    }
    entry->offset = local + skip;
    if (entry->stored_size > start_ - entry->offset) {
      fail("entry " + augur::quoted(entry->name) + " claims " + std::to_string(entry->stored_size) +
           " bytes, more than are left in the file");
    }
    ranges_.emplace_back(local, entry->offset + entry->stored_size);
  }

  // Entries that share bytes are how small files become huge ones.
  void require_apart() {
    std::sort(ranges_.begin(), ranges_.end());
    for (size_t i = 1; i < ranges_.size(); ++i) {
      if (ranges_[i].first < ranges_[i - 1].second) {
        fail("two entries overlap at byte " + std::to_string(ranges_[i].first));
      }
    }
  }

  const ByteSource& source_;
  uint64_t start_ = 0;
  uint64_t size_ = 0;
  uint64_t count_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> ranges_;
};

}  // namespace

std::vector<ZipEntry> read_zip_directory(const ByteSource& source) {
  return DirectoryReader(source).read();
}

}  // namespace augur::checkpoint
