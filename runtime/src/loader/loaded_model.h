// A model together with the bytes that it points into: its file, and the files of its external
// tables.
#pragma once

#include "memory/content.h"
#include "model/model.h"

namespace augur {

struct CopiedBytes {
  std::size_t held = 0;
  std::size_t used = 0;
};

struct LoadedModel {
  LoadedModel() = default;
  ~LoadedModel();
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  Content content;
  std::size_t file_bytes = 0;
  Model model;

  // Verifies the bytes, and packs the weights into `arena`. `name` is for messages. The bytes must
  // stay valid as long as the model; the other arguments need not.
  augur_status load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                    Fault& error);

  // Attaches the rows of the external table `table`. A copy of them, where one is needed or asked
  // for, lies in `copies`: a block of the caller's, or the heap. On failure the rows that were
  // attached before stay.
  augur_status attach(const char* table, const ContentSource& source, Copy copy, Arena copies,
                      Fault& error);
  // Bytes of attached tables' copies on the heap.
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
