// How errors are reported: every function that can fail returns an augur_status and writes the
// reason into a Fault. (The converter, which may be linked into the same program, throws an Error
// instead.)
#pragma once

#include <cstdarg>
#include <cstddef>

#include "augur/augur.h"

#if defined(__GNUC__) || defined(__clang__)
#define AUGUR_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define AUGUR_PRINTF(string, first)
#endif

// Returns the status to the caller unless it is AUGUR_OK.
#define AUGUR_TRY(expression)                                                             \
  do {                                                                                    \
    if (const augur_status augur_try_status = (expression); augur_try_status != AUGUR_OK) \
      return augur_try_status;                                                            \
  } while (false)

namespace augur {

class Fault {
 public:
  // Stores the message and returns `status`, so that callers can return the result directly. A
  // message that is too long is cut between two characters. Control characters and bytes that are
  // not UTF-8 are written as \xNN.
  augur_status fail(augur_status status, const char* format, ...) AUGUR_PRINTF(3, 4);
  augur_status need_bytes(std::size_t required, const char* what, std::size_t given);
  // As need_bytes(), with a message of the caller's. Both return AUGUR_OUT_OF_MEMORY.
  augur_status need_bytes_because(std::size_t required, const char* format, ...) AUGUR_PRINTF(3, 4);
  void clear();

  const char* message() const { return message_; }
  std::size_t required_bytes() const { return required_bytes_; }
  // Copies as much as the caller's struct has room for, according to its struct_size.
  void copy_to(augur_error* out) const;

 private:
  void write(const char* format, std::va_list arguments);

  char message_[sizeof(augur_error::message)] = "";
  std::size_t required_bytes_ = 0;
};

}  // namespace augur
