// An opened model: the file's bytes, the network packed into the arena, and what the file says of
// itself.
#pragma once

#include "memory/content.h"
#include "model/network.h"

namespace augur {

struct CopiedBytes {
  std::size_t held = 0;
  std::size_t used = 0;
};

struct Model {
  Model() = default;
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Content content;
  const fb::Model* file = nullptr;
  std::size_t file_bytes = 0;
  Network network;

  // `name` is for messages. The bytes must stay; nothing else of the call must.
  augur_status load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                    Fault& error);

  // The rows of an external table, whose name is `table`. A copy of them, where one is needed or
  // asked for, lies in `copies`: a block of the caller's, or the heap. On failure the rows that
  // were attached before stay.
  augur_status attach(const char* table, const ContentSource& source, Copy copy, Arena copies,
                      Fault& error);
  // Of tables, on the heap.
  CopiedBytes copied_bytes() const;
  // AUGUR_NOT_FOUND if a table is still to be attached.
  augur_status check_attached(Fault& error) const;

 private:
  struct Attached {
    Content content;
    Arena copies;
  };
  Span<Attached> attached_;  // one for each table, empty unless it was attached
};

}  // namespace augur
