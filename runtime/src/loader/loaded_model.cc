// Opens a model, and attaches tables to it.
#include "loader/loaded_model.h"

#include <cstring>
#include <functional>
#include <new>

#include "kernels/xnnpack_memory.h"
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
  Reader reader(arena, error);
  const Reader::Part part(reader, "'%s'", name);
  AUGUR_TRY(load_model(reader, file, &model));
  const std::size_t count = model.tables.size();
  if (count == 0) return AUGUR_OK;
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

augur_status LoadedModel::attach(const char* table, const ContentSource& source, Copy copy,
                                 Arena copies, Fault& error) {
  std::size_t index = 0;
  while (index < model.tables.size() && std::strcmp(model.tables[index].name, table) != 0)
    ++index;
  if (index == model.tables.size())
    return error.fail(AUGUR_NOT_FOUND, "the model has no table '%s'", table);
  if (!model.tables[index].external) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "table '%s' is in the model's own file; only one that was converted with "
                      "--sidecar can be attached",
                      table);
  }
  // If the call fails the rows that were attached before are still needed.
  for (const Attached& before : attached_) {
    if (copies.overlaps(before.content.data, before.content.size)) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "the block for table '%s' holds rows that are attached; give another one",
                        table);
    }
  }
  Attached attached;
  attached.copies = static_cast<Arena&&>(copies);
  Content& found = attached.content;
  AUGUR_TRY(fetch(source, copy, true, attached.copies, &found, error));
  const char* name = source.name();
  const fb::TableFile* rows = nullptr;
  AUGUR_TRY(verify_table_file(found.data, found.size, name, &rows, error));
  Reader reader(attached.copies, error);
  const Reader::Part part(reader, "'%s'", name);
  if (rows->name()->string_view() != table) {
    return reader.bad("it holds the table '%s', not '%s'", rows->name()->c_str(), table);
  }
  const auto* id = rows->model_id();
  if (id->size() != sizeof(model.info.id) ||
      std::memcmp(id->data(), model.info.id, sizeof(model.info.id)) != 0) {
    return reader.bad("it belongs to another model (ids differ); convert both together");
  }
  AUGUR_TRY(attach_rows(reader, rows, &model.tables[index]));
  if (found.size <= kReadWhole) found.mapping.read_all();
  attached_[index] = static_cast<Attached&&>(attached);
  return AUGUR_OK;
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
