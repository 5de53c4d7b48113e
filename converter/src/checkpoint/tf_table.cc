// CRC-32C, and reading tables front to back. Nothing is looked up by key: an index of tensors is
// small.
#include "checkpoint/tf_table.h"

#include <array>
#include <vector>

#include "checkpoint/tf_messages.h"
#include "error.h"

namespace augur::checkpoint {
namespace {

constexpr uint32_t kReflectedPolynomial = 0x82f63b78u;
constexpr size_t kLanes = 8;

using Tables = std::array<std::array<uint32_t, 256>, kLanes>;

// tables[k][b]: the checksum of byte b followed by k zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1u) * kReflectedPolynomial);
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t k = 1; k < kLanes; ++k) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

uint32_t extend_crc32c(uint32_t crc, const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (; size >= kLanes; size -= kLanes, bytes += kLanes) {
    uint32_t next = 0;
    for (size_t i = 0; i < kLanes; ++i) {
      const uint32_t mixed = i < 4 ? (crc >> (8 * i)) & 0xff : 0;
      next ^= kTables[kLanes - 1 - i][bytes[i] ^ mixed];
    }
    crc = next;
  }
  for (; size > 0; --size, ++bytes)
    crc = (crc >> 8) ^ kTables[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}

namespace {

constexpr uint64_t kMagic = 0xdb4775248b80fb57u;
constexpr uint64_t kLargestBlock = uint64_t{1} << 30;

uint64_t load(const void* data, size_t width) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i)
    value |= uint64_t{bytes[i]} << (8 * i);
  return value;
}

uint32_t load32(std::string_view bytes, size_t at) {
  return static_cast<uint32_t>(load(bytes.data() + at, 4));
}

[[noreturn]] void damaged(const std::string& where, const std::string& what) {
  throw Error(where + ": " + what + ": the file is damaged");
}

// The block's content after checking that it lies before `end`, its type and its checksum.
std::vector<uint8_t> read_block(const ByteSource& source, BlockHandle handle, uint64_t end) {
  if (handle.offset > end || end - handle.offset < kBlockTrailerBytes ||
      handle.size > end - handle.offset - kBlockTrailerBytes) {
    damaged(source.name(), "a block of " + std::to_string(handle.size) + " bytes at " +
                               std::to_string(handle.offset) + " does not fit before byte " +
                               std::to_string(end));
  }
  if (handle.size > kLargestBlock) damaged(source.name(), "a block is larger than 1 GiB");
  std::vector<uint8_t> block = source.read(handle.offset, handle.size + kBlockTrailerBytes);
  const auto size = static_cast<size_t>(handle.size);
  const auto stored = static_cast<uint32_t>(load(&block[size + 1], 4));
  if (mask_crc32c(extend_crc32c(0, block.data(), size + 1)) != stored) {
    damaged(source.name(),
            "the block at byte " + std::to_string(handle.offset) + " does not match its CRC-32C");
  }
  if (block[size] != 0) {
    throw Error(source.name() + ": the block at byte " + std::to_string(handle.offset) +
                " is compressed (" +
                (block[size] == 1 ? "snappy" : "type " + std::to_string(block[size])) +
                "), but checkpoint indexes are written uncompressed; load it in TensorFlow and "
                "save it again with tf.train.Saver or tf.train.Checkpoint");
  }
  block.resize(size);
  return block;
}

std::string_view view(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The restart offsets at a block's end: each names an entry whose key is whole.
class Restarts {
 public:
  Restarts(std::string_view block, const std::string& where) : where_(where) {
    if (block.size() < 4) damaged(where, "a block has no restart array");
    const uint64_t count = load32(block, block.size() - 4);
    if (count == 0 || count > (block.size() - 4) / 4) {
      damaged(where, "a block of " + std::to_string(block.size()) + " bytes claims " +
                         std::to_string(count) + " restarts");
    }
    entries_ = block.size() - 4 - 4 * static_cast<size_t>(count);
    offsets_ = block.substr(entries_, 4 * static_cast<size_t>(count));
    // TensorFlow's empty blocks (its metaindex) have one restart at 0 and no entry.
    if (load32(offsets_, 0) != 0) damaged(where, "a block's first restart is not its first entry");
  }

  // Bytes of the entries before the array.
  size_t entries() const { return entries_; }

  // To be called for each entry in order.
  void visit(size_t offset, bool whole_key) {
    if (next_ == offsets_.size() || load32(offsets_, next_) != offset) return;
    if (!whole_key) damaged(where_, "a restart points to a shortened key");
    next_ += 4;
  }

  void finish() const {
    if (next_ != offsets_.size() && !(entries_ == 0 && offsets_.size() == 4)) {
      damaged(where_, "a block's restart " + std::to_string(load32(offsets_, next_)) +
                          " is not the offset of an entry");
    }
  }

 private:
  const std::string& where_;
  size_t entries_ = 0;
  std::string_view offsets_;
  size_t next_ = 0;
};

}  // namespace

bool has_table_magic(const ByteSource& source) {
  if (source.size() < kTableFooterBytes) return false;
  uint8_t magic[8];
  source.read(source.size() - sizeof magic, magic, sizeof magic);
  return load(magic, sizeof magic) == kMagic;
}

bool take_block_handle(std::string_view* bytes, BlockHandle* handle) {
  return take_varint(bytes, &handle->offset) && take_varint(bytes, &handle->size);
}

BlockHandle read_table_footer(const ByteSource& source) {
  if (!has_table_magic(source)) {
    throw Error(source.name() +
                ": does not end like the index of a TensorFlow checkpoint: it is truncated or of "
                "another format");
  }
  const std::vector<uint8_t> footer =
      source.read(source.size() - kTableFooterBytes, kTableFooterBytes);
  std::string_view rest = view(footer).substr(0, kTableFooterBytes - 8);
  BlockHandle metaindex, index;
  if (!take_block_handle(&rest, &metaindex) || !take_block_handle(&rest, &index)) {
    damaged(source.name(), "the footer is malformed");
  }
  return index;
}

void visit_block(std::string_view block, const std::string& where,
                 std::optional<std::string>* last_key, const KeyVisitor& visit) {
  Restarts restarts(block, where);
  std::string_view rest = block.substr(0, restarts.entries());
  std::string key;
  bool first_in_block = true;
  while (!rest.empty()) {
    const size_t offset = restarts.entries() - rest.size();
    uint64_t shared = 0, fresh = 0, value_size = 0;
    if (!take_varint(&rest, &shared) || !take_varint(&rest, &fresh) ||
        !take_varint(&rest, &value_size) || fresh > rest.size() ||
        value_size > rest.size() - fresh) {
      damaged(where, "an entry runs past the end of its block");
    }
    if (shared > key.size() || (first_in_block && shared != 0)) {
      damaged(where, "a key shares more bytes than the one before it has");
    }
    if (shared + fresh > kLongestKey) {
      damaged(where, "a key has more than " + std::to_string(kLongestKey) + " bytes");
    }
    restarts.visit(offset, shared == 0);
    key.resize(static_cast<size_t>(shared));
    key.append(rest.substr(0, static_cast<size_t>(fresh)));
    rest.remove_prefix(static_cast<size_t>(fresh));
    if (last_key->has_value() && key <= **last_key) {
      damaged(where, "the keys are not in ascending order at " + augur::quoted(key));
    }
    *last_key = key;
    visit(key, rest.substr(0, static_cast<size_t>(value_size)));
    rest.remove_prefix(static_cast<size_t>(value_size));
    first_in_block = false;
  }
  restarts.finish();
}

void visit_table(const ByteSource& source, const KeyVisitor& visit) {
  const BlockHandle index_handle = read_table_footer(source);
  const uint64_t footer = source.size() - kTableFooterBytes;
  const std::vector<uint8_t> index = read_block(source, index_handle, footer);
  const std::string where = source.name();
  uint64_t end_of_last = 0;
  std::optional<std::string> last_separator, last_key;
  visit_block(view(index), where, &last_separator,
              [&](std::string_view separator, std::string_view value) {
                BlockHandle handle;
                if (!take_block_handle(&value, &handle)) {
                  damaged(where, "the index block holds a malformed handle");
                }
                // Blocks follow one another and end before the index: a handle can neither come
                // back to a block nor lead into another.
                if (handle.offset < end_of_last) {
                  damaged(where, "two blocks overlap at byte " + std::to_string(handle.offset));
                }
                const std::vector<uint8_t> block = read_block(source, handle, index_handle.offset);
                end_of_last = handle.offset + handle.size + kBlockTrailerBytes;
                visit_block(view(block), where, &last_key, visit);
                if (last_key.has_value() && std::string_view(*last_key) > separator) {
                  damaged(where, "a block holds a key beyond its place in the index");
                }
              });
}

}  // namespace augur::checkpoint
