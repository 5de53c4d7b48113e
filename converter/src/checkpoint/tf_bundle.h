// TensorFlow's V2 checkpoints ("bundles"), read without TensorFlow: PREFIX.index is a table from
// names to types, shapes and places; PREFIX.data-NNNNN-of-MMMMM hold the values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/tf_messages.h"

namespace augur::checkpoint {

// Opens data file number `shard` of `shards`; called when a tensor in it is first read. Throws an
// Error if it is not there.
using ShardOpener = std::function<std::unique_ptr<ByteSource>(uint32_t shard, uint32_t shards)>;

// Reads the index: block checksums, header, entries. All tensors are listed, optimizer slots too
// (see is_training_only). A tensor's own checksum is verified when it is read. Variables
// partitioned along one axis are put together; other partitions are refused when read. Error on
// anything malformed.
std::unique_ptr<Checkpoint> open_tf_bundle(std::unique_ptr<ByteSource> index,
                                           ShardOpener open_shard);

// The key under which a bundle's index has one slice of the partitioned tensor `name`: name and
// extents in TensorFlow's OrderedCode, an encoding whose byte order is the order of the values. The
// key begins with a zero byte, as no tensor's name does.
std::string slice_key(std::string_view name, const std::vector<SliceExtent>& slice);

// The name of a data file: PREFIX.data-00000-of-00001.
std::string shard_name(const std::string& prefix, uint32_t shard, uint32_t shards);

}  // namespace augur::checkpoint
