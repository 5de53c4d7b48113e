// A bundle as a checkpoint: the index checked when it is opened, data files when they are needed.
#include "checkpoint/tf_bundle.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "checkpoint/crc32c.h"
#include "checkpoint/object_graph.h"
#include "checkpoint/table.h"
#include "checkpoint/tf_bundle_proto.h"
#include "checkpoint/values.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kSupportedVersion = 1;
constexpr uint32_t kMostShards = 99999;  // file names have five digits
// Prefix compression lets a small index claim long names; a million tensors stay far below this.
constexpr uint64_t kMostNameBytes = uint64_t{256} << 20;
constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";
constexpr uint64_t kLargestGraph = uint64_t{256} << 20;

struct ListedEntry {
  TensorInfo info;
  BundleEntry entry;
};

// Passes a tensor's bytes on and compares their checksum at the end.
class ChecksumStream final : public RawStream {
 public:
  ChecksumStream(std::unique_ptr<RawStream> bytes, uint32_t masked_crc, std::string where)
      : bytes_(std::move(bytes)), masked_crc_(masked_crc), where_(std::move(where)) {}

  void read(void* out, size_t size) override {
    bytes_->read(out, size);
    crc_ = extend_crc32c(crc_, out, size);
  }

  void finish() override {
    bytes_->finish();
    if (mask_crc32c(crc_) != masked_crc_) {
      throw Error(where_ +
                  " does not match its CRC-32C: its data file is damaged, or belongs to "
                  "another index");
    }
  }

 private:
  std::unique_ptr<RawStream> bytes_;
  uint32_t masked_crc_;
  uint32_t crc_ = 0;
  std::string where_;
};

// Interleaves the slices of a tensor that is partitioned along one axis: for each outer index the
// rows of each slice in turn.
class PartitionStream final : public RawStream {
 public:
  struct Slice {
    std::unique_ptr<RawStream> stream;
    uint64_t run;  // bytes at a time, > 0
  };

  explicit PartitionStream(std::vector<Slice> slices)
      : slices_(std::move(slices)), left_(slices_[0].run) {}

  void read(void* out, size_t size) override {
    auto* to = static_cast<uint8_t*>(out);
    while (size > 0) {
      if (left_ == 0) {
        current_ = (current_ + 1) % slices_.size();
        left_ = slices_[current_].run;
      }
      const auto part = static_cast<size_t>(std::min<uint64_t>(size, left_));
      slices_[current_].stream->read(to, part);
      to += part;
      size -= part;
      left_ -= part;
    }
  }

  void finish() override {
    for (Slice& slice : slices_)
      slice.stream->finish();
  }

 private:
  std::vector<Slice> slices_;
  size_t current_ = 0;
  uint64_t left_;
};

class TfBundle final : public Checkpoint {
 public:
  TfBundle(const ByteSource& index, ShardOpener open_shard)
      : Checkpoint(index.name(), "TensorFlow V2 checkpoint"), open_shard_(std::move(open_shard)) {
    uint64_t name_bytes = 0;
    bool first = true;
    visit_table(index, [&](std::string_view key, std::string_view value) {
      name_bytes += key.size();
      if (name_bytes > kMostNameBytes) throw Error(file() + ": has more than 256 MiB of names");
      if (std::exchange(first, false)) {
        read_header(key, value);
      } else {
        add_entry(key, value);
      }
    });
    if (first) throw Error(file() + ": has no header: it is not the index of a checkpoint");
    adopt(entries_);
  }

