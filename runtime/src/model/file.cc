// Verification of a model file before anything in it is believed.
#include "model/file.h"

#include <cstdint>
#include <cstring>

#include "model/limits.h"

namespace augur {
namespace {

constexpr std::size_t kIdentifierOffset = 4;
constexpr std::size_t kIdentifierBytes = 4;
constexpr unsigned kMaxDepth = 16;
constexpr unsigned kMaxTables = 65536;

}  // namespace

augur_status verify_model_file(const void* data, std::size_t bytes, const char* name,
                               const fb::Model** model, Error& error) {
  if (bytes < kIdentifierOffset + kIdentifierBytes) {
    return error.fail(AUGUR_BAD_MODEL, "'%s' is not an Augur model: it has only %zu bytes", name,
                      bytes);
  }
  const char* identifier = static_cast<const char*>(data) + kIdentifierOffset;
  if (std::memcmp(identifier, fb::ModelIdentifier(), kIdentifierBytes) != 0) {
    return error.fail(
        AUGUR_BAD_MODEL,
        "'%s' is not an Augur model: expected the identifier \"AUGR\" at byte 4, found "
        "%02x %02x %02x %02x",
        name, static_cast<unsigned char>(identifier[0]), static_cast<unsigned char>(identifier[1]),
        static_cast<unsigned char>(identifier[2]), static_cast<unsigned char>(identifier[3]));
  }
  if (bytes >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return error.fail(AUGUR_BAD_MODEL, "'%s' has %zu bytes; a model file is smaller than 2 GiB",
                      name, bytes);
  }
  // Alignment is checked relative to the file's beginning.
  flatbuffers::Verifier verifier(static_cast<const std::uint8_t*>(data), bytes, kMaxDepth,
                                 kMaxTables);
  if (!fb::VerifyModelBuffer(verifier)) {
    return error.fail(AUGUR_BAD_MODEL,
                      "'%s' is a damaged Augur model, or one cut short at %zu bytes", name, bytes);
  }
  const fb::Model* found = fb::GetModel(data);
  if (found->format() > kFormat) {
    const auto* version = found->producer_version();
    return error.fail(
        AUGUR_NEWER_MODEL,
        "'%s' has format %u (written by version %s), this runtime reads up to %u: update the app's "
        "Augur library, or convert the model with a matching augur-convert",
        name, found->format(), version == nullptr ? "unknown" : version->c_str(), kFormat);
  }
  *model = found;
  return AUGUR_OK;
}

}  // namespace augur
