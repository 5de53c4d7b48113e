// A parser for the one dictionary that .npy headers hold,
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
// and the arrays of a zip file as tensors.
#include "checkpoint/numpy.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "checkpoint/values.h"
#include "error.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6;
constexpr size_t kLongestHeader = 65536;  // arrays of plain numbers need far less

class DictionaryParser {
 public:
  DictionaryParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      bool* seen = key == "descr"           ? &has_descr
                   : key == "fortran_order" ? &has_order
                   : key == "shape"         ? &has_shape
                                            : nullptr;
      if (seen == nullptr) fail("has the unknown key " + augur::quoted(key));
      if (*seen) fail("has the key " + augur::quoted(key) + " twice");
      *seen = true;
      if (seen == &has_descr) header.descr = descr();
      if (seen == &has_order) header.column_major = boolean();
      if (seen == &has_shape) header.shape = shape();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("goes on after its dictionary");
    if (!has_descr || !has_order || !has_shape) {
      fail("lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_ + ": the .npy header " + what + ": the array is damaged");
  }

  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr &&
           text_[at_] != '\0') {
      ++at_;
    }
  }

  bool accept(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) {
      fail(std::string("has no '") + wanted + "' at its byte " + std::to_string(at_));
    }
  }

  bool accept_word(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  std::string string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("has no string at its byte " + std::to_string(at_));
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("has a string without end");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    if (value.find('\\') != std::string::npos) fail("has an escaped string");
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    if (accept_word("True")) return true;
    if (!accept_word("False")) fail("has a 'fortran_order' that is neither True nor False");
    return false;
  }

  std::vector<int64_t> shape() {
    std::vector<int64_t> dimensions;
    expect('(');
    while (!accept(')')) {
      if (dimensions.size() == kMaxRank) fail("has more than 64 dimensions");
      dimensions.push_back(number());
      accept('L');  // Python 2 wrote (3L, 4L)
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return dimensions;
  }

  int64_t number() {
    skip_space();
    int64_t value = 0;
    const size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const int digit = text_[at_] - '0';
      if (value > (INT64_MAX - digit) / 10) fail("has a dimension that is too large");
      value = value * 10 + digit;
    }
    if (at_ == begin) fail("has no number at its byte " + std::to_string(at_));
    return value;
  }

  // A type's string, or a list that describes records, which are not read: only its end is sought.
  std::string descr() {
    if (!accept('[')) return string();
    for (int depth = 1; depth > 0;) {
      skip_space();
      if (at_ == text_.size()) fail("has a list without end");
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        string();
        continue;
      }
      if (c == '[') ++depth;
      if (c == ']') --depth;
      ++at_;
    }
    return "(structured)";
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

struct TypeRow {
  const char* code;  // without the byte order
  DType dtype;
};

constexpr TypeRow kTypes[] = {
    {"b1", DType::kBool},      {"u1", DType::kU8},          {"i1", DType::kI8},
    {"u2", DType::kU16},       {"i2", DType::kI16},         {"u4", DType::kU32},
    {"i4", DType::kI32},       {"u8", DType::kU64},         {"i8", DType::kI64},
    {"f2", DType::kF16},       {"f4", DType::kF32},         {"f8", DType::kF64},
    {"c8", DType::kComplex64}, {"c16", DType::kComplex128},
};

void set_type(NpyHeader* header, const std::string& where) {
  const std::string& descr = header->descr;
  if (descr == "(structured)") return;
  const char order = descr.empty() ? '\0' : descr[0];
  if (std::strchr("<>|=", order) == nullptr || order == '\0' || descr.size() < 2) {
    throw Error(where + ": the .npy header has the unknown type " + augur::quoted(descr) +
                ": the array is damaged");
  }
  const std::string code = descr.substr(1);
  if (code[0] == 'U' || code[0] == 'S' || code[0] == 'a') {
    header->encoding.dtype = DType::kString;
    return;
  }
  for (const TypeRow& row : kTypes) {
    if (code != row.code) continue;
    header->value_bytes = dtype_bytes(row.dtype);
    const bool orderless = header->value_bytes == 1;
    if (order == '=' || (order == '|' && !orderless)) {
      throw Error(where + ": the .npy header does not say the byte order of its type " +
                  augur::quoted(descr) + ": the array is damaged");
    }
    header->encoding = {row.dtype, order == '>'};
    return;
  }
  // Objects (pickles), dates, long doubles, raw bytes: listed, refused when read.
}

}  // namespace