  std::vector<std::string> full_names() const override {
    const TensorInfo* graph = find(kObjectGraphKey);
    if (graph == nullptr || graph->dtype != DType::kString || !graph->shape.empty()) return {};
    const ListedEntry& listed = entries_[static_cast<size_t>(graph - tensors().data())];
    if (!listed.entry.slices.empty() || listed.entry.size > kLargestGraph) {
      throw Error(where(*graph) + " is in parts or larger than 256 MiB: the file is damaged");
    }
    const ByteSource& shard = shard_of(listed.entry, *graph);
    const std::vector<uint8_t> bytes = shard.read(listed.entry.offset, listed.entry.size);
    const std::map<std::string, std::string> by_key =
        parse_object_graph({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                           listed.entry.masked_crc, where(*graph));
    std::vector<std::string> names;
    names.reserve(tensors().size());
    for (const TensorInfo& tensor : tensors()) {
      const auto place = by_key.find(tensor.name);
      names.push_back(place == by_key.end() ? std::string() : place->second);
    }
    return names;
  }

 private:
  Raw open_raw(size_t index) const override {
    const BundleEntry& entry = entries_[index].entry;
    const Encoding encoding = {tensors()[index].dtype, header_.big_endian};
    if (entry.slices.empty()) return {open_entry(entry, tensors()[index]), encoding, false};
    return {open_partitioned(entry, tensors()[index]), encoding, false};
  }

  void read_header(std::string_view key, std::string_view value) {
    const std::optional<BundleHeader> header = parse_bundle_header(value);
    if (!key.empty() || !header) {
      throw Error(file() + ": has no header: it is not the index of a checkpoint");
    }
    if (header->is_v1) {
      throw Error(file() +
                  ": is a TensorFlow V1 checkpoint; load it in TensorFlow and save it "
                  "again with tf.train.Saver(write_version=tf.train.SaverDef.V2)");
    }
    if (header->min_consumer > kSupportedVersion) {
      throw Error(file() + ": needs a reader of version " + std::to_string(header->min_consumer) +
                  " of the checkpoint format; this one knows version 1");
    }
    if (header->shards == 0 || header->shards > kMostShards) {
      throw Error(file() + ": claims " + std::to_string(header->shards) +
                  " data files: the file is damaged");
    }
    header_ = *header;
  }

  void add_entry(std::string_view key, std::string_view value) {
    const std::string what = file() + ": tensor " + augur::quoted(key);
    std::optional<BundleEntry> entry = parse_bundle_entry(value);
    if (!entry) throw Error(what + " has a malformed entry: the file is damaged");
    TensorInfo info;
    info.name = key;
    info.dtype = tf_dtype(entry->type);
    info.type_name = tf_type_name(entry->type);
    info.shape = entry->shape;
    uint64_t count = 0, bits = 0;
    if (!shape_size(info.shape, 8 * dtype_bytes(info.dtype), &count, &bits)) {
      throw Error(what + " has the shape " + shape_text(info.shape) +
                  ", which is negative or overflows: the file is damaged");
    }
    if (entry->shard >= header_.shards) {
      throw Error(what + " lies in data file " + std::to_string(entry->shard) + " of " +
                  std::to_string(header_.shards) + ": the file is damaged");
    }
    const bool sized = dtype_bytes(info.dtype) != 0;
    const bool sliced = !entry->slices.empty();
    info.bytes = sized ? bits / 8 : entry->size;
    if (sized && !sliced && entry->size != info.bytes) {
      throw Error(what + " has " + std::to_string(entry->size) + " bytes of data, but " +
                  info.type_name + " of shape " + shape_text(info.shape) + " needs " +
                  std::to_string(info.bytes) + ": the file is damaged");
    }
    if (!key.empty() && key[0] == '\0') {  // a slice's key
      std::string name(key);
      slices_.emplace(std::move(name), ListedEntry{std::move(info), std::move(*entry)});
    } else {
      entries_.push_back({std::move(info), std::move(*entry)});
    }
  }

  // The data file of an entry, whose bytes it is known to have.
  const ByteSource& shard_of(const BundleEntry& entry, const TensorInfo& tensor) const {
    const auto number = static_cast<uint32_t>(entry.shard);
    std::unique_ptr<ByteSource>& shard = shards_[number];
    if (shard == nullptr) shard = open_shard_(number, header_.shards);
    if (entry.offset > shard->size() || entry.size > shard->size() - entry.offset) {
      throw Error(where(tensor) + " needs " + std::to_string(entry.size) + " bytes at offset " +
                  std::to_string(entry.offset) + " of " + shard->name() + ", which has only " +
                  std::to_string(shard->size()) + ": it is truncated, or belongs to another index");
    }
    return *shard;
  }

  std::unique_ptr<RawStream> open_entry(const BundleEntry& entry, const TensorInfo& tensor) const {
    const ByteSource& shard = shard_of(entry, tensor);
    return std::make_unique<ChecksumStream>(stream_range(shard, entry.offset, entry.size),
                                            entry.masked_crc, where(tensor));
  }

  std::unique_ptr<RawStream> open_partitioned(const BundleEntry& entry,
                                              const TensorInfo& tensor) const {
    const size_t axis = partition_axis(entry, tensor);
    std::vector<const std::vector<SliceExtent>*> order;
    for (const auto& slice : entry.slices)
      order.push_back(&slice);
    std::sort(order.begin(), order.end(),
              [axis](const auto* a, const auto* b) { return (*a)[axis].start < (*b)[axis].start; });
    uint64_t inner = dtype_bytes(tensor.dtype);
    for (size_t i = axis + 1; i < tensor.shape.size(); ++i) {
      inner *= static_cast<uint64_t>(tensor.shape[i]);
    }
    std::vector<PartitionStream::Slice> streams;
    int64_t covered = 0;
    for (const auto* slice : order) {
      const SliceExtent extent = (*slice)[axis];
      const int64_t length = extent.length < 0 ? tensor.shape[axis] : extent.length;
      if (extent.start != covered || length == 0 || length > tensor.shape[axis] - covered) {
        throw Error(where(tensor) + ": its parts leave a gap or overlap: the index is damaged");
      }
      covered += length;
      streams.push_back(
          {open_slice(*slice, axis, length, tensor), static_cast<uint64_t>(length) * inner});
    }
    if (covered != tensor.shape[axis]) {
      throw Error(where(tensor) + ": its parts cover " + std::to_string(covered) + " of " +
                  std::to_string(tensor.shape[axis]) + " rows: the index is damaged");
    }
    return std::make_unique<PartitionStream>(std::move(streams));
  }

  // The one axis along which the slices differ from the whole.
  size_t partition_axis(const BundleEntry& entry, const TensorInfo& tensor) const {
    size_t axis = 0;
    bool found = false;
    for (const auto& slice : entry.slices) {
      if (slice.size() != tensor.shape.size() || slice.empty() || tensor.count() == 0) {
        throw Error(where(tensor) + ": its parts do not fit the shape " + shape_text(tensor.shape) +
                    ": the index is damaged");
      }
      for (size_t i = 0; i < slice.size(); ++i) {
        const bool whole =
            slice[i].start == 0 && (slice[i].length == -1 || slice[i].length == tensor.shape[i]);
        if (whole || (found && i == axis)) continue;
        if (found) {
          throw Error(where(tensor) +
                      " is partitioned along more than one axis, which is not "
                      "supported; save the model without a partitioner");
        }
        found = true;
        axis = i;
      }
    }
    return axis;
  }

  std::unique_ptr<RawStream> open_slice(const std::vector<SliceExtent>& slice, size_t axis,
                                        int64_t length, const TensorInfo& tensor) const {
    const auto place = slices_.find(slice_key(tensor.name, slice));
    std::vector<int64_t> shape = tensor.shape;
    shape[axis] = length;
    if (place == slices_.end()) {
      throw Error(where(tensor) + ": its part of shape " + shape_text(shape) +
                  " is not in the index: the index is damaged");
    }
    const ListedEntry& part = place->second;
    if (part.info.dtype != tensor.dtype || part.info.shape != shape || !part.entry.slices.empty()) {
      throw Error(where(tensor) + ": one of its parts is " + part.info.type_name + " of shape " +
                  shape_text(part.info.shape) + ", expected " + tensor.type_name + " of shape " +
                  shape_text(shape) + ": the index is damaged");
    }
    return open_entry(part.entry, tensor);
  }

  ShardOpener open_shard_;
  BundleHeader header_;
  std::vector<ListedEntry> entries_;           // in the order of tensors(); `info` is moved away
  std::map<std::string, ListedEntry> slices_;  // by their keys
  mutable std::map<uint32_t, std::unique_ptr<ByteSource>> shards_;  // those opened so far
};

}  // namespace

std::unique_ptr<Checkpoint> open_tf_bundle(std::unique_ptr<ByteSource> index,
                                           ShardOpener open_shard) {
  return std::make_unique<TfBundle>(*index, std::move(open_shard));
}

std::string shard_name(const std::string& prefix, uint32_t shard, uint32_t shards) {
  char suffix[64];
  std::snprintf(suffix, sizeof suffix, ".data-%05u-of-%05u", static_cast<unsigned>(shard),
                static_cast<unsigned>(shards));
  return prefix + suffix;
}

}  // namespace augur::checkpoint
