// An opened model: the file's bytes, the network packed into the arena, and what the file says of
// itself.
#pragma once

#include "memory/mapping.h"
#include "model/network.h"

namespace augur {

struct Model {
  Model() = default;
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Mapping mapping;  // empty for a model in the app's own buffer
  const fb::Model* file = nullptr;
  std::size_t file_bytes = 0;
  Network network;

  // `name` is for messages. The bytes must stay; nothing else of the call must.
  augur_status load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                    Fault& error);

  // The rows of an external table. `table` is its name, `name` is the file's, for messages; with
  // `from` the bytes are that one's, which the model takes over, else they must stay.
  augur_status attach(const char* table, const void* data, std::size_t bytes, const char* name,
                      Mapping* from, Arena& arena, Fault& error);
  // AUGUR_NOT_FOUND if a table is still to be attached.
  augur_status check_attached(Fault& error) const;

 private:
  Span<Mapping> table_mappings;  // one for each table, empty unless it was attached as a file
};

}  // namespace augur
