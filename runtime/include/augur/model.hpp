// Models of augur.hpp, with statuses and errors. Include augur/augur.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "augur/augur.h"

namespace augur {
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
  kNotFinite = AUGUR_NOT_FINITE,
  kCancelled = AUGUR_CANCELLED
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

// What is checked of a file's bytes before anything in them is used; see augur_verify.
enum class Verify : std::uint32_t {
  kNothing = AUGUR_VERIFY_NOTHING,
  kContentHash = AUGUR_VERIFY_CONTENT_HASH
};

// ---- model ----

// How a model is opened; augur_model_options describes the members.
struct ModelOptions {
  Block arena = {};
  Load load = Load::kMap;
  Verify verify = Verify::kNothing;
  augur_verify_content verify_content = nullptr;
  void* verify_context = nullptr;
};

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
  [[nodiscard]] static Model open_file(const char* path, const ModelOptions& options,
                                       ErrorInfo* error = nullptr) {
    return open(options, error, [=](const augur_model_options* c_options, augur_model** model) {
      return augur_model_open_file(path, c_options, model, error);
    });
  }
  // `length` 0: up to the file's end. The descriptor may be closed afterwards.
  [[nodiscard]] static Model open_fd(int fd, std::uint64_t offset, std::uint64_t length,
                                     const ModelOptions& options, ErrorInfo* error = nullptr) {
    return open(options, error, [=](const augur_model_options* c_options, augur_model** model) {
      return augur_model_open_fd(fd, offset, length, c_options, model, error);
    });
  }
  // `data` must outlive the model, unless it is copied.
  [[nodiscard]] static Model open_buffer(const void* data, std::size_t bytes,
                                         const ModelOptions& options, ErrorInfo* error = nullptr) {
    return open(options, error, [=](const augur_model_options* c_options, augur_model** model) {
      return augur_model_open_buffer(data, bytes, c_options, model, error);
    });
  }

  // The same with the options that are used most.
  [[nodiscard]] static Model open_file(const char* path, ErrorInfo* error = nullptr,
                                       Block arena = {}, Load load = Load::kMap) {
    return open_file(path, options_of(arena, load), error);
  }
  [[nodiscard]] static Model open_fd(int fd, std::uint64_t offset, std::uint64_t length,
                                     ErrorInfo* error = nullptr, Block arena = {},
                                     Load load = Load::kMap) {
    return open_fd(fd, offset, length, options_of(arena, load), error);
  }
  [[nodiscard]] static Model open_buffer(const void* data, std::size_t bytes,
                                         ErrorInfo* error = nullptr, Block arena = {},
                                         Load load = Load::kMap) {
    return open_buffer(data, bytes, options_of(arena, load), error);
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

  // Applies a delta to an attached table, and takes deltas off again until `keep` are left.
  Status attach_delta(const char* table, const TableSource& source, ErrorInfo* error = nullptr) {
    return reported(augur_model_attach_delta(handle_, table, &source, error), error);
  }
  Status attach_delta(const char* table, const char* path, ErrorInfo* error = nullptr) {
    TableSource source;
    source.path = path;
    return attach_delta(table, source, error);
  }
  Status detach_deltas(const char* table, std::uint32_t keep, ErrorInfo* error = nullptr) {
    return reported(augur_model_detach_deltas(handle_, table, keep, error), error);
  }

  explicit operator bool() const { return handle_ != nullptr; }
  [[nodiscard]] const augur_model* get() const { return handle_; }

  // The row of a key in a table's vocabulary: kNotFound if the vocabulary does not have it.
  Status find_string(const char* table, std::string_view key, std::uint32_t* row) const {
    return static_cast<Status>(
        augur_model_find_string(handle_, table, key.data(), key.size(), row));
  }
  Status find_integer(const char* table, std::int64_t key, std::uint32_t* row) const {
    return static_cast<Status>(augur_model_find_integer(handle_, table, key, row));
  }

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
  static ModelOptions options_of(Block arena, Load load) {
    ModelOptions options;
    options.arena = arena;
    options.load = load;
    return options;
  }

  template <typename Open>
  static Model open(const ModelOptions& options, ErrorInfo* error, Open open_it) {
    augur_model_options c_options = {};
    c_options.struct_size = sizeof(c_options);
    c_options.memory = options.arena.data;
    c_options.memory_bytes = options.arena.bytes;
    c_options.load = static_cast<std::uint32_t>(options.load);
    c_options.verify = static_cast<std::uint32_t>(options.verify);
    c_options.verify_content = options.verify_content;
    c_options.verify_context = options.verify_context;
    Model model;
    static_cast<void>(reported(open_it(&c_options, &model.handle_), error));
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

}  // namespace cpp
}  // namespace augur
