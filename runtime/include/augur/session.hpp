// Sessions of augur.hpp. Include augur/augur.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "augur/augur.h"
#include "augur/column.hpp"
#include "augur/model.hpp"

namespace augur {
inline namespace cpp {

// How a session is made: fewer events or another tile than the model's own (0 keeps those), and
// how many threads rank, the caller's included; the others as augur_session_options has them.
struct SessionOptions {
  std::uint32_t max_history = 0;
  std::uint32_t tile = 0;
  std::uint32_t threads = 1;
  bool streaming = false;
  std::uint32_t max_ids_per_event = 0;
  augur_parallel_for parallel_for = nullptr;
  void* parallel_for_context = nullptr;
};

// What restoring a saved session found.
struct RestoreReport : augur_restore_report {
  RestoreReport() : augur_restore_report{} { struct_size = sizeof(augur_restore_report); }
};

// One user's state; for one thread at a time.
class Session {
 public:
  Session() = default;
  Session(Session&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  // Destroys the session that this held before.
  Session& operator=(Session&& other) noexcept {
    if (this != &other) {
      augur_session_destroy(handle_);
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Session() { augur_session_destroy(handle_); }

  // The size of block that create() needs; 0 if the options are invalid.
  [[nodiscard]] static std::size_t bytes(const Model& model, SessionOptions options = {}) {
    const augur_session_options c_options = to_c(options);
    return augur_session_bytes(model.get(), &c_options);
  }
  // Returns a session, which is false if the call failed; `error`, if given, then says why.
  [[nodiscard]] static Session create(const Model& model, ErrorInfo* error = nullptr,
                                      Block block = {}, SessionOptions options = {}) {
    const augur_session_options c_options = to_c(options);
    Session session;
    const augur_status status = augur_session_create(model.get(), &c_options, block.data,
                                                     block.bytes, &session.handle_, error);
    if (error != nullptr) error->status = static_cast<Status>(status);
    return session;
  }

  explicit operator bool() const { return handle_ != nullptr; }
  [[nodiscard]] augur_session* get() const { return handle_; }
  // Why the last call failed; valid until the next call.
  [[nodiscard]] const char* error() const { return augur_session_error(handle_); }

  // One id, one number, one string key, or a column of one row: augur::column("tags", tags,
  // counts).
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  Status set_feature(const char* field, Number value) {
    using Value = std::conditional_t<std::is_integral_v<Number>, std::int64_t, float>;
    const Value values[] = {static_cast<Value>(value)};
    return set_feature(column(field, values));
  }
  Status set_feature(const char* field, std::string_view text) {
    const String values[] = {key(text)};
    return set_feature(column(field, values));
  }
  Status set_feature(const Column& feature) {
    return result(augur_session_set_feature(handle_, &feature));
  }

  // Events are given oldest first. `stack` may be left out where the model has only one.
  Status set_history(Columns columns, std::size_t events, const char* stack = nullptr) {
    return result(
        augur_session_set_history(handle_, stack, columns.data(), columns.size(), events));
  }
  Status append(Columns columns, std::size_t events, const char* stack = nullptr) {
    return result(augur_session_append(handle_, stack, columns.data(), columns.size(), events));
  }
  [[nodiscard]] std::size_t history_length(const char* stack = nullptr) const {
    return augur_session_history_length(handle_, stack);
  }
  Status clear() { return result(augur_session_clear(handle_)); }

  // memory null: only sets *size to the bytes that are needed.
  Status save(void* memory, std::size_t* size) {
    return result(augur_session_save(handle_, memory, size));
  }
  Status restore(const void* memory, std::size_t size) {
    return result(augur_session_restore(handle_, memory, size));
  }
  // The same, and tells which id matched and what the model does not know.
  Status restore(const void* memory, std::size_t size, RestoreReport& report) {
    return result(augur_session_restore_report(handle_, memory, size, &report));
  }

  // scores[count] and logits[count]; either may be null.
  Status rank(Columns candidates, std::size_t count, float* scores, float* logits = nullptr) {
    return result(augur_rank(handle_, candidates.data(), candidates.size(), count, scores, logits));
  }
  // indices[k] and scores[k], best first; *found = min(k, count).
  Status rank_top_k(Columns candidates, std::size_t count, std::size_t k, std::size_t* indices,
                    float* scores, std::size_t* found) {
    return result(augur_rank_top_k(handle_, candidates.data(), candidates.size(), count, k, indices,
                                   scores, found));
  }
  // The same for lists in which some candidates may be unusable: these get NaN, and
  // statuses[count], if given, says why; static_cast<Status>(statuses[i]) names it. *found counts
  // usable ones only.
  Status rank_each(Columns candidates, std::size_t count, float* scores, float* logits = nullptr,
                   augur_status* statuses = nullptr) {
    const augur_each_options options = {sizeof options, statuses};
    return result(augur_rank_each(handle_, candidates.data(), candidates.size(), count, scores,
                                  logits, &options));
  }
  Status rank_top_k_each(Columns candidates, std::size_t count, std::size_t k, std::size_t* indices,
                         float* scores, std::size_t* found, augur_status* statuses = nullptr) {
    const augur_each_options options = {sizeof options, statuses};
    return result(augur_rank_top_k_each(handle_, candidates.data(), candidates.size(), count, k,
                                        indices, scores, found, &options));
  }
  // weights[room]: the attention that each event receives from candidate `row`, oldest first.
  Status explain(Columns candidates, std::size_t count, std::size_t row, float* weights,
                 std::size_t room, std::size_t* events, const char* stack = nullptr) {
    return result(augur_explain(handle_, stack, candidates.data(), candidates.size(), count, row,
                                weights, room, events));
  }

  // Ends the call that ranks or explains on another thread: it returns Status::kCancelled.
  void cancel() { augur_session_cancel(handle_); }

 private:
  static augur_session_options to_c(SessionOptions options) {
    augur_session_options c_options = {};
    c_options.struct_size = sizeof c_options;
    c_options.max_history = options.max_history;
    c_options.tile = options.tile;
    c_options.threads = options.threads;
    c_options.streaming = options.streaming ? 1 : 0;
    c_options.max_ids_per_event = options.max_ids_per_event;
    c_options.parallel_for = options.parallel_for;
    c_options.parallel_for_context = options.parallel_for_context;
    return c_options;
  }
  static Status result(augur_status status) { return static_cast<Status>(status); }

  augur_session* handle_ = nullptr;
};

}  // namespace cpp
}  // namespace augur