NpyHeader read_npy_header(RawStream& stream, uint64_t size, const std::string& where) {
  uint8_t start[kMagicBytes + 6] = {};
  if (size < kMagicBytes + 4) {
    throw Error(where + ": has " + std::to_string(size) + " bytes, too few for a .npy array");
  }
  stream.read(start, kMagicBytes + 4);
  if (std::memcmp(start, kMagic, kMagicBytes) != 0) {
    throw Error(where + ": is not a .npy array (its first bytes are not \\x93NUMPY)");
  }
  const unsigned major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0) {
    throw Error(where + ": is a .npy array of version " + std::to_string(major) + "." +
                std::to_string(minor) + "; supported are 1.0, 2.0 and 3.0");
  }
  uint64_t prefix = kMagicBytes + 4;
  uint64_t length = start[8] | uint64_t{start[9]} << 8;
  if (major >= 2) {  // a length of 4 bytes instead of 2
    prefix += 2;
    if (size < prefix) throw Error(where + ": its .npy header is cut off");
    stream.read(start + kMagicBytes + 4, 2);
    length |= uint64_t{start[10]} << 16 | uint64_t{start[11]} << 24;
  }
  if (length > size - prefix || length > kLongestHeader) {
    throw Error(where + ": its .npy header claims " + std::to_string(length) +
                " bytes; the array has " + std::to_string(size - prefix) +
                " more, and at most 65536 are accepted");
  }
  std::string text(static_cast<size_t>(length), '\0');
  stream.read(&text[0], text.size());
  NpyHeader header = DictionaryParser(text, where).parse();
  header.header_bytes = prefix + length;
  set_type(&header, where);
  return header;
}

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
  Npz(std::unique_ptr<ZipArchive> archive, std::vector<NpzEntry> entries)
      : Checkpoint(archive->source().name(), "npz"),
        archive_(std::move(archive)),
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
    auto stream = archive_->open(entry.zip);
    std::vector<uint8_t> header(static_cast<size_t>(entry.header_bytes));
    stream->read(header.data(), header.size());  // counts towards the CRC
    return {std::move(stream), entry.encoding, entry.column_major};
  }

  std::unique_ptr<ZipArchive> archive_;
  std::vector<NpzEntry> entries_;  // in the order of tensors(); their `info` is moved away
};

NpzEntry read_entry(const ZipArchive& archive, const ZipEntry& zip) {
  const std::string where = archive.source().name() + ": entry " + augur::quoted(zip.name);
  const size_t size = zip.name.size();
  if (size <= kSuffixBytes || zip.name.compare(size - kSuffixBytes, kSuffixBytes, kSuffix) != 0) {
    throw Error(where + " is not a .npy array: expected a file that numpy.savez wrote");
  }
  const auto stream = archive.open(zip);
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
  entry.zip = zip;
  entry.encoding = header.encoding;
  entry.column_major = header.column_major;
  entry.header_bytes = header.header_bytes;
  return entry;
}

}  // namespace

std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ZipArchive> archive) {
  std::vector<NpzEntry> entries;
  for (const ZipEntry& zip : archive->entries())
    entries.push_back(read_entry(*archive, zip));
  return std::make_unique<Npz>(std::move(archive), std::move(entries));
}

std::unique_ptr<Checkpoint> open_npz(std::unique_ptr<ByteSource> source) {
  return open_npz(std::make_unique<ZipArchive>(std::move(source)));
}

}  // namespace augur::checkpoint
