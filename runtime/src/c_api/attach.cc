// The C API's functions that attach sidecars and deltas to a model, and detach deltas. Described in
// augur/augur.h.
#include "c_api/handles.h"
#include "common/build_choices.h"

namespace augur {
namespace {

ContentSource source_of(const augur_table_source& given) {
  return {given.path, given.data, given.bytes, given.fd, given.offset, given.length};
}

augur_status check_no_sessions(const augur_model& model, const char* table, Fault& error) {
  const std::size_t sessions = model.sessions.load();
  if (sessions == 0) return AUGUR_OK;
  return error.fail(AUGUR_INVALID_ARGUMENT,
                    "the rows of table '%s' cannot change while the model has sessions (%zu)",
                    table, sessions);
}

// LoadedModel::attach or attach_delta.
using Attach = augur_status (LoadedModel::*)(const char* table, const ContentSource& source,
                                             Copy copy, Arena copies, Fault& error);

augur_status attach_file(augur_model* model, Attach attach, const char* table,
                         const augur_table_source* given, augur_error* out_error) {
  Fault error;
  const char* null = model == nullptr   ? "model"
                     : table == nullptr ? "table"
                     : given == nullptr ? "source"
                                        : nullptr;
  if (null != nullptr) return null_argument(null, out_error);
  augur_table_source source;
  augur_status status = read_struct(given, &source, error);
  if (status == AUGUR_OK) status = check_load("augur_table_source", source.load, error);
  if (status == AUGUR_OK) status = check_no_sessions(*model, table, error);
  if (status != AUGUR_OK) return report(status, error, out_error);
  // If the app gave a block for the model, the library takes no memory from the heap, for tables
  // either.
  Arena copies(std::size_t{0});
  char none = 0;
  if (source.memory != nullptr) {
    copies = Arena(source.memory, source.memory_bytes);
  } else if (!model->arena.on_heap()) {
    copies = Arena(&none, 0);
  }
  status = (model->loaded.*attach)(table, source_of(source),
                                   source.load == 0 ? Copy::kIfNeeded : Copy::kAlways,
                                   static_cast<Arena&&>(copies), error);
  return report(status, error, out_error);
}

[[maybe_unused]] augur_status lacks(const char* extra, augur_error* out_error) {
  Fault error;
  return report(build::lacks(build::kExtras, extra, "the call ", error), error, out_error);
}

augur_status attach_table(augur_model* model, const char* table, const augur_table_source* given,
                          augur_error* out_error) {
  if constexpr (!build::kSidecars) return lacks("sidecars", out_error);
  return attach_file(model, &LoadedModel::attach, table, given, out_error);
}

}  // namespace
}  // namespace augur

using augur::LoadedModel;

extern "C" {

augur_status augur_model_attach_table(augur_model* model, const char* table, const char* path,
                                      augur_error* error) {
  if (path == nullptr) return augur::null_argument("path", error);
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.path = path;
  return augur::attach_table(model, table, &source, error);
}

augur_status augur_model_attach_table_fd(augur_model* model, const char* table, int fd,
                                         uint64_t offset, uint64_t length, augur_error* error) {
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.fd = fd;
  source.offset = offset;
  source.length = length;
  return augur::attach_table(model, table, &source, error);
}

augur_status augur_model_attach_table_buffer(augur_model* model, const char* table,
                                             const void* data, size_t bytes, augur_error* error) {
  if (data == nullptr) return augur::null_argument("data", error);
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.data = data;
  source.bytes = bytes;
  return augur::attach_table(model, table, &source, error);
}

augur_status augur_model_attach_table_from(augur_model* model, const char* table,
                                           const augur_table_source* source, augur_error* error) {
  return augur::attach_table(model, table, source, error);
}

augur_status augur_model_attach_delta(augur_model* model, const char* table,
                                      const augur_table_source* source, augur_error* error) {
  if constexpr (!augur::build::kDeltas) return augur::lacks("deltas", error);
  return augur::attach_file(model, &LoadedModel::attach_delta, table, source, error);
}

augur_status augur_model_detach_deltas(augur_model* model, const char* table, uint32_t keep,
                                       augur_error* out_error) {
  if constexpr (!augur::build::kDeltas) return augur::lacks("deltas", out_error);
  if (model == nullptr || table == nullptr)
    return augur::null_argument(model == nullptr ? "model" : "table", out_error);
  augur::Fault error;
  augur_status status = augur::check_no_sessions(*model, table, error);
  if (status == AUGUR_OK) status = model->loaded.detach_deltas(table, keep, error);
  return augur::report(status, error, out_error);
}

}  // extern "C"
