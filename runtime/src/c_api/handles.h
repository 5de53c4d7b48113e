// The structs behind the C API's handles, and helpers of its functions: they read options structs
// of any version, and copy errors into the caller's struct.
#pragma once

#include <atomic>
#include <cstddef>

#include "common/struct_size.h"
#include "loader/loaded_model.h"
#include "session/session.h"

struct augur_model {
  augur::Arena arena;
  augur::LoadedModel loaded;
  // The number of sessions that exist. While it is not 0, no table may be attached.
  mutable std::atomic<std::size_t> sessions{0};
  std::uint32_t tile = 0;                      // the default, for sessions whose options give none
  mutable std::atomic<bool> warmed_up{false};  // by its first session
};

struct augur_session {
  const augur_model* model = nullptr;
  augur::Arena arena;
  void* own_block = nullptr;
  augur::Session session;
};

namespace augur {

// Copies the caller's options, or the defaults if there are none.
template <typename Options>
augur_status copy_options(const Options* given, Options* options, Fault& error) {
  *options = {};
  options->struct_size = sizeof(Options);
  return given == nullptr ? AUGUR_OK : read_struct(given, options, error);
}

inline augur_status report(augur_status status, const Fault& error, augur_error* out) {
  error.copy_to(out);
  return status;
}

inline augur_status null_argument(const char* name, augur_error* out_error) {
  Fault error;
  return report(error.fail(AUGUR_INVALID_ARGUMENT, "%s is NULL", name), error, out_error);
}

// Checks augur_model_options.load, or that of another struct `name`.
inline augur_status check_load(const char* name, std::uint32_t load, Fault& error) {
  if (load <= 1) return AUGUR_OK;
  return error.fail(AUGUR_INVALID_ARGUMENT, "%s: load is %u, expected 0 or 1", name, load);
}

// The bytes that a session with these options needs.
augur_status measure_session(const augur_model* model, const augur_session_options& options,
                             std::size_t* bytes, Fault& error);

}  // namespace augur
