// Opens a model, and attaches tables and deltas to it.
#include "loader/loaded_model.h"

#include <cstring>
#include <functional>
#include <new>

#include "kernels/xnnpack_memory.h"
#include "loader/delta.h"
#include "loader/layers.h"
#include "loader/verifier.h"

namespace augur {
namespace {

// A file of at most this many bytes is read completely when it is opened, so that the first ranking
// does not wait for pages of an embedding table. Of a larger file, only the pages of rows in use
// are read.
constexpr std::size_t kReadWhole = std::size_t{4} << 20;

// The bytes from the first to the last of some tables' rows.
struct Extent {
  const unsigned char* begin = nullptr;
  const unsigned char* end = nullptr;

  void add(const flatbuffers::Vector<std::uint8_t>* bytes) {
    if (bytes == nullptr || bytes->size() == 0) return;
    const std::less<> before;
    if (begin == nullptr || before(bytes->data(), begin)) begin = bytes->data();
    const unsigned char* last = bytes->data() + bytes->size();
    if (end == nullptr || before(end, last)) end = last;
  }
  void add(const fb::Tensor* rows) {
    add(rows->data());
    add(rows->scales());
  }
};

}  // namespace

augur_status LoadedModel::load(const void* data, std::size_t bytes, const char* name, Arena& arena,
                               Fault& error) {
  AUGUR_TRY(initialise_xnnpack(error));
  const fb::Model* file = nullptr;
  AUGUR_TRY(verify_model_file(data, bytes, name, &file, error));
  file_bytes = bytes;
  const Mapping& mapping = content.mapping;
  const bool mapped = data == mapping.data();
  if (check.wanted()) {
    mapping.read_all();
    AUGUR_TRY(
        check_content(check, {data, bytes, name, "", file->id(), file->content_hash()}, error));
  }
  Extent rows;
  for (flatbuffers::uoffset_t i = 0;
       mapped && file->tables() != nullptr && i < file->tables()->size(); ++i)
    rows.add(file->tables()->Get(i)->weights());
  if (mapped && bytes <= kReadWhole) {
    mapping.read_all();
  } else if (mapped) {
    mapping.prefetch_around(rows.begin == nullptr ? data : rows.begin,
                            rows.end == nullptr ? data : rows.end);
  }
  Reader reader(arena, error, check.wanted());
  const Reader::Part part(reader, "'%s'", name);
  AUGUR_TRY(load_model(reader, file, &model));
  std::size_t count = model.tables.size();
  if (count == 0) return AUGUR_OK;
  for (const EmbeddingTable& table : model.tables)
    count += table.deltas.size();
  auto* attached = static_cast<Attached*>(arena.take(count * sizeof(Attached)));
  if (attached == nullptr) return reader.no_memory();
  for (std::size_t i = 0; i < count; ++i)
    new (attached + i) Attached;
  attached_ = {attached, count};
  return AUGUR_OK;
}

LoadedModel::~LoadedModel() {
  for (Attached& attached : attached_)
    attached.~Attached();
}

augur_status LoadedModel::find_external(const char* table, std::size_t* index, Fault& error) const {
  *index = 0;
  while (*index < model.tables.size() && std::strcmp(model.tables[*index].name, table) != 0)
    ++*index;
  if (*index == model.tables.size())
    return error.fail(AUGUR_NOT_FOUND, "the model has no table '%s'", table);
  if (model.tables[*index].external) return AUGUR_OK;
  return error.fail(AUGUR_INVALID_ARGUMENT,
                    "table '%s' is in the model's own file; only one that was converted with "
                    "--sidecar can be attached",
                    table);
}

augur_status LoadedModel::fetch_for(const char* table, const ContentSource& source, Copy copy,
                                    Arena copies, Attached* attached, Fault& error) const {
  // If the call fails the rows that were attached before are still needed.
  for (const Attached& before : attached_) {
    if (copies.overlaps(before.content.data, before.content.size)) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "the block for table '%s' holds rows that are attached; give another one",
                        table);
    }
  }
  attached->copies = static_cast<Arena&&>(copies);
  return fetch(source, copy, true, attached->copies, &attached->content, error);
}

augur_status LoadedModel::check_owner(Reader& reader, const flatbuffers::String* name,
                                      const flatbuffers::Vector<std::uint8_t>* id,
                                      const char* table) const {
  if (name->string_view() != table)
    return reader.bad("it holds the table '%s', not '%s'", name->c_str(), table);
  if (id->size() == sizeof(model.info.id) &&
      std::memcmp(id->data(), model.info.id, sizeof(model.info.id)) == 0) {
    return AUGUR_OK;
  }
  return reader.bad("it belongs to another model (ids differ); convert both together");
}

