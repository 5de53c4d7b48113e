// The C API's functions on sessions: they check handles and forward. Described in augur/augur.h.
#include <cstdlib>
#include <new>

#include "c_api/handles.h"
#include "common/build_choices.h"
#include "session/limits.h"

namespace augur {
namespace {

// Creates a session in `arena`, or measures one if the arena only measures.
augur_status create_session(const augur_model* model, const augur_session_options& options,
                            Arena& arena, augur_session** session, Fault& error) {
  void* memory = arena.take(sizeof(augur_session));
  if (memory == nullptr) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  *session = new (memory) augur_session;
  return (*session)->session.create(model->loaded.model, options, arena, error);
}

augur_status session_options(const augur_model* model, const augur_session_options* given,
                             augur_session_options* options, Fault& error) {
  AUGUR_TRY(copy_options(given, options, error));
  const auto check = [&error](const char* name, std::uint32_t value, std::uint32_t limit) {
    if (value <= limit) return AUGUR_OK;
    return error.fail(AUGUR_INVALID_ARGUMENT, "options: %s is %u, at most %u is possible", name,
                      value, limit);
  };
  AUGUR_TRY(check("tile", options->tile, kMaxTile));
  if (options->tile == 0) options->tile = model->tile;
  AUGUR_TRY(check("threads", options->threads, kMaxThreads));
  if (!build::kThreads && (options->threads > 1 || options->parallel_for != nullptr))
    return build::lacks(build::kExtras, "threads", "a session with these options ", error);
  AUGUR_TRY(check("streaming", options->streaming, 1));
  return check("max_ids_per_event", options->max_ids_per_event, kMaxKeptIds);
}

template <typename Call>
augur_status on_session(augur_session* session, Call call) {
  if (session == nullptr) return AUGUR_INVALID_ARGUMENT;
  session->session.error().clear();
  return call(session->session);
}

[[maybe_unused]] augur_status lacks_saved_sessions(Session& session) {
  return build::lacks(build::kExtras, "saved_sessions", "the call ", session.error());
}

// A file of a few kB may declare histories and layers that need many GB. The system may grant such
// an allocation although it does not have the memory, so the library refuses it.
augur_status too_large(std::size_t bytes, Fault& error) {
  return error.need_bytes_because(
      bytes,
      "the session needs %zu bytes, and the library takes at most %u from the heap by itself: give "
      "a block, or a smaller max_history, tile or number of threads",
      bytes, kMaxOwnSession);
}

}  // namespace

augur_status measure_session(const augur_model* model, const augur_session_options& options,
                             std::size_t* bytes, Fault& error) {
  Arena arena(Arena::Mode::kMeasure);
  augur_session* session = nullptr;
  const augur_status status = create_session(model, options, arena, &session, error);
  if (arena.failed()) {
    return error.fail(AUGUR_OUT_OF_MEMORY,
                      "a session of this model is too large for any memory: use a smaller "
                      "max_history, tile or number of threads");
  }
  if (status != AUGUR_OK) return status;
  *bytes = arena.required_bytes();
  return AUGUR_OK;
}

}  // namespace augur

using augur::Arena;
using augur::Fault;
using augur::Session;

