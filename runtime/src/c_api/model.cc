// The C API's functions on models: they check handles and forward. Described in augur/augur.h.
#include <cstring>
#include <new>

#include "c_api/handles.h"
#include "common/build_choices.h"
#include "kernels/kernel_set.h"
#include "loader/delta.h"
#include "session/schema_text.h"
#include "session/tile.h"

namespace augur {
namespace {

// The default tile of the model's sessions. It depends on how many bytes a session needs for each
// candidate of a tile.
std::uint32_t tile_for(const augur_model& model) {
  const std::size_t block = kernels().block;
  augur_session_options options = {};
  Fault error;
  std::size_t bytes[2] = {};
  for (const std::size_t blocks : {1u, 2u}) {
    options.tile = static_cast<std::uint32_t>(blocks * block);
    // If the size cannot be computed, creating a session will report the reason.
    if (measure_session(&model, options, &bytes[blocks - 1], error) != AUGUR_OK) break;
  }
  const std::size_t candidate_bytes = bytes[1] > bytes[0] ? (bytes[1] - bytes[0]) / block : 0;
  return static_cast<std::uint32_t>(
      choose_tile(block, candidate_bytes, second_level_cache_bytes()));
}

augur_status check_verify(std::uint32_t verify, Fault& error) {
  if (verify <= AUGUR_VERIFY_CONTENT_HASH) return AUGUR_OK;
  return error.fail(AUGUR_INVALID_ARGUMENT,
                    "augur_model_options: verify is %u, expected 0 (nothing) or 1 (the content "
                    "hash)",
                    verify);
}

augur_status open_model(const ContentSource& source, const augur_model_options* given,
                        augur_model** out, augur_error* out_error) {
  Fault error;
  if (out == nullptr)
    return report(error.fail(AUGUR_INVALID_ARGUMENT, "model is NULL"), error, out_error);
  *out = nullptr;
  augur_model_options options;
  augur_status status = copy_options(given, &options, error);
  if (status == AUGUR_OK) status = check_load("augur_model_options", options.load, error);
  if (status == AUGUR_OK) status = check_verify(options.verify, error);
  if (status != AUGUR_OK) return report(status, error, out_error);
  Arena arena;
  if (options.memory != nullptr) arena = Arena(options.memory, options.memory_bytes);
  void* memory = arena.take(sizeof(augur_model));
  if (memory == nullptr)
    return report(error.fail(AUGUR_OUT_OF_MEMORY, "no memory"), error, out_error);
  auto* model = new (memory) augur_model;
  model->loaded.check = {options.verify, options.verify_content, options.verify_context};
  Content& content = model->loaded.content;
  status = fetch(source, options.load == 0 ? Copy::kIfNeeded : Copy::kAlways, false, arena,
                 &content, error);
  if (status == AUGUR_OK)
    status = model->loaded.load(content.data, content.size, source.name(), arena, error);
  if (status == AUGUR_OK && arena.overflowed()) {
    status = error.need_bytes(arena.required_bytes(), "model", options.memory_bytes);
  }
  if (status != AUGUR_OK) {
    model->~augur_model();
    return report(status, error, out_error);
  }
  model->tile = tile_for(*model);
  model->arena = static_cast<Arena&&>(arena);
  *out = model;
  return report(AUGUR_OK, error, out_error);
}

template <typename Info>
augur_status hand_over(const Info& filled, Info* info) {
  return write_struct(filled, info) ? AUGUR_OK : AUGUR_INVALID_ARGUMENT;
}

augur_status describe(const FieldGroup& group, std::uint32_t index, augur_field_info* info) {
  if (info == nullptr) return AUGUR_INVALID_ARGUMENT;
  if (index >= group.fields.size()) return AUGUR_NOT_FOUND;
  const Field& field = group.fields[index];
  augur_field_info filled = {};
  filled.name = field.name;
  filled.kind = field.kind;
  filled.width = field.width;
  filled.table = field.table == nullptr ? "" : field.table->name;
  filled.table_rows = field.table == nullptr ? 0 : field.table->rows();
  filled.out_of_table = field.table == nullptr ? AUGUR_TABLE_ERROR : field.table->out_of_table;
  filled.key_type = field.table == nullptr ? AUGUR_KEY_ROW : field.table->key_type;
  filled.column = field.column;
  return hand_over(filled, info);
}

// Leaves `to` zero if the file states no hash.
void copy_hash(const std::uint8_t* from, std::uint8_t (&to)[32]) {
  if (from != nullptr) std::memcpy(to, from, sizeof(to));
}

// The row of a key of the given type in the named table's vocabulary.
augur_status find_key(const augur_model* model, const char* table, augur_key_type type,
                      const Hash128& key, std::uint32_t* row) {
  if constexpr (!build::kKeys) return AUGUR_UNSUPPORTED;
  if (model == nullptr || table == nullptr || row == nullptr) return AUGUR_INVALID_ARGUMENT;
  for (const EmbeddingTable& known : model->loaded.model.tables) {
    if (std::strcmp(known.name, table) != 0) continue;
    if (known.key_type != type || known.keys == nullptr) return AUGUR_INVALID_ARGUMENT;
    const std::uint32_t found = known.keys->find_key(key);
    if (found >= known.rows()) return AUGUR_NOT_FOUND;
    *row = found;
    return AUGUR_OK;
  }
  return AUGUR_INVALID_ARGUMENT;
}

augur_rows_origin rows_origin(const EmbeddingTable& table) {
  if (!table.external) return AUGUR_ROWS_INSIDE;
  if (!table.attached()) return AUGUR_ROWS_MISSING;
  if (table.delta_count > 0) return AUGUR_ROWS_OTHER;
  if (table.attached_hash == nullptr || table.converted_hash == nullptr) return AUGUR_ROWS_UNKNOWN;
  return std::memcmp(table.attached_hash, table.converted_hash, sizeof(RowsHash)) == 0
             ? AUGUR_ROWS_OF_CONVERSION
             : AUGUR_ROWS_OTHER;
}

}  // namespace
}  // namespace augur

