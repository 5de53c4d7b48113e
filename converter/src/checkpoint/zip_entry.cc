// The content of one zip entry: stored bytes, or zlib's inflate fed from the file in pieces.
#include <zlib.h>

#include <algorithm>

#include "checkpoint/zip.h"
#include "error.h"

namespace augur::checkpoint {
namespace {

// Gives zlib at most this much at a time: its counters are 32 bits wide.
constexpr size_t kLargestPiece = size_t{1} << 30;

class EntryStream : public RawStream {
 public:
  EntryStream(const ByteSource& source, const ZipEntry& entry)
      : source_(source), entry_(entry), left_(entry.size), crc_(::crc32(0, nullptr, 0)) {}

  void read(void* out, size_t size) final {
    if (size > left_) fail("ends too early");
    auto* to = static_cast<uint8_t*>(out);
    left_ -= size;
    while (size > 0) {
      const size_t part = std::min(size, kLargestPiece);
      read_piece(to, part);
      crc_ = ::crc32(crc_, to, static_cast<uInt>(part));
      to += part;
      size -= part;
    }
  }

  void finish() final {
    if (left_ != 0) fail("is longer than its array");
    finish_content();
    if (crc_ != entry_.crc) fail("does not match its CRC-32");
  }

 protected:
  virtual void read_piece(uint8_t* out, size_t size) = 0;
  virtual void finish_content() {}

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(source_.name() + ": the data of entry " + augur::quoted(entry_.name) + " " + what +
                ": the file is damaged");
  }

  const ByteSource& source_;
  const ZipEntry entry_;

 private:
  uint64_t left_;
  uLong crc_;
};

class StoredStream final : public EntryStream {
 public:
  StoredStream(const ByteSource& source, const ZipEntry& entry)
      : EntryStream(source, entry), next_(entry.offset) {}

 private:
  void read_piece(uint8_t* out, size_t size) override {
    source_.read(next_, out, size);
    next_ += size;
  }

  uint64_t next_;
};

class DeflatedStream final : public EntryStream {
 public:
  DeflatedStream(const ByteSource& source, const ZipEntry& entry)
      : EntryStream(source, entry), next_(entry.offset), end_(entry.offset + entry.stored_size) {
    // Negative: raw deflate, without zlib's own header.
    if (::inflateInit2(&inflater_, -MAX_WBITS) != Z_OK) throw Error("zlib cannot be started");
  }
  ~DeflatedStream() override { ::inflateEnd(&inflater_); }

 private:
  void read_piece(uint8_t* out, size_t size) override {
    inflater_.next_out = out;
    inflater_.avail_out = static_cast<uInt>(size);
    while (inflater_.avail_out > 0) {
      if (ended_) fail("ends too early");
      step();
    }
  }

  // The stream must end exactly here: after the entry's last byte, with nothing behind it.
  void finish_content() override {
    uint8_t surplus;
    inflater_.next_out = &surplus;
    inflater_.avail_out = 1;
    while (!ended_) {
      step();
      if (inflater_.avail_out == 0) fail("is longer than the directory says");
    }
    if (inflater_.avail_in != 0 || next_ != end_) fail("has unused bytes after its end");
  }

  // Inflates until something is out, the input piece is used up, or the stream ends.
  void step() {
    if (inflater_.avail_in == 0 && next_ < end_) {
      const auto part = static_cast<size_t>(std::min<uint64_t>(end_ - next_, sizeof input_));
      source_.read(next_, input_, part);
      next_ += part;
      inflater_.next_in = input_;
      inflater_.avail_in = static_cast<uInt>(part);
    }
    // Without input, too, zlib may hold output that it has not given yet.
    const int result = ::inflate(&inflater_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      ended_ = true;
    } else if (result == Z_BUF_ERROR) {
      fail("is cut off");
    } else if (result == Z_MEM_ERROR) {
      throw Error("zlib has not enough memory");
    } else if (result != Z_OK) {
      fail("is not valid deflate data");
    }
  }

  z_stream inflater_ = {};
  bool ended_ = false;
  uint64_t next_;
  uint64_t end_;
  uint8_t input_[16384];
};

}  // namespace

std::unique_ptr<RawStream> open_zip_entry(const ByteSource& source, const ZipEntry& entry) {
  if (entry.deflated) return std::make_unique<DeflatedStream>(source, entry);
  return std::make_unique<StoredStream>(source, entry);
}

}  // namespace augur::checkpoint
