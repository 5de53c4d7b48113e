// Checks identifier, structure and format version of a file.
#include "loader/verifier.h"

#include <cstdint>
#include <cstring>

#include "loader/limits.h"

namespace augur {
namespace {

constexpr std::size_t kIdentifierOffset = 4;
constexpr std::size_t kIdentifierBytes = 4;
constexpr unsigned kMaxDepth = 16;
constexpr unsigned kMaxTables = 65536;

constexpr const char* kTableIdentifier = "AUGT";
constexpr const char* kDeltaIdentifier = "AUGD";

// A kind of file: its name in messages, and its identifier.
struct Kind {
  const char* title;
  const char* identifier;
};

template <typename Root>
augur_status verify(const void* data, std::size_t bytes, const char* name, Kind kind,
                    const Root** root, Fault& error) {
  if (bytes < kIdentifierOffset + kIdentifierBytes) {
    return error.fail(AUGUR_BAD_MODEL, "'%s' is not an Augur %s: it has only %zu bytes", name,
                      kind.title, bytes);
  }
  const char* identifier = static_cast<const char*>(data) + kIdentifierOffset;
  if (std::memcmp(identifier, kind.identifier, kIdentifierBytes) != 0) {
    return error.fail(AUGUR_BAD_MODEL,
                      "'%s' is not an Augur %s: expected the identifier \"%s\" at byte 4, found "
                      "%02x %02x %02x %02x",
                      name, kind.title, kind.identifier, static_cast<unsigned char>(identifier[0]),
                      static_cast<unsigned char>(identifier[1]),
                      static_cast<unsigned char>(identifier[2]),
                      static_cast<unsigned char>(identifier[3]));
  }
  if (bytes >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return error.fail(AUGUR_BAD_MODEL, "'%s' has %zu bytes; a %s file is smaller than 2 GiB", name,
                      bytes, kind.title);
  }
  // Alignment is checked relative to the file's beginning.
  flatbuffers::Verifier verifier(static_cast<const std::uint8_t*>(data), bytes, kMaxDepth,
                                 kMaxTables);
  if (!verifier.VerifyBuffer<Root>(kind.identifier)) {
    return error.fail(AUGUR_BAD_MODEL, "'%s' is a damaged Augur %s, or cut short at %zu bytes",
                      name, kind.title, bytes);
  }
  *root = flatbuffers::GetRoot<Root>(data);
  return AUGUR_OK;
}

augur_status check_format(std::uint32_t format, const char* version, const char* name,
                          Fault& error) {
  if (format <= kFormat) return AUGUR_OK;
  return error.fail(
      AUGUR_NEWER_MODEL,
      "'%s' has format %u (written by version %s), this runtime reads up to %u: update the app's "
      "Augur library, or convert the model with a matching augur-convert",
      name, format, version, kFormat);
}

}  // namespace

augur_status verify_model_file(const void* data, std::size_t bytes, const char* name,
                               const fb::Model** model, Fault& error) {
  const fb::Model* found = nullptr;
  AUGUR_TRY(verify(data, bytes, name, {"model", fb::ModelIdentifier()}, &found, error));
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a Fault's fail() never returns AUGUR_OK
  const auto* version = found->producer_version();
  AUGUR_TRY(check_format(found->format(), version == nullptr ? "unknown" : version->c_str(), name,
                         error));
  *model = found;
  return AUGUR_OK;
}

augur_status verify_table_file(const void* data, std::size_t bytes, const char* name,
                               const fb::TableFile** table, Fault& error) {
  const fb::TableFile* found = nullptr;
  AUGUR_TRY(verify(data, bytes, name, {"table", kTableIdentifier}, &found, error));
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a Fault's fail() never returns AUGUR_OK
  AUGUR_TRY(check_format(found->format(), "unknown", name, error));
  *table = found;
  return AUGUR_OK;
}

augur_status verify_delta_file(const void* data, std::size_t bytes, const char* name,
                               const fb::TableDelta** delta, Fault& error) {
  const fb::TableDelta* found = nullptr;
  AUGUR_TRY(verify(data, bytes, name, {"delta", kDeltaIdentifier}, &found, error));
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a Fault's fail() never returns AUGUR_OK
  AUGUR_TRY(check_format(found->format(), "unknown", name, error));
  *delta = found;
  return AUGUR_OK;
}

}  // namespace augur
