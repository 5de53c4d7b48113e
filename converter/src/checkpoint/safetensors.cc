// Reading safetensors: the header's length, the order of the tensors' data, the data itself.
#include "checkpoint/safetensors.h"

#include <algorithm>
#include <utility>

#include "checkpoint/safetensors_header.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;  // the spec's limit

class Safetensors final : public Checkpoint {
 public:
  Safetensors(std::unique_ptr<ByteSource> source, std::vector<SafetensorsEntry> entries,
              uint64_t data_start)
      : Checkpoint(source->name(), "safetensors"), source_(std::move(source)) {
    adopt(entries);
    offsets_.reserve(entries.size());
    for (const SafetensorsEntry& entry : entries)
      offsets_.push_back(data_start + entry.begin);
  }

 private:
  Raw open_raw(size_t index) const override {
    const TensorInfo& info = tensors()[index];
    return {stream_range(*source_, offsets_[index], info.bytes), {info.dtype, false}, false};
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<uint64_t> offsets_;  // from the beginning of the file, in the order of tensors()
};

// The spec: the data is fully covered, nothing overlaps.
void require_contiguous(const std::vector<SafetensorsEntry>& entries, uint64_t data_size,
                        const std::string& file) {
  std::vector<const SafetensorsEntry*> by_place;
  by_place.reserve(entries.size());
  for (const SafetensorsEntry& entry : entries)
    by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(), [](const auto* a, const auto* b) {
    return std::make_pair(a->begin, a->end) < std::make_pair(b->begin, b->end);
  });
  uint64_t end = 0;
  for (const SafetensorsEntry* entry : by_place) {
    if (entry->end > data_size) {
      throw Error(file + ": tensor " + augur::quoted(entry->info.name) + " ends at data byte " +
                  std::to_string(entry->end) + ", but the file has only " +
                  std::to_string(data_size) + ": it is truncated or damaged");
    }
    if (entry->begin != end) {
      throw Error(file + ": tensor " + augur::quoted(entry->info.name) + " begins at data byte " +
                  std::to_string(entry->begin) + (entry->begin < end ? ", inside" : ", not at") +
                  " the end " + std::to_string(end) + " of the tensor before it" +
                  (entry->begin < end ? " (they overlap)" : " (the format allows no hole)"));
    }
    end = entry->end;
  }
  if (end != data_size) {
    throw Error(file + ": has " + std::to_string(data_size - end) +
                " bytes after its last tensor: it is damaged, or is not a safetensors file");
  }
}

}  // namespace

std::unique_ptr<Checkpoint> open_safetensors(std::unique_ptr<ByteSource> source) {
  const std::string& file = source->name();
  if (source->size() < kLengthBytes) {
    throw Error(file + ": has " + std::to_string(source->size()) +
                " bytes, too few for a safetensors file");
  }
  uint8_t length_bytes[kLengthBytes];
  source->read(0, length_bytes, sizeof length_bytes);
  uint64_t length = 0;
  for (unsigned i = 0; i < kLengthBytes; ++i)
    length |= uint64_t{length_bytes[i]} << (8 * i);
  const uint64_t room = source->size() - kLengthBytes;
  if (length > room || length > kLongestHeader) {
    throw Error(file + ": the safetensors header claims " + std::to_string(length) +
                " bytes, but " +
                (length > room ? "the file has only " + std::to_string(room) + " more"
                               : "the format allows 100000000") +
                ": it is truncated, damaged or of another format");
  }
  const std::vector<uint8_t> text = source->read(kLengthBytes, length);
  if (text.empty() || text[0] != '{') {
    throw Error(file +
                ": the safetensors header does not begin with '{': the file is damaged or "
                "of another format");
  }
  std::vector<SafetensorsEntry> entries =
      parse_safetensors_header({reinterpret_cast<const char*>(text.data()), text.size()}, file);
  require_contiguous(entries, room - length, file);
  return std::make_unique<Safetensors>(std::move(source), std::move(entries),
                                       kLengthBytes + length);
}

}  // namespace augur::checkpoint
