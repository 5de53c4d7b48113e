// A session's inputs as bytes:
//     header | schema text | features, one row | for each sequence: the number of events, their
//     rows
// Rows are as HistoryBuffer::save() writes them. The checksum detects damage. A state is restored
// into a session of the same model or, by the schema text, of another one that keeps the same
// inputs.
#include <algorithm>
#include <cstring>

#include "session/schema_text.h"
#include "session/session.h"

namespace augur {
namespace {

constexpr char kMagic[8] = {'A', 'U', 'G', 'U', 'R', 'S', 'S', 'N'};
// Version 1 (Augur 0.1) kept several ids as their pooled embedding. Versions 1 and 2 (0.2) have no
// schema text, so they belong to one model.
constexpr std::uint32_t kStateVersion = 3;

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t sequence_count;
  std::uint8_t model_id[32];
  std::uint64_t payload_bytes;
  std::uint64_t checksum;  // FNV-1a; from version 3 on it covers the model's id, too
};
static_assert(sizeof(Header) == 64);

std::uint64_t checksum(const Header& header, const unsigned char* payload) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&hash](const unsigned char* bytes, std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i)
      hash = (hash ^ bytes[i]) * 0x100000001b3u;
  };
  if (header.version >= 3) add(header.model_id, sizeof(header.model_id));
  add(payload, header.payload_bytes);
  return hash;
}

void put_text(void* writer, const char* bytes, std::size_t size) {
  static_cast<SavedWriter*>(writer)->put(bytes, size);
}

// The line at or around `at`.
struct Line {
  const char* text = "";
  int size = 0;

  Line(const char* begin, std::size_t bytes, std::size_t at) {
    if (at >= bytes) {
      text = "nothing more";
      size = static_cast<int>(std::strlen(text));
      return;
    }
    std::size_t first = at;
    while (first > 0 && begin[first - 1] != '\n')
      --first;
    std::size_t last = at;
    while (last < bytes && begin[last] != '\n')
      ++last;
    text = begin + first;
    size = static_cast<int>(std::min<std::size_t>(last - first, 120));
  }
};

// Compares a saved schema text with the model's, piece by piece.
struct Comparison {
  const char* saved;
  std::size_t bytes;
  std::size_t at = 0;  // how many bytes of both are equal
  bool equal = true;

  static void put(void* context, const char* piece, std::size_t size) {
    auto& self = *static_cast<Comparison*>(context);
    for (std::size_t i = 0; self.equal && i < size; ++i) {
      self.equal = self.at < self.bytes && self.saved[self.at] == piece[i];
      if (self.equal) ++self.at;
    }
  }
};

// Collects the line of the model's text that holds the byte `wanted`.
struct LineCollector {
  std::size_t wanted;
  std::size_t at = 0;
  bool passed = false;
  std::size_t size = 0;
  char line[121] = "";

  static void put(void* context, const char* piece, std::size_t bytes) {
    auto& self = *static_cast<LineCollector*>(context);
    for (std::size_t i = 0; i < bytes; ++i, ++self.at) {
      if (self.passed) return;
      if (piece[i] == '\n') {
        self.passed = self.at >= self.wanted;
        if (!self.passed) self.size = 0;
      } else if (self.size < sizeof(self.line) - 1) {
        self.line[self.size++] = piece[i];
      }
    }
  }
};

}  // namespace

void Session::write_inputs(SavedWriter& out) const {
  features_.save(out);
  for (const HistoryBuffer& history : histories_) {
    out.put(static_cast<std::uint64_t>(history.size()));
    history.save(out);
  }
}

augur_status Session::save(void* memory, std::size_t* bytes) {
  if (bytes == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "bytes is NULL");
  SavedWriter schema(nullptr);
  write_schema_text(*model_, put_text, &schema);
  const auto schema_bytes = static_cast<std::uint32_t>(schema.bytes());
  const auto write = [this, schema_bytes](SavedWriter& out) {
    out.put(schema_bytes);
    write_schema_text(*model_, put_text, &out);
    write_inputs(out);
  };
  SavedWriter counter(nullptr);
  write(counter);
  const std::size_t needed = sizeof(Header) + counter.bytes();
  const std::size_t given = *bytes;
  *bytes = needed;
  if (memory == nullptr) return AUGUR_OK;
  if (given < needed) return error_.need_bytes(needed, "saved state", given);

  auto* out = static_cast<unsigned char*>(memory);
  SavedWriter writer(out + sizeof(Header));
  write(writer);
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kStateVersion;
  header.sequence_count = static_cast<std::uint32_t>(histories_.size());
  std::memcpy(header.model_id, model_->info.id, sizeof(header.model_id));
  header.payload_bytes = needed - sizeof(Header);
  header.checksum = checksum(header, out + sizeof(Header));
  std::memcpy(out, &header, sizeof(header));
  return AUGUR_OK;
}

