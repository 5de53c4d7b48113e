// A session's inputs as bytes:
//     header | features, one row | for each sequence: the number of events, then one row each
// Rows are as HistoryBuffer::save() writes them. The checksum detects damage; the model's id
// detects a state that was saved with another model.
#include <cstring>

#include "session/session.h"

namespace augur {
namespace {

constexpr char kMagic[8] = {'A', 'U', 'G', 'U', 'R', 'S', 'S', 'N'};
// Version 1 (Augur 0.1) stored several ids as their pooled embedding, and did not say which rows of
// the table it was computed from.
constexpr std::uint32_t kStateVersion = 2;

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t sequence_count;
  std::uint8_t model_id[32];
  std::uint64_t payload_bytes;
  std::uint64_t checksum;  // FNV-1a of the payload
};
static_assert(sizeof(Header) == 64);

std::uint64_t checksum(const unsigned char* bytes, std::size_t size) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < size; ++i)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

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
  SavedWriter counter(nullptr);
  write_inputs(counter);
  const std::size_t needed = sizeof(Header) + counter.bytes();
  const std::size_t given = *bytes;
  *bytes = needed;
  if (memory == nullptr) return AUGUR_OK;
  if (given < needed) return error_.need_bytes(needed, "saved state", given);

  auto* out = static_cast<unsigned char*>(memory);
  SavedWriter writer(out + sizeof(Header));
  write_inputs(writer);
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kStateVersion;
  header.sequence_count = static_cast<std::uint32_t>(histories_.size());
  std::memcpy(header.model_id, model_->info.id, sizeof(header.model_id));
  header.payload_bytes = needed - sizeof(Header);
  header.checksum = checksum(out + sizeof(Header), needed - sizeof(Header));
  std::memcpy(out, &header, sizeof(header));
  return AUGUR_OK;
}

augur_status Session::restore(const void* memory, std::size_t bytes) {
  if (memory == nullptr) return error_.fail(AUGUR_INVALID_ARGUMENT, "memory is NULL");
  const auto* in = static_cast<const unsigned char*>(memory);
  Header header = {};
  if (bytes >= sizeof(header)) std::memcpy(&header, in, sizeof(header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "these %zu bytes are not a saved session", bytes);
  }
  if (header.version != kStateVersion) {
    return error_.fail(
        AUGUR_UNSUPPORTED, "the saved session has version %u, this library reads %u%s",
        header.version, kStateVersion,
        header.version < kStateVersion ? ": an older Augur saved it; give features and history anew"
                                       : "");
  }
  if (std::memcmp(header.model_id, model_->info.id, sizeof(header.model_id)) != 0) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session belongs to another model");
  }
  const std::size_t payload = bytes - sizeof(header);
  if (header.payload_bytes != payload || header.sequence_count != histories_.size() ||
      header.checksum != checksum(in + sizeof(header), payload)) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is damaged or cut short");
  }
  // The first pass checks everything, the second one replaces the inputs, so that a refused state
  // changes nothing.
  for (const bool take : {false, true}) {
    SavedReader reader(in + sizeof(header), payload);
    AUGUR_TRY(read_inputs(reader, take));
  }
  forget_user(&user_);
  return AUGUR_OK;
}

augur_status Session::read_inputs(SavedReader& in, bool take) {
  AUGUR_TRY(features_.restore(in, 1, take, error_));
  for (HistoryBuffer& history : histories_) {
    std::uint64_t events = 0;
    if (!in.get(&events))
      return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is cut short");
    const std::size_t count = events > SIZE_MAX ? SIZE_MAX : static_cast<std::size_t>(events);
    AUGUR_TRY(history.restore(in, count, take, error_));
  }
  if (in.left() > 0) {
    return error_.fail(AUGUR_INVALID_ARGUMENT, "the saved session is longer than its contents");
  }
  return AUGUR_OK;
}

}  // namespace augur
