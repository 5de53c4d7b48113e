// Computes content hashes.
#include "loader/content_check.h"

#include <cstring>

#include "common/sha256.h"

namespace augur {
namespace {

struct HexText {
  explicit HexText(const std::uint8_t* digest) {
    for (std::size_t i = 0; i < sizeof(Digest); ++i) {
      text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
      text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
  }
  char text[2 * sizeof(Digest) + 1] = "";
};

// SHA-256 of the file with the 32 bytes at `hash` as zeros.
Digest content_hash(const CheckedFile& file, const std::uint8_t* hash) {
  const Digest zeros = {};
  const auto* begin = static_cast<const std::uint8_t*>(file.data);
  const auto before = static_cast<std::size_t>(hash - begin);
  const std::size_t after = before + zeros.size();
  Sha256 sha;
  sha.add(begin, before);
  sha.add(zeros.data(), zeros.size());
  sha.add(begin + after, file.bytes - after);
  return sha.digest();
}

augur_status ask(const ContentCheck& check, const CheckedFile& file, const Digest& hash,
                 Fault& error) {
  augur_content content = {};
  content.struct_size = sizeof(content);
  content.file = file.name;
  content.table = file.table;
  content.data = file.data;
  content.bytes = file.bytes;
  std::memcpy(content.model_id, file.model_id->data(), sizeof(content.model_id));
  std::memcpy(content.content_hash, hash.data(), sizeof(content.content_hash));
  const int status = check.decide(check.context, &content);  // C code may return any number
  if (status == AUGUR_OK) return AUGUR_OK;
  if (status < AUGUR_OK || status > AUGUR_NOT_FINITE) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "'%s': verify_content returned %d, which is no augur_status", file.name,
                      status);
  }
  return error.fail(static_cast<augur_status>(status),
                    "'%s' is refused by the app's verify_content, which returned %d", file.name,
                    status);
}

}  // namespace

augur_status check_content(const ContentCheck& check, const CheckedFile& file, Fault& error) {
  if (file.content_hash == nullptr) {
    return error.fail(AUGUR_UNSUPPORTED,
                      "'%s' states no content hash, so that it cannot be verified: files of "
                      "versions before 0.3 have none; convert it anew, or open it without verify",
                      file.name);
  }
  if (file.content_hash->size() != sizeof(Digest) || file.model_id->size() != sizeof(Digest)) {
    return error.fail(AUGUR_BAD_MODEL,
                      "'%s': its content hash has %u bytes and its model's id %u, expected %zu",
                      file.name, file.content_hash->size(), file.model_id->size(), sizeof(Digest));
  }
  const Digest hash = content_hash(file, file.content_hash->data());
  if (std::memcmp(hash.data(), file.content_hash->data(), hash.size()) != 0) {
    return error.fail(AUGUR_BAD_MODEL,
                      "'%s' was changed or is damaged: it states the content hash %s, its bytes "
                      "have %s",
                      file.name, HexText(file.content_hash->data()).text,
                      HexText(hash.data()).text);
  }
  return check.decide == nullptr ? AUGUR_OK : ask(check, file, hash, error);
}

}  // namespace augur
