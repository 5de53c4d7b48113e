// One way for errors: every fallible function returns an augur_status and writes the reason into a
// Fault. (The converter, which may be in the same program, throws an Error.)
#pragma once

#include <cstdarg>
#include <cstddef>

#include "augur/augur.h"

#if defined(__GNUC__) || defined(__clang__)
#define AUGUR_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define AUGUR_PRINTF(string, first)
#endif

// Hands a failure on to the caller.
#define AUGUR_TRY(expression)                                                             \
  do {                                                                                    \
    if (const augur_status augur_try_status = (expression); augur_try_status != AUGUR_OK) \
      return augur_try_status;                                                            \
  } while (false)

namespace augur {

class Fault {
 public:
  // Keeps the message, cut to fit between two characters and with control characters and what is
  // not UTF-8 as \xNN, and returns `status`, so that `return error.fail(...)` reads
  // well.
  augur_status fail(augur_status status, const char* format, ...) AUGUR_PRINTF(3, 4);
  augur_status need_bytes(std::size_t required, const char* what, std::size_t given);
  // The same with other words: AUGUR_OUT_OF_MEMORY.
  augur_status need_bytes_because(std::size_t required, const char* format, ...) AUGUR_PRINTF(3, 4);
  void clear();

  const char* message() const { return message_; }
  std::size_t required_bytes() const { return required_bytes_; }
  // As far as the caller's struct goes.
  void copy_to(augur_error* out) const;

 private:
  void write(const char* format, std::va_list arguments);

  char message_[sizeof(augur_error::message)] = "";
  std::size_t required_bytes_ = 0;
};

}  // namespace augur