augur_status Session::restore(const void* memory, std::size_t bytes, Restored* restored) {
  *restored = {};
  if (memory == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "memory is NULL");
  const auto* in = static_cast<const unsigned char*>(memory);
  Header header = {};
  if (bytes >= sizeof(header)) std::memcpy(&header, in, sizeof(header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "these %zu bytes are not a saved session", bytes);
  }
  if (header.version == 0 || header.version > kStateVersion) {
    return error_.fail(AUGUR_UNSUPPORTED,
                       "the saved session has version %u, this library reads 1 to %u",
                       header.version, kStateVersion);
  }
  const std::size_t payload = bytes - sizeof(header);
  if (header.payload_bytes != payload || header.checksum != checksum(header, in + sizeof(header))) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is damaged or cut short");
  }
  RestoreRules rules;
  rules.version = header.version;
  rules.same_model = std::memcmp(header.model_id, model_->info.id, sizeof(header.model_id)) == 0;
  if (!rules.same_model && header.version < 3) {
    return error_.fail(AUGUR_INVALID_ARGUMENT,
                       "the saved session belongs to another model, and is of a version that only "
                       "the same model can restore");
  }
  SavedReader inputs(in + sizeof(header), payload);
  if (header.version >= 3) AUGUR_TRY(check_schema(inputs));
  if (header.sequence_count != histories_.size()) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session has %u stacks, the model %zu",
                       header.sequence_count, histories_.size());
  }
  // The first pass checks everything, the second one replaces the inputs, so that a refused state
  // changes nothing.
  Restored counts;
  for (const bool take : {false, true}) {
    SavedReader reader = inputs;
    AUGUR_TRY(read_inputs(reader, rules, take, &counts));
  }
  forget_user(&user_);
  counts.by = rules.same_model ? AUGUR_RESTORED_BY_MODEL : AUGUR_RESTORED_BY_SCHEMA;
  *restored = counts;
  return AUGUR_OK;
}

augur_status Session::check_schema(SavedReader& in) {
  std::uint32_t bytes = 0;
  const unsigned char* saved = in.get(&bytes) ? in.next(bytes) : nullptr;
  if (saved == nullptr)
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is cut short");
  Comparison texts = {reinterpret_cast<const char*>(saved), bytes};
  write_schema_text(*model_, Comparison::put, &texts);
  if (texts.equal && texts.at == bytes) return AUGUR_OK;
  LineCollector own = {texts.at};
  write_schema_text(*model_, LineCollector::put, &own);
  const Line line(texts.saved, bytes, texts.at);
  return error_.fail(
      AUGUR_INVALID_ARGUMENT,
      "the saved session belongs to a model with other inputs: it has \"%.*s\" where "
      "this model has \"%.*s\"",
      line.size, line.text, own.passed ? static_cast<int>(own.size) : 12,
      own.passed ? own.line : "nothing more");
}

augur_status Session::read_inputs(SavedReader& in, const RestoreRules& rules, bool take,
                                  Restored* restored) {
  if (take) features_.clear();
  AUGUR_TRY(features_.restore_row(in, rules, take, &restored->unknown_ids, error_));
  for (std::size_t s = 0; s < histories_.size(); ++s) {
    HistoryBuffer& history = histories_[s];
    std::uint64_t events = 0;
    if (!in.get(&events))
      return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is cut short");
    if (events > history.capacity()) {
      return error_.fail(AUGUR_INVALID_ARGUMENT,
                         "the saved session has %llu events in the %s, this session keeps %zu",
                         static_cast<unsigned long long>(events), history.group().description,
                         history.capacity());
    }
    if (take) history.clear();
    for (std::uint64_t i = 0; i < events; ++i) {
      AUGUR_TRY(history.restore_row(in, rules, take, &restored->unknown_ids, error_));
      // The mask drops an event if its key has become unknown and that means padding.
      if (!take || !is_masked(s, history)) continue;
      history.drop_newest();
      ++restored->dropped_events;
    }
  }
  if (in.left() > 0) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is longer than its contents");
  }
  return AUGUR_OK;
}

}  // namespace augur
