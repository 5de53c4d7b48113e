// Written from the formats' descriptions, not from the readers.
#include "converter/checkpoint/bundle_writer.h"

#include <algorithm>

namespace augur::checkpoint::test {

uint32_t slow_crc32c(const Bytes& bytes) {
  uint32_t crc = 0xffffffffu;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78u : crc >> 1;
  }
  return ~crc;
}

uint32_t slow_masked_crc32c(const Bytes& bytes) {
  const uint32_t crc = slow_crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

void put_varint(Bytes* out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out->push_back(static_cast<uint8_t>(value | 0x80));
  out->push_back(static_cast<uint8_t>(value));
}

Bytes block_bytes(const std::vector<KeyValue>& entries, size_t restart_interval) {
  Bytes out;
  std::vector<size_t> restarts = {0};
  std::string last;
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto& [key, value] = entries[i];
    size_t shared = 0;
    if (i % restart_interval == 0) {
      if (i > 0) restarts.push_back(out.size());
    } else {
      while (shared < std::min(last.size(), key.size()) && last[shared] == key[shared])
        ++shared;
    }
    put_varint(&out, shared);
    put_varint(&out, key.size() - shared);
    put_varint(&out, value.size());
    put(&out, key.substr(shared));
    put(&out, value);
    last = key;
  }
  for (const size_t restart : restarts)
    put(&out, restart, 4);
  put(&out, restarts.size(), 4);
  return out;
}

Bytes put_block(Bytes* out, const Bytes& block, uint8_t compression) {
  Bytes handle;
  put_varint(&handle, out->size());
  put_varint(&handle, block.size());
  Bytes checked = block;
  checked.push_back(compression);
  put(out, checked);
  put(out, slow_masked_crc32c(checked), 4);
  return handle;
}

Bytes footer_bytes(const Bytes& metaindex_handle, const Bytes& index_handle) {
  Bytes out = metaindex_handle;
  put(&out, index_handle);
  out.resize(40, 0);
  put(&out, 0xdb4775248b80fb57u, 8);
  return out;
}

Bytes table_bytes(const std::vector<KeyValue>& entries, size_t entries_per_block) {
  Bytes out;
  std::vector<KeyValue> index;
  for (size_t begin = 0; begin < entries.size(); begin += entries_per_block) {
    const size_t end = std::min(begin + entries_per_block, entries.size());
    const std::vector<KeyValue> part(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                                     entries.begin() + static_cast<std::ptrdiff_t>(end));
    const Bytes handle = put_block(&out, block_bytes(part, 3));
    index.emplace_back(entries[end - 1].first, handle);
  }
  const Bytes metaindex = put_block(&out, block_bytes({}));
  const Bytes index_handle = put_block(&out, block_bytes(index, 1));
  put(&out, footer_bytes(metaindex, index_handle));
  return out;
}

Bytes varint_field(unsigned id, uint64_t value) {
  Bytes out;
  put_varint(&out, id << 3);
  put_varint(&out, value);
  return out;
}

Bytes bytes_field(unsigned id, const Bytes& content) {
  Bytes out;
  put_varint(&out, id << 3 | 2);
  put_varint(&out, content.size());
  put(&out, content);
  return out;
}

Bytes fixed32_field(unsigned id, uint32_t value) {
  Bytes out;
  put_varint(&out, id << 3 | 5);
  put(&out, value, 4);
  return out;
}

Bytes header_message(uint64_t shards, bool big_endian, uint64_t min_consumer) {
  Bytes out = varint_field(1, shards);
  if (big_endian) put(&out, varint_field(2, 1));
  Bytes version = varint_field(1, 1);
  if (min_consumer != 0) put(&version, varint_field(2, min_consumer));
  put(&out, bytes_field(3, version));
  return out;
}

Bytes shape_message(const std::vector<int64_t>& shape) {
  Bytes out;
  for (const int64_t extent : shape) {
    put(&out, bytes_field(2, varint_field(1, static_cast<uint64_t>(extent))));
  }
  return out;
}

Bytes entry_message(const BundleTensor& tensor, uint64_t offset) {
  Bytes out = varint_field(1, tensor.dtype);
  put(&out, bytes_field(2, shape_message(tensor.shape)));
  if (tensor.shard != 0) put(&out, varint_field(3, tensor.shard));
  if (offset != 0) put(&out, varint_field(4, offset));
  put(&out, varint_field(5, tensor.values.size()));
  put(&out, fixed32_field(6, slow_masked_crc32c(tensor.values)));
  return out;
}

Bundle bundle_of(const std::vector<BundleTensor>& tensors, uint32_t shards, bool big_endian) {
  Bundle bundle;
  bundle.data.resize(shards);
  std::vector<KeyValue> entries = {{"", header_message(shards, big_endian)}};
  for (const BundleTensor& tensor : tensors) {
    Bytes& data = bundle.data.at(tensor.shard);
    entries.emplace_back(tensor.name, entry_message(tensor, data.size()));
    put(&data, tensor.values);
  }
  bundle.index = table_bytes(entries);
  return bundle;
}

}  // namespace augur::checkpoint::test
