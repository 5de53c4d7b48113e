// Augur for C++17: handles that clean up after themselves, over the C API of augur.h.
//
//   augur::ErrorInfo error;
//   augur::Model model = augur::Model::open_file("model.augur", &error);
//   augur::Session session = augur::Session::create(model, &error);
//   if (!session) return complain(error.message);
//
//   augur::Status status = session.set_history(
//       {augur::column("item", items), augur::column("category", categories)}, items.size());
//   if (augur::ok(status))
//     status = session.rank({augur::column("item", offers), augur::column("category", kinds)},
//                           offers.size(), scores);
//   if (!augur::ok(status)) complain(session.error());
//
// Nothing here throws, allocates or needs RTTI. augur.h describes each call, with its conditions,
// at the function of the same name. Handles can be moved but not copied. An empty handle (after a
// failed open, or moved from) is false, and calls on it return Status::kInvalidArgument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

#include "augur/augur.h"

namespace augur {
// An inline namespace of its own, because the library's internal code uses the same names.
inline namespace cpp {

// clang-format off
enum class [[nodiscard]] Status {
  kOk = AUGUR_OK,
  kInvalidArgument = AUGUR_INVALID_ARGUMENT,
  kNotFound = AUGUR_NOT_FOUND,
  kIoError = AUGUR_IO_ERROR,
  kBadModel = AUGUR_BAD_MODEL,
  kNewerModel = AUGUR_NEWER_MODEL,
  kOutOfMemory = AUGUR_OUT_OF_MEMORY,
  kShapeMismatch = AUGUR_SHAPE_MISMATCH,
  kOutOfRange = AUGUR_OUT_OF_RANGE,
  kUnsupported = AUGUR_UNSUPPORTED,
  kNotFinite = AUGUR_NOT_FINITE
};
// clang-format on

[[nodiscard]] constexpr bool ok(Status status) {
  return status == Status::kOk;
}
// "out of range" and the like; never null.
[[nodiscard]] inline const char* name(Status status) {
  return augur_status_name(static_cast<augur_status>(status));
}

// Why an open or a create failed.
struct ErrorInfo : augur_error {
  ErrorInfo() : augur_error{} { struct_size = sizeof(augur_error); }
  Status status = Status::kOk;
};

// Memory of the caller, which must outlive what is put into it. With an empty block (the default)
// the library allocates the memory.
struct Block {
  void* data = nullptr;
  std::size_t bytes = 0;
};

// Whether a file is mapped and read in place, or copied; see augur_model_options.load.
enum class Load : std::uint32_t { kMap = 0, kCopy = 1 };

// ---- columns ----

// A field's name and its values. Both belong to the caller, and are read only during the call.
using Column = augur_column;

// A field of one id or one number a row, or of `width` numbers a row: any container of int64_t or
// of float whose elements lie side by side.
template <typename Values>
[[nodiscard]] Column column(const char* field, const Values& values) {
  using Value = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(values))>>;
  Column made = {};
  made.struct_size = sizeof(Column);
  made.name = field;
  made.length = std::size(values);
  if constexpr (std::is_same_v<Value, float>) {
    made.values = std::data(values);
  } else {
    static_assert(std::is_same_v<Value, std::int64_t>, "ids are int64_t, numbers are float");
    made.ids = std::data(values);
  }
  return made;
}

// A field of several ids a row: the ids of all rows (int64_t), and each row's count (uint32_t).
template <typename Ids, typename Counts>
[[nodiscard]] Column column(const char* field, const Ids& ids, const Counts& counts) {
  Column made = column(field, ids);
  made.counts = std::data(counts);
  return made;
}

// Several columns: {augur::column(...), ...}, an array or a vector of Column.
class Columns {
 public:
  Columns() = default;
  Columns(std::initializer_list<Column> columns) : size_(columns.size()) {
    data_ = columns.begin();  // lives until the call that it is written in returns
  }
  Columns(const Column* columns, std::size_t count) : data_(columns), size_(count) {}
  template <typename Container, typename = decltype(std::data(std::declval<const Container&>()))>
  Columns(const Container& columns) : data_(std::data(columns)), size_(std::size(columns)) {}

