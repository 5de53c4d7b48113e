// libzip over a ByteSource.
#include "checkpoint/zip.h"

#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "error.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kDeflateRatio = 1032;  // deflate cannot expand by more

// What libzip reads. An exception must not pass through C code: it is kept until libzip returns.
struct Input {
  explicit Input(std::unique_ptr<ByteSource> bytes) : source(std::move(bytes)) {
    zip_error_init(&error);
  }
  ~Input() { zip_error_fini(&error); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  std::unique_ptr<ByteSource> source;
  uint64_t at = 0;
  zip_error_t error = {};
  std::exception_ptr thrown;
};

zip_int64_t read_input(Input& input, void* out, uint64_t size) noexcept {
  const uint64_t part = std::min(size, input.source->size() - input.at);
  try {
    input.source->read(input.at, out, static_cast<size_t>(part));
  } catch (...) {
    input.thrown = std::current_exception();
    zip_error_set(&input.error, ZIP_ER_READ, EIO);
    return -1;
  }
  input.at += part;
  return static_cast<zip_int64_t>(part);
}

// libzip's requests to a source of bytes.
zip_int64_t serve_input(void* state, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  Input& input = *static_cast<Input*>(state);
  switch (command) {
    case ZIP_SOURCE_OPEN:
      input.at = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read_input(input, data, size);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
      return 0;
    case ZIP_SOURCE_STAT: {
      auto* stat = static_cast<zip_stat_t*>(data);
      zip_stat_init(stat);
      stat->size = input.source->size();
      stat->valid = ZIP_STAT_SIZE;
      return sizeof *stat;
    }
    case ZIP_SOURCE_SEEK: {
      const zip_int64_t to =
          zip_source_seek_compute_offset(input.at, input.source->size(), data, size, &input.error);
      if (to < 0) return -1;
      input.at = static_cast<uint64_t>(to);
      return 0;
    }
    case ZIP_SOURCE_TELL:
      return static_cast<zip_int64_t>(input.at);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&input.error, data, size);
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(
          ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
          ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
      zip_error_set(&input.error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

// libzip could not open the archive.
[[noreturn]] void fail_to_open(const Input& input, zip_error_t& error) {
  const int code = zip_error_code_zip(&error);
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  if (input.thrown) std::rethrow_exception(input.thrown);
  const std::string& file = input.source->name();
  switch (code) {
    case ZIP_ER_MEMORY:
      throw std::bad_alloc();
    case ZIP_ER_MULTIDISK:
      throw Error(file + ": is one part of a split zip archive, which is not supported");
    case ZIP_ER_EXISTS:
      throw Error(file +
                  ": two of its entries have one name: the file is damaged or was made to mislead");
    case ZIP_ER_NOZIP:
      throw Error(file +
                  ": damaged zip file: its directory is missing or does not fit the file, so it is "
                  "probably truncated");
    case ZIP_ER_INCONS:
      throw Error(file +
                  ": damaged zip file: its end, its directory and its entries contradict each "
                  "other");
    default:
      throw Error(file + ": cannot be read as a zip file: " + text);
  }
}

class EntryStream final : public RawStream {
 public:
  EntryStream(zip_t* archive, Input& input, const ZipEntry& entry)
      : input_(input),
        name_(entry.name),
        left_(entry.size),
        file_(zip_fopen_index(archive, entry.index, 0)) {
    if (file_ == nullptr) fail(zip_get_error(archive));
  }
  ~EntryStream() override { zip_fclose(file_); }

  void read(void* out, size_t size) override {
    if (size > left_) fail("ends too early");
    auto* to = static_cast<uint8_t*>(out);
    while (size > 0) {
      const zip_int64_t got = zip_fread(file_, to, size);
      if (got < 0) fail(zip_file_get_error(file_));
      if (got == 0) fail("ends too early");
      to += got;
      size -= static_cast<size_t>(got);
      left_ -= static_cast<uint64_t>(got);
    }
  }

  // The end of the data is where libzip compares length and checksum.
  void finish() override {
    if (left_ != 0) fail("is longer than its array");
    uint8_t surplus;
    const zip_int64_t got = zip_fread(file_, &surplus, 1);
    if (got < 0) fail(zip_file_get_error(file_));
    if (got > 0) fail("is longer than the directory says");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(input_.source->name() + ": the data of entry " + augur::quoted(name_) + " " + what +
                ": the file is damaged");
  }

  [[noreturn]] void fail(zip_error_t* error) const {
    if (input_.thrown) std::rethrow_exception(std::exchange(input_.thrown, nullptr));
    switch (zip_error_code_zip(error)) {
      case ZIP_ER_MEMORY:
        throw std::bad_alloc();
      case ZIP_ER_CRC:
        fail("does not match its CRC-32");
      case ZIP_ER_EOF:
        fail("is cut off");
      case ZIP_ER_INCONS:
        fail("is not as long as the directory says");
      case ZIP_ER_ZLIB:
      case ZIP_ER_COMPRESSED_DATA:
        fail("is not valid deflate data");
      default:
        fail(std::string("cannot be read (") + zip_error_strerror(error) + ")");
    }
  }

  Input& input_;
  const std::string name_;
  uint64_t left_;
  zip_file_t* file_;
};

}  // namespace

// The archive, with what libzip needs as long as it is open.
struct ZipArchive::Opened {
  explicit Opened(std::unique_ptr<ByteSource> bytes) : input(std::move(bytes)) {}
  ~Opened() {
    if (archive != nullptr) zip_discard(archive);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  void open();
  void read_entries();

  Input input;
  zip_t* archive = nullptr;
  std::vector<ZipEntry> entries;
};

void ZipArchive::Opened::open() {
  if (input.source->size() == 0) {  // libzip's way to ask for a new archive
    throw Error(input.source->name() + ": damaged zip file: it is empty");
  }
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_function_create(serve_input, &input, &error);
  if (source != nullptr) {
    archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (archive == nullptr) zip_source_free(source);
  }
  if (archive == nullptr) fail_to_open(input, error);
  zip_error_fini(&error);
}

// Checks what libzip leaves to its caller.
void ZipArchive::Opened::read_entries() {
  const std::string& file = input.source->name();
  const auto count =
      static_cast<uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(archive, 0), 0));
  uint64_t left = input.source->size();
  for (uint64_t index = 0; index < count; ++index) {
    zip_stat_t stat;
    if (zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &stat) != 0) {
      throw Error(file + ": damaged zip file: " + zip_strerror(archive));
    }
    const ZipEntry entry = {stat.name == nullptr ? "" : stat.name, index, stat.comp_size,
                            stat.size};
    const std::string what = "entry " + augur::quoted(entry.name);
    if (stat.encryption_method != ZIP_EM_NONE) {
      throw Error(file + ": " + what + " is encrypted, which is not supported");
    }
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
      throw Error(file + ": " + what + " is compressed by method " +
                  std::to_string(stat.comp_method) +
                  "; only stored (0) and deflate (8) are supported, as numpy.savez and "
                  "numpy.savez_compressed write them");
    }
    if (stat.comp_method == ZIP_CM_STORE && entry.size != entry.stored_size) {
      throw Error(file + ": damaged zip file: " + what + " is stored, but its two sizes differ");
    }
    if (entry.size / kDeflateRatio > entry.stored_size) {
      throw Error(file + ": damaged zip file: " + what + " claims " + std::to_string(entry.size) +
                  " bytes from " + std::to_string(entry.stored_size) +
                  ", more than deflate can give");
    }
    if (entry.stored_size > left) {
      throw Error(file + ": damaged zip file: up to " + what +
                  " its entries claim more bytes than the file has");
    }
    left -= entry.stored_size;
    const bool folder = !entry.name.empty() && entry.name.back() == '/' && entry.size == 0;
    if (!folder) entries.push_back(entry);
  }
}

ZipArchive::ZipArchive(std::unique_ptr<ByteSource> source)
    : opened_(std::make_unique<Opened>(std::move(source))) {
  opened_->open();
  opened_->read_entries();
}

ZipArchive::~ZipArchive() = default;

const ByteSource& ZipArchive::source() const {
  return *opened_->input.source;
}

const std::vector<ZipEntry>& ZipArchive::entries() const {
  return opened_->entries;
}

std::unique_ptr<RawStream> ZipArchive::open(const ZipEntry& entry) const {
  return std::make_unique<EntryStream>(opened_->archive, opened_->input, entry);
}

}  // namespace augur::checkpoint
