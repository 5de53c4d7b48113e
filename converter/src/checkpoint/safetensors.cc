// Reading safetensors: the header's length, the order of the tensors' data, the data itself.
#include "checkpoint/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "checkpoint/safetensors_header.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;  // the spec's limit
constexpr char kFormatKey[] = "format";           // "pt", and not a tensor's other name
constexpr char kNotesKey[] = "augur.notes";
constexpr char kOrderKey[] = "augur.order";  // written by augur_rank

// Accepts a flat list of different texts, and notes the place of each.
class OrderHandler final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit OrderHandler(std::unordered_map<std::string, size_t>* positions)
      : positions_(positions) {}

  bool start_array(size_t) override { return !std::exchange(in_list_, true); }
  bool end_array() override { return true; }
  bool string(string_t& text) override {
    const size_t position = positions_->size();
    return in_list_ && positions_->emplace(std::move(text), position).second;
  }
  bool start_object(size_t) override { return false; }
  bool key(string_t&) override { return false; }
  bool end_object() override { return false; }
  bool number_unsigned(number_unsigned_t) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool boolean(bool) override { return false; }
  bool null() override { return false; }
  bool binary(binary_t&) override { return false; }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  std::unordered_map<std::string, size_t>* positions_;
  bool in_list_ = false;
};

class Safetensors final : public Checkpoint {
 public:
  Safetensors(std::unique_ptr<ByteSource> source, std::vector<SafetensorsEntry> entries,
              uint64_t data_start, bool has_order, FileNotes notes)
      : Checkpoint(notes.file.empty() ? source->name() : notes.file, "safetensors"),
        source_(std::move(source)) {
    adopt(entries);
    if (has_order) set_order();
    set_notes(std::move(notes));
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

// torch.save_model() writes a tensor that has two names once, and {other name: kept name} into the
// metadata. The other names become tensors of their own, over the same bytes.
void add_aliases(SafetensorsHeader& header) {
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < header.entries.size(); ++i)
    places.emplace(header.entries[i].info.name, i);
  for (const auto& [alias, kept] : header.metadata) {
    const auto place = places.find(kept);
    if (alias == kFormatKey || alias == kNotesKey || place == places.end() ||
        places.count(alias) != 0)
      continue;
    SafetensorsEntry entry = header.entries[place->second];
    entry.info.name = alias;
    entry.info.alias_of = kept;
    header.entries.push_back(std::move(entry));
  }
}

// Takes the tensors' positions from the list of names that augur_rank notes. False where
// there is no list, or another program has added or dropped tensors since, so that the list is of
// another file.
bool take_order(SafetensorsHeader& header, const std::string& file) {
  const auto noted = std::find_if(header.metadata.begin(), header.metadata.end(),
                                  [](const auto& pair) { return pair.first == kOrderKey; });
  if (noted == header.metadata.end()) return false;
  std::unordered_map<std::string, size_t> positions;
  OrderHandler handler(&positions);
  if (!nlohmann::json::sax_parse(noted->second, &handler)) {
    throw Error(file + ": '__metadata__' has under '" + kOrderKey +
                "' something else than a JSON list of different names: expected what "
                "augur_rank writes; save the checkpoint again");
  }
  if (positions.size() != header.entries.size()) return false;
  for (SafetensorsEntry& entry : header.entries) {
    const auto place = positions.find(entry.info.name);
    if (place == positions.end()) return false;
    entry.info.position = place->second;
  }
  return true;
}

// What augur_rank notes of the file from which it took the tensors.
FileNotes take_notes(const SafetensorsHeader& header, const std::string& file) {
  for (const auto& [key, text] : header.metadata) {
    if (key == kNotesKey) return parse_file_notes(text, file + ": '__metadata__': " + kNotesKey);
  }
  return {};
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
  SafetensorsHeader header =
      parse_safetensors_header({reinterpret_cast<const char*>(text.data()), text.size()}, file);
  require_contiguous(header.entries, room - length, file);
  add_aliases(header);
  const bool has_order = take_order(header, file);
  FileNotes notes = take_notes(header, file);
  return std::make_unique<Safetensors>(std::move(source), std::move(header.entries),
                                       kLengthBytes + length, has_order, std::move(notes));
}

}  // namespace augur::checkpoint
