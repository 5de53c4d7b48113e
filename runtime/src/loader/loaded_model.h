// A model together with the bytes that it points into: its file, and the files of its external
// tables.
#pragma once

#include "loader/content_check.h"
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

  ContentCheck check;  // to be set before load(); holds for files that are attached later, too
  Content content;
  std::size_t file_bytes = 0;
  Model model;

  // Verifies the bytes, and packs the weights into `arena`. `name` is for messages. The bytes must
  // stay valid as long as the model; the other arguments need not.
  augur_status load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                    Fault& error);

  // Attaches the rows of the external table `table`. A copy of them, where one is needed or asked
  // for, lies in `copies`: a block of the caller's, or the heap. On failure the rows that were
  // attached before stay, with their deltas; else those are dropped.
  augur_status attach(const char* table, const ContentSource& source, Copy copy, Arena copies,
                      Fault& error);
  // Applies a delta to the rows that the table has now. On failure nothing changes.
  augur_status attach_delta(const char* table, const ContentSource& source, Copy copy, Arena copies,
                            Fault& error);
  // Takes the newest deltas off the table until `keep` are left.
  augur_status detach_deltas(const char* table, std::uint32_t keep, Fault& error);
  // Bytes of attached files' copies on the heap.
  CopiedBytes copied_bytes() const;
  // AUGUR_NOT_FOUND if a table is still to be attached.
  augur_status check_attached(Fault& error) const;

 private:
  struct Attached {
    Content content;
    Arena copies;
  };

  augur_status find_external(const char* table, std::size_t* index, Fault& error) const;
  // Makes the bytes readable, if their copy's block is free.
  augur_status fetch_for(const char* table, const ContentSource& source, Copy copy, Arena copies,
                         Attached* attached, Fault& error) const;
  // Checks that the file is of this model and of this table.
  augur_status check_owner(class Reader& reader, const flatbuffers::String* name,
                           const flatbuffers::Vector<std::uint8_t>* id, const char* table) const;
  Attached* delta_files(std::size_t index) const;
  void drop_deltas(std::size_t index, std::uint32_t keep);

  // One for each table, empty unless it was attached. Then AUGUR_MAX_DELTAS for each external
  // table, in their order.
  Span<Attached> attached_;
};

}  // namespace augur