augur_status LoadedModel::attach(const char* table, const ContentSource& source, Copy copy,
                                 Arena copies, Fault& error) {
  std::size_t index = 0;
  AUGUR_TRY(find_external(table, &index, error));
  Attached attached;
  AUGUR_TRY(fetch_for(table, source, copy, static_cast<Arena&&>(copies), &attached, error));
  const Content& found = attached.content;
  const char* name = source.name();
  const fb::TableFile* file = nullptr;
  AUGUR_TRY(verify_table_file(found.data, found.size, name, &file, error));
  if (check.wanted() || found.size <= kReadWhole) found.mapping.read_all();
  if (check.wanted()) {
    AUGUR_TRY(check_content(
        check, {found.data, found.size, name, table, file->model_id(), file->content_hash()},
        error));
  }
  Reader reader(attached.copies, error, check.wanted());
  const Reader::Part part(reader, "'%s'", name);
  AUGUR_TRY(check_owner(reader, file->name(), file->model_id(), table));
  AUGUR_TRY(attach_rows(reader, file, &model.tables[index]));
  drop_deltas(index, 0);
  attached_[index] = static_cast<Attached&&>(attached);
  return AUGUR_OK;
}

augur_status LoadedModel::attach_delta(const char* table, const ContentSource& source, Copy copy,
                                       Arena copies, Fault& error) {
  std::size_t index = 0;
  AUGUR_TRY(find_external(table, &index, error));
  EmbeddingTable& changing = model.tables[index];
  if (!changing.attached()) {
    return error.fail(AUGUR_NOT_FOUND,
                      "table '%s' has no rows yet; attach its sidecar before a delta", table);
  }
  if (changing.delta_count == changing.deltas.size()) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "table '%s' has %u deltas, which is the most; attach a full sidecar", table,
                      changing.delta_count);
  }
  Attached attached;
  AUGUR_TRY(fetch_for(table, source, copy, static_cast<Arena&&>(copies), &attached, error));
  const Content& found = attached.content;
  const char* name = source.name();
  const fb::TableDelta* file = nullptr;
  AUGUR_TRY(verify_delta_file(found.data, found.size, name, &file, error));
  found.mapping.read_all();
  AUGUR_TRY(check_content(
      check, {found.data, found.size, name, table, file->model_id(), file->content_hash()}, error));
  Reader reader(attached.copies, error, check.wanted());
  const Reader::Part part(reader, "'%s'", name);
  AUGUR_TRY(check_owner(reader, file->name(), file->model_id(), table));
  TableDelta delta;
  AUGUR_TRY(read_delta(reader, file, changing, &delta));
  delta_files(index)[changing.delta_count] = static_cast<Attached&&>(attached);
  changing.deltas[changing.delta_count] = delta;
  ++changing.delta_count;
  return AUGUR_OK;
}

augur_status LoadedModel::detach_deltas(const char* table, std::uint32_t keep, Fault& error) {
  std::size_t index = 0;
  AUGUR_TRY(find_external(table, &index, error));
  const std::uint32_t count = model.tables[index].delta_count;
  if (keep > count) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "table '%s' has %u deltas, %u are to be kept", table,
                      count, keep);
  }
  drop_deltas(index, keep);
  return AUGUR_OK;
}

LoadedModel::Attached* LoadedModel::delta_files(std::size_t index) const {
  std::size_t first = model.tables.size();
  for (std::size_t i = 0; i < index; ++i)
    first += model.tables[i].deltas.size();
  return attached_.data() + first;
}

void LoadedModel::drop_deltas(std::size_t index, std::uint32_t keep) {
  EmbeddingTable& table = model.tables[index];
  while (table.delta_count > keep)
    delta_files(index)[--table.delta_count] = Attached();
}

CopiedBytes LoadedModel::copied_bytes() const {
  CopiedBytes bytes;
  for (const Attached& attached : attached_) {
    if (!attached.copies.on_heap()) continue;
    bytes.held += attached.copies.held_bytes();
    bytes.used += attached.copies.used_bytes();
  }
  return bytes;
}

augur_status LoadedModel::check_attached(Fault& error) const {
  for (const EmbeddingTable& table : model.tables) {
    if (table.attached()) continue;
    return error.fail(AUGUR_NOT_FOUND,
                      "the rows of table '%s' are in a file of its own, which has to be attached "
                      "before a session is created (augur_model_attach_table)",
                      table.name);
  }
  return AUGUR_OK;
}

}  // namespace augur
