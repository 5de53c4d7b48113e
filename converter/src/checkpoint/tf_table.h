// Sorted string tables as LevelDB defined them and TensorFlow's bundle index uses them: keys and
// values in blocks, found through an index block, which a footer points to.
//
//   [data block]... [metaindex block] [index block] [footer: 48 bytes]
//
// A block is entries (shared key bytes, new key bytes, value), restart offsets and their number;
// behind it stand a compression byte and a masked CRC-32C (Castagnoli), the checksum of
// TensorFlow's tensors too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/byte_source.h"

namespace augur::checkpoint {

// Where a block stands, without the five bytes behind it.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t size = 0;
};

constexpr size_t kTableFooterBytes = 48;
constexpr size_t kBlockTrailerBytes = 5;
constexpr size_t kLongestKey = 8192;

// Called with each key and value, keys strictly ascending; views are valid during the call.
using KeyVisitor = std::function<void(std::string_view key, std::string_view value)>;

// Whether the source ends like a table.
bool has_table_magic(const ByteSource& source);

// The index block's handle from the footer.
BlockHandle read_table_footer(const ByteSource& source);

// Reads a handle from the front of `bytes` and drops it there; false if it is malformed.
bool take_block_handle(std::string_view* bytes, BlockHandle* handle);

// Walks one block's content (without its trailer). `last_key` holds the key before the block's
// first, if there is one, and receives its last. `where` begins messages.
void visit_block(std::string_view block, const std::string& where,
                 std::optional<std::string>* last_key, const KeyVisitor& visit);

// Walks the whole table, block by block, checking everything: magic, checksums, order of keys and
// blocks. Error on anything malformed or compressed.
void visit_table(const ByteSource& source, const KeyVisitor& visit);

// The checksum of what `crc` covers (0 for nothing) followed by these bytes.
uint32_t extend_crc32c(uint32_t crc, const void* data, size_t size);

// Checksums are stored rotated by 15 bits plus a constant, so that a checksum over data which
// itself holds checksums stays meaningful.
inline uint32_t mask_crc32c(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

}  // namespace augur::checkpoint
