// What the C API's handles are, and what its functions share: options of every version, and errors
// as the caller gets them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>

#include "model/model.h"
#include "session/session.h"

struct augur_model {
  augur::Arena arena;
  augur::Model model;
  mutable std::atomic<std::size_t> sessions{
      0};                                      // that exist; while there are any, no table changes
  std::uint32_t tile = 0;                      // of sessions whose options leave it to the library
  mutable std::atomic<bool> rehearsed{false};  // by a session
};

struct augur_session {
  const augur_model* model = nullptr;
  augur::Arena arena;
  void* own_block = nullptr;
  augur::Session session;
};

namespace augur {

// Options as they were when they first appeared; members have been added since.
template <typename Options>
inline constexpr std::size_t kFirstSize = sizeof(Options);
template <>
inline constexpr std::size_t kFirstSize<augur_session_options> =
    offsetof(augur_session_options, tile) + sizeof(augur_session_options::tile);

// The caller's options, or the defaults. Only the members that the caller's version knows are read.
template <typename Options>
augur_status copy_options(const Options* given, Options* options, Fault& error) {
  *options = {};
  if (given != nullptr) {
    if (given->struct_size < kFirstSize<Options>) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "options has struct_size %zu, expected at least %zu", given->struct_size,
                        kFirstSize<Options>);
    }
    std::memcpy(options, given,
                given->struct_size < sizeof(Options) ? given->struct_size : sizeof(Options));
  }
  options->struct_size = sizeof(Options);
  return AUGUR_OK;
}

inline augur_status report(augur_status status, const Fault& error, augur_error* out) {
  error.copy_to(out);
  return status;
}

inline augur_status null_argument(const char* name, augur_error* out_error) {
  Fault error;
  return report(error.fail(AUGUR_INVALID_ARGUMENT, "%s is NULL", name), error, out_error);
}

// The bytes that a session with these options needs.
augur_status measure_session(const augur_model* model, const augur_session_options& options,
                             std::size_t* bytes, Fault& error);

}  // namespace augur