using augur::Arena;

extern "C" {

uint32_t augur_version(void) {
  return AUGUR_VERSION;
}

int augur_is_compatible(uint32_t header_version) {
  return header_version >= AUGUR_SERVES_SINCE && header_version <= AUGUR_VERSION ? 1 : 0;
}

const char* augur_status_name(augur_status status) {
  switch (status) {
    case AUGUR_OK:
      return "ok";
    case AUGUR_INVALID_ARGUMENT:
      return "invalid argument";
    case AUGUR_NOT_FOUND:
      return "not found";
    case AUGUR_IO_ERROR:
      return "i/o error";
    case AUGUR_BAD_MODEL:
      return "bad model";
    case AUGUR_NEWER_MODEL:
      return "newer model";
    case AUGUR_OUT_OF_MEMORY:
      return "out of memory";
    case AUGUR_SHAPE_MISMATCH:
      return "shape mismatch";
    case AUGUR_OUT_OF_RANGE:
      return "out of range";
    case AUGUR_UNSUPPORTED:
      return "unsupported";
    case AUGUR_NOT_FINITE:
      return "not finite";
    case AUGUR_CANCELLED:
      return "cancelled";
  }
  return "unknown status";
}

augur_status augur_model_open_file(const char* path, const augur_model_options* options,
                                   augur_model** model, augur_error* error) {
  if (path == nullptr) {
    if (model != nullptr) *model = nullptr;
    return augur::null_argument("path", error);
  }
  augur::ContentSource source;
  source.path = path;
  return augur::open_model(source, options, model, error);
}

augur_status augur_model_open_fd(int fd, uint64_t offset, uint64_t length,
                                 const augur_model_options* options, augur_model** model,
                                 augur_error* error) {
  augur::ContentSource source;
  source.fd = fd;
  source.offset = offset;
  source.length = length;
  return augur::open_model(source, options, model, error);
}

augur_status augur_model_open_buffer(const void* data, size_t bytes,
                                     const augur_model_options* options, augur_model** model,
                                     augur_error* error) {
  if (data == nullptr) {
    if (model != nullptr) *model = nullptr;
    return augur::null_argument("data", error);
  }
  augur::ContentSource source;
  source.data = data;
  source.bytes = bytes;
  return augur::open_model(source, options, model, error);
}

void augur_model_close(augur_model* model) {
  if (model == nullptr) return;
  // The model is stored in its own arena, which is therefore freed last.
  const Arena arena = static_cast<Arena&&>(model->arena);
  model->~augur_model();
}

augur_status augur_model_get_info(const augur_model* model, augur_model_info* info) {
  if (model == nullptr || info == nullptr) return AUGUR_INVALID_ARGUMENT;
  const augur::Model& loaded = model->loaded.model;
  const augur::ModelInfo& about = loaded.info;
  augur_model_info filled = {};
  filled.name = about.name;
  filled.producer = about.producer;
  filled.producer_version = about.producer_version;
  std::memcpy(filled.id, about.id, sizeof(filled.id));
  filled.format = about.format;
  filled.feature_count = static_cast<uint32_t>(loaded.features.fields.size());
  filled.candidate_field_count = static_cast<uint32_t>(loaded.candidate.fields.size());
  filled.stack_count = static_cast<uint32_t>(loaded.sequences.size());
  filled.note_count = static_cast<uint32_t>(about.notes.size());
  filled.file_bytes = model->loaded.file_bytes;
  const augur::CopiedBytes copied = model->loaded.copied_bytes();
  filled.arena_bytes = model->arena.held_bytes() + copied.held;
  filled.arena_used_bytes = model->arena.used_bytes() + copied.used;
  filled.calibration_scale = loaded.calibration.scale;
  filled.calibration_offset = loaded.calibration.offset;
  filled.output =
      loaded.output == augur::OutputKind::kIdentity ? AUGUR_OUTPUT_IDENTITY : AUGUR_OUTPUT_SIGMOID;
  filled.table_count = static_cast<uint32_t>(loaded.tables.size());
  for (const augur::EmbeddingTable& table : loaded.tables) {
    const augur_rows_origin origin = augur::rows_origin(table);
    filled.tables_with_other_rows += origin == AUGUR_ROWS_OTHER ? 1u : 0u;
    filled.tables_with_unknown_rows += origin == AUGUR_ROWS_UNKNOWN ? 1u : 0u;
  }
  filled.session_count = static_cast<uint32_t>(model->sessions.load());
  const augur::Digest schema = augur::schema_id(loaded);
  std::memcpy(filled.schema_id, schema.data(), sizeof(filled.schema_id));
  return augur::hand_over(filled, info);
}

augur_status augur_model_get_table(const augur_model* model, uint32_t index,
                                   augur_table_info* info) {
  if (model == nullptr || info == nullptr) return AUGUR_INVALID_ARGUMENT;
  const augur::Model& loaded = model->loaded.model;
  if (index >= loaded.tables.size()) return AUGUR_NOT_FOUND;
  const augur::EmbeddingTable& table = loaded.tables[index];
  augur_table_info filled = {};
  filled.name = table.name;
  filled.rows = table.rows();
  filled.width = table.width;
  filled.out_of_table = table.out_of_table;
  filled.origin = augur::rows_origin(table);
  augur::copy_hash(table.attached_hash, filled.rows_hash);
  augur::copy_hash(table.converted_hash, filled.converted_rows_hash);
  filled.key_type = table.key_type;
  filled.keys = table.keys == nullptr ? 0 : table.keys->vocabulary.size;
  filled.padding_row = table.padding_row;
  filled.unknown_row = table.unknown_row;
  if (table.keys != nullptr) augur::copy_hash(table.keys->vocabulary_hash, filled.vocabulary_hash);
  filled.deltas = table.delta_count;
  augur::Digest state = {};
  if (table.external && augur::table_state(table, &state))
    std::memcpy(filled.state, state.data(), state.size());
  return augur::hand_over(filled, info);
}

augur_status augur_model_find_string(const augur_model* model, const char* table, const char* key,
                                     size_t length, uint32_t* row) {
  if (key == nullptr && length > 0) return AUGUR_INVALID_ARGUMENT;
  return augur::find_key(model, table, AUGUR_KEY_STRING, augur::hash_string(key, length), row);
}

augur_status augur_model_find_integer(const augur_model* model, const char* table, int64_t key,
                                      uint32_t* row) {
  return augur::find_key(model, table, AUGUR_KEY_INTEGER, augur::hash_integer(key), row);
}

augur_status augur_model_get_feature(const augur_model* model, uint32_t index,
                                     augur_field_info* info) {
  return model == nullptr ? AUGUR_INVALID_ARGUMENT
                          : augur::describe(model->loaded.model.features, index, info);
}

augur_status augur_model_get_candidate_field(const augur_model* model, uint32_t index,
                                             augur_field_info* info) {
  return model == nullptr ? AUGUR_INVALID_ARGUMENT
                          : augur::describe(model->loaded.model.candidate, index, info);
}

augur_status augur_model_get_stack(const augur_model* model, uint32_t index,
                                   augur_stack_info* info) {
  if (model == nullptr || info == nullptr) return AUGUR_INVALID_ARGUMENT;
  const augur::Model& loaded = model->loaded.model;
  if (index >= loaded.sequences.size()) return AUGUR_NOT_FOUND;
  const augur::Sequence& sequence = loaded.sequences[index];
  augur_stack_info filled = {};
  filled.name = sequence.name;
  filled.max_history = sequence.max_history;
  filled.field_count = static_cast<uint32_t>(sequence.fields.fields.size());
  filled.keeps_oldest = sequence.keeps_oldest ? 1u : 0u;
  return augur::hand_over(filled, info);
}

augur_status augur_model_get_stack_field(const augur_model* model, uint32_t stack, uint32_t index,
                                         augur_field_info* info) {
  if (model == nullptr) return AUGUR_INVALID_ARGUMENT;
  const augur::Model& loaded = model->loaded.model;
  if (stack >= loaded.sequences.size()) return AUGUR_NOT_FOUND;
  return augur::describe(loaded.sequences[stack].fields, index, info);
}

const char* augur_model_get_note(const augur_model* model, uint32_t index) {
  if (model == nullptr) return nullptr;
  const auto& notes = model->loaded.model.info.notes;
  return index >= notes.size() ? nullptr : notes[index];
}

}  // extern "C"
