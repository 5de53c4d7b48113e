// Writes TensorFlow V2 bundles for tests: tables, messages, checksums; sound or not.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint/bytes.h"

namespace augur::checkpoint::test {

// CRC-32C bit by bit, and as TensorFlow stores it.
uint32_t slow_crc32c(const Bytes& bytes);
uint32_t slow_masked_crc32c(const Bytes& bytes);

void put_varint(Bytes* out, uint64_t value);

using KeyValue = std::pair<std::string, Bytes>;

// A block's content: prefix-compressed entries and restarts, without the trailer.
Bytes block_bytes(const std::vector<KeyValue>& entries, size_t restart_interval = 16);

// Appends a block with its trailer; returns its handle's bytes.
Bytes put_block(Bytes* out, const Bytes& block, uint8_t compression = 0);

// A footer that points to the index block.
Bytes footer_bytes(const Bytes& metaindex_handle, const Bytes& index_handle);

// A whole table: `entries` in ascending order, `entries_per_block` in each data block.
Bytes table_bytes(const std::vector<KeyValue>& entries, size_t entries_per_block = 4);

// A field of a message.
Bytes varint_field(unsigned id, uint64_t value);
Bytes bytes_field(unsigned id, const Bytes& content);
Bytes fixed32_field(unsigned id, uint32_t value);

// BundleHeaderProto.
Bytes header_message(uint64_t shards = 1, bool big_endian = false, uint64_t min_consumer = 0);

// TensorShapeProto.
Bytes shape_message(const std::vector<int64_t>& shape);

// One tensor of a bundle. `dtype` is TensorFlow's number (1 float, 2 double, ...).
struct BundleTensor {
  std::string name;
  uint64_t dtype = 1;
  std::vector<int64_t> shape;
  Bytes values;
  uint32_t shard = 0;
};

// BundleEntryProto of a tensor whose values stand at `offset`.
Bytes entry_message(const BundleTensor& tensor, uint64_t offset);

struct Bundle {
  Bytes index;
  std::vector<Bytes> data;  // one for each shard
};

// Tensors in ascending order of their names.
Bundle bundle_of(const std::vector<BundleTensor>& tensors, uint32_t shards = 1,
                 bool big_endian = false);

}  // namespace augur::checkpoint::test