extern "C" {

size_t augur_session_bytes(const augur_model* model, const augur_session_options* given) {
  augur_session_options options;
  Fault error;
  if (model == nullptr || augur::session_options(model, given, &options, error) != AUGUR_OK)
    return 0;
  size_t bytes = 0;
  return augur::measure_session(model, options, &bytes, error) == AUGUR_OK ? bytes : 0;
}

augur_status augur_session_create(const augur_model* model, const augur_session_options* given,
                                  void* memory, size_t bytes, augur_session** session,
                                  augur_error* out_error) {
  if (session == nullptr) return augur::null_argument("session", out_error);
  *session = nullptr;
  if (model == nullptr) return augur::null_argument("model", out_error);
  Fault error;
  const augur_status attached = model->loaded.check_attached(error);
  if (attached != AUGUR_OK) return augur::report(attached, error, out_error);
  augur_session_options options;
  augur_status status = augur::session_options(model, given, &options, error);
  if (status != AUGUR_OK) return augur::report(status, error, out_error);
  void* own_block = nullptr;
  if (memory == nullptr) {
    status = augur::measure_session(model, options, &bytes, error);
    if (status != AUGUR_OK) return augur::report(status, error, out_error);
    if (bytes > augur::kMaxOwnSession)
      return augur::report(augur::too_large(bytes, error), error, out_error);
    memory = own_block = std::malloc(bytes);
    if (memory == nullptr)
      return augur::report(error.need_bytes(bytes, "session", 0), error, out_error);
  }
  Arena arena(memory, bytes);
  augur_session* created = nullptr;
  status = augur::create_session(model, options, arena, &created, error);
  if (status == AUGUR_OK && arena.overflowed())
    status = error.need_bytes(arena.required_bytes(), "session", bytes);
  // Threads are started last, so that no later step can fail while they run.
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a Fault's fail() never returns AUGUR_OK
  if (status == AUGUR_OK) status = created->session.start_threads(error);
  if (status != AUGUR_OK) {
    std::free(own_block);
    return augur::report(status, error, out_error);
  }
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a Fault's fail() never returns AUGUR_OK
  created->model = model;
  created->own_block = own_block;
  ++model->sessions;
  if (!model->warmed_up.exchange(true)) created->session.warm_up();
  created->arena = static_cast<Arena&&>(arena);
  *session = created;
  return augur::report(AUGUR_OK, error, out_error);
}

void augur_session_destroy(augur_session* session) {
  if (session == nullptr) return;
  const augur_model* model = session->model;
  void* own_block = session->own_block;
  session->~augur_session();
  std::free(own_block);
  --model->sessions;  // last: once there are none, another thread may close the model
}

const char* augur_session_error(const augur_session* session) {
  return session == nullptr ? "" : session->session.error().message();
}

augur_status augur_session_set_feature(augur_session* session, const augur_column* feature) {
  return augur::on_session(session, [=](Session& s) { return s.set_feature(feature); });
}

augur_status augur_session_set_history(augur_session* session, const char* stack,
                                       const augur_column* columns, size_t column_count,
                                       size_t events) {
  return augur::on_session(
      session, [=](Session& s) { return s.set_history(stack, columns, column_count, events); });
}

augur_status augur_session_append(augur_session* session, const char* stack,
                                  const augur_column* columns, size_t column_count, size_t events) {
  return augur::on_session(
      session, [=](Session& s) { return s.append(stack, columns, column_count, events); });
}

augur_status augur_session_clear(augur_session* session) {
  return augur::on_session(session, [](Session& s) {
    s.clear();
    return AUGUR_OK;
  });
}

size_t augur_session_history_length(const augur_session* session, const char* stack) {
  return session == nullptr ? 0 : session->session.history_length(stack);
}

augur_status augur_session_save(augur_session* session, void* memory, size_t* bytes) {
  return augur::on_session(session, [=](Session& s) {
    if constexpr (!augur::build::kSavedSessions) return augur::lacks_saved_sessions(s);
    return s.save(memory, bytes);
  });
}

augur_status augur_session_restore(augur_session* session, const void* memory, size_t bytes) {
  return augur_session_restore_report(session, memory, bytes, nullptr);
}

augur_status augur_session_restore_report(augur_session* session, const void* memory, size_t bytes,
                                          augur_restore_report* report) {
  return augur::on_session(session, [=](Session& s) {
    if constexpr (!augur::build::kSavedSessions) return augur::lacks_saved_sessions(s);
    augur_restore_report filled = {};
    if (report != nullptr && !augur::write_struct(filled, report)) {
      return s.error().fail(AUGUR_INVALID_ARGUMENT, "augur_restore_report: struct_size is %zu",
                            report->struct_size);
    }
    augur::Restored restored;
    AUGUR_TRY(s.restore(memory, bytes, &restored));
    filled.by = restored.by;
    filled.unknown_ids = restored.unknown_ids;
    filled.dropped_events = restored.dropped_events;
    if (report != nullptr) augur::write_struct(filled, report);
    return AUGUR_OK;
  });
}

augur_status augur_rank(augur_session* session, const augur_column* columns, size_t column_count,
                        size_t candidates, float* scores, float* logits) {
  return augur::on_session(session, [=](Session& s) {
    return s.rank(columns, column_count, candidates, scores, logits, nullptr);
  });
}

augur_status augur_rank_top_k(augur_session* session, const augur_column* columns,
                              size_t column_count, size_t candidates, size_t k, size_t* indices,
                              float* scores, size_t* count) {
  return augur::on_session(session, [=](Session& s) {
    return s.rank_top_k(columns, column_count, candidates, k, indices, scores, count, nullptr);
  });
}

augur_status augur_rank_each(augur_session* session, const augur_column* columns,
                             size_t column_count, size_t candidates, float* scores, float* logits,
                             const augur_each_options* options) {
  return augur::on_session(session, [=](Session& s) {
    augur_each_options each;
    AUGUR_TRY(augur::copy_options(options, &each, s.error()));
    return s.rank(columns, column_count, candidates, scores, logits, &each);
  });
}

augur_status augur_rank_top_k_each(augur_session* session, const augur_column* columns,
                                   size_t column_count, size_t candidates, size_t k,
                                   size_t* indices, float* scores, size_t* count,
                                   const augur_each_options* options) {
  return augur::on_session(session, [=](Session& s) {
    augur_each_options each;
    if (count != nullptr) *count = 0;
    AUGUR_TRY(augur::copy_options(options, &each, s.error()));
    return s.rank_top_k(columns, column_count, candidates, k, indices, scores, count, &each);
  });
}

augur_status augur_explain(augur_session* session, const char* stack, const augur_column* columns,
                           size_t column_count, size_t candidates, size_t row, float* weights,
                           size_t room, size_t* count) {
  return augur::on_session(session, [=](Session& s) {
    return s.explain(stack, columns, column_count, candidates, row, weights, room, count);
  });
}

void augur_session_cancel(augur_session* session) {
  if (session != nullptr) session->session.cancel();
}

}  // extern "C"