  [[nodiscard]] const Column* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  const Column* data_ = nullptr;
  std::size_t size_ = 0;
};

// ---- model ----

// Where a table's rows are, and whether they are mapped or copied.
struct TableSource : augur_table_source {
  TableSource() : augur_table_source{} { struct_size = sizeof(augur_table_source); }
};

// A model. It is immutable once open; any number of threads and sessions may share it. It must
// outlive its sessions.
class Model {
 public:
  Model() = default;
  Model(Model&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  // Closes the model that this held before; its sessions must have been destroyed.
  Model& operator=(Model&& other) noexcept {
    if (this != &other) {
      augur_model_close(handle_);
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Model() { augur_model_close(handle_); }

  // Each returns a model, which is false if opening failed; `error`, if given, then says why.
  [[nodiscard]] static Model open_file(const char* path, ErrorInfo* error = nullptr,
                                       Block arena = {}, Load load = Load::kMap) {
    return open(arena, load, error, [=](const augur_model_options* options, augur_model** model) {
      return augur_model_open_file(path, options, model, error);
    });
  }
  // `length` 0: up to the file's end. The descriptor may be closed afterwards.
  [[nodiscard]] static Model open_fd(int fd, std::uint64_t offset, std::uint64_t length,
                                     ErrorInfo* error = nullptr, Block arena = {},
                                     Load load = Load::kMap) {
    return open(arena, load, error, [=](const augur_model_options* options, augur_model** model) {
      return augur_model_open_fd(fd, offset, length, options, model, error);
    });
  }
  // `data` must outlive the model, unless it is copied.
  [[nodiscard]] static Model open_buffer(const void* data, std::size_t bytes,
                                         ErrorInfo* error = nullptr, Block arena = {},
                                         Load load = Load::kMap) {
    return open(arena, load, error, [=](const augur_model_options* options, augur_model** model) {
      return augur_model_open_buffer(data, bytes, options, model, error);
    });
  }

  // Attaches the rows of a table that the model's file does not hold; call it before any session is
  // created. As with opening, the rows come from a file, from a part of a file, or from memory that
  // must outlive the model.
  Status attach_table(const char* table, const char* path, ErrorInfo* error = nullptr) {
    return reported(augur_model_attach_table(handle_, table, path, error), error);
  }
  Status attach_table_fd(const char* table, int fd, std::uint64_t offset, std::uint64_t length,
                         ErrorInfo* error = nullptr) {
    return reported(augur_model_attach_table_fd(handle_, table, fd, offset, length, error), error);
  }
  Status attach_table_buffer(const char* table, const void* data, std::size_t bytes,
                             ErrorInfo* error = nullptr) {
    return reported(augur_model_attach_table_buffer(handle_, table, data, bytes, error), error);
  }

  // The same with all choices: augur::TableSource source; source.path = ...;
  Status attach_table(const char* table, const TableSource& source, ErrorInfo* error = nullptr) {
    return reported(augur_model_attach_table_from(handle_, table, &source, error), error);
  }

  explicit operator bool() const { return handle_ != nullptr; }
  [[nodiscard]] const augur_model* get() const { return handle_; }

  // What the model declares. Strings live as long as the model. If the index is too large, the
  // struct's name is null.
  [[nodiscard]] augur_model_info info() const {
    return describe<augur_model_info>(augur_model_get_info);
  }
  [[nodiscard]] augur_field_info feature(std::uint32_t index) const {
    return describe<augur_field_info>(augur_model_get_feature, index);
  }
  [[nodiscard]] augur_field_info candidate_field(std::uint32_t index) const {
    return describe<augur_field_info>(augur_model_get_candidate_field, index);
  }
  [[nodiscard]] augur_stack_info stack(std::uint32_t index) const {
    return describe<augur_stack_info>(augur_model_get_stack, index);
  }
  [[nodiscard]] augur_field_info stack_field(std::uint32_t stack, std::uint32_t index) const {
    return describe<augur_field_info>(augur_model_get_stack_field, stack, index);
  }
  [[nodiscard]] augur_table_info table(std::uint32_t index) const {
    return describe<augur_table_info>(augur_model_get_table, index);
  }
  [[nodiscard]] const char* note(std::uint32_t index) const {
    return augur_model_get_note(handle_, index);
  }

 private:
  template <typename Open>
  static Model open(Block arena, Load load, ErrorInfo* error, Open open_it) {
    augur_model_options options = {};
    options.struct_size = sizeof(options);
    options.memory = arena.data;
    options.memory_bytes = arena.bytes;
    options.load = static_cast<std::uint32_t>(load);
    Model model;
    static_cast<void>(reported(open_it(&options, &model.handle_), error));
    return model;
  }

  static Status reported(augur_status result, ErrorInfo* error) {
    const auto status = static_cast<Status>(result);
    if (error != nullptr) error->status = status;
    return status;
  }

  template <typename Info, typename Query, typename... Index>
  Info describe(Query query, Index... index) const {
    Info info = {};
    info.struct_size = sizeof(info);
    if (query(handle_, index..., &info) != AUGUR_OK) info = {};
    return info;
  }

  augur_model* handle_ = nullptr;
};

// ---- session ----

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

  // One id, one number, or a column of one row: augur::column("tags", tags, counts).
  template <typename Number>
  Status set_feature(const char* field, Number value) {
    static_assert(std::is_arithmetic_v<Number>, "give other features as a column");
    using Value = std::conditional_t<std::is_integral_v<Number>, std::int64_t, float>;
    const Value values[] = {static_cast<Value>(value)};
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
  // weights[room]: the attention that each event receives from candidate `row`, oldest first.
  Status explain(Columns candidates, std::size_t count, std::size_t row, float* weights,
                 std::size_t room, std::size_t* events, const char* stack = nullptr) {
    return result(augur_explain(handle_, stack, candidates.data(), candidates.size(), count, row,
                                weights, room, events));
  }

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
