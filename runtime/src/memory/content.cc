// Maps or copies bytes, or reads them in place.
#include "memory/content.h"

#include <cstring>

namespace augur {
namespace {

// FlatBuffers reads numbers of four bytes in place. Some processors refuse that unless the address
// is a multiple of four. Package tools align files to four, so a copy is hardly ever needed.
bool readable(std::uint64_t address) {
  return address % sizeof(std::uint32_t) == 0;
}

}  // namespace

const char* ContentSource::name() const {
  if (path != nullptr) return path;
  return data != nullptr ? "buffer" : "file descriptor";
}

augur_status fetch(const ContentSource& source, Copy copy, bool must_fit, Arena& arena,
                   Content* content, Fault& error) {
  FilePart file;
  bool in_place = true;
  if (source.path != nullptr) {
    AUGUR_TRY(file.open(source.path, error));
  } else if (source.data == nullptr) {
    AUGUR_TRY(file.check(source.fd, source.offset, source.length, source.name(), error));
    in_place = readable(source.offset);
  } else {
    in_place = readable(reinterpret_cast<std::uintptr_t>(source.data));
  }
  content->data = source.path == nullptr ? source.data : nullptr;
  content->size = content->data == nullptr ? file.size() : source.bytes;
  const bool fits = arena.fits(content->size);
  if (copy == Copy::kAlways && !fits && in_place && !must_fit) {
    arena.want(
        content->size);  // the bytes are read in place, so that all other memory is counted, too
  } else if (copy == Copy::kAlways || !in_place) {
    if (!fits && must_fit) {
      const std::size_t required = content->size + Arena::kBlockExtra;
      return error.need_bytes_because(
          required,
          "a copy of '%s' (%s) needs a block of %zu bytes, %zu were given; "
          "augur_model_attach_table_from takes one",
          source.name(), in_place ? "requested by load" : "its address is not a multiple of 4",
          required, arena.held_bytes());
    }
    void* memory = arena.take(content->size);
    if (memory == nullptr) {
      return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a copy of '%s'", source.name());
    }
    if (content->data == nullptr) {
      AUGUR_TRY(file.read(memory, error));
    } else {
      std::memcpy(memory, content->data, content->size);
    }
    content->data = memory;
  }
  if (content->data != nullptr) return AUGUR_OK;
  AUGUR_TRY(content->mapping.map(file, error));
  content->data = content->mapping.data();
  return AUGUR_OK;
}

}  // namespace augur
