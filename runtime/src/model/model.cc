// Opening a model from bytes.
#include "model/model.h"

#include <cstdint>
#include <cstring>

#include "kernels/xnnpack_memory.h"
#include "model/file.h"

namespace augur {

augur_status Model::load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                         Error& error) {
  AUGUR_TRY(initialise_xnnpack(error));
  // FlatBuffers reads numbers of four bytes where they lie, which some processors refuse at other
  // addresses. Package tools align to four, so that a copy is hardly ever made.
  if (reinterpret_cast<std::uintptr_t>(data) % sizeof(std::uint32_t) != 0) {
    void* copy = arena.take(bytes);
    if (copy == nullptr)
      return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a copy of '%s'", name);
    std::memcpy(copy, data, bytes);
    data = copy;
  }
  AUGUR_TRY(verify_model_file(data, bytes, name, &file, error));
  file_bytes = bytes;
  constexpr std::size_t kIdBytes = sizeof(augur_model_info::id);
  if (file->id()->size() != kIdBytes) {
    return error.fail(AUGUR_BAD_MODEL, "'%s': its id has %u bytes, expected %zu", name,
                      file->id()->size(), kIdBytes);
  }
  Reader reader(arena, error);
  const Reader::Part part(reader, "'%s'", name);
  return network.load(reader, file);
}

}  // namespace augur
