// Fault: formatting and hand-over to the C API's struct.
#include "common/error.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace augur {

augur_status Fault::fail(augur_status status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message_, sizeof(message_), format, arguments);
  va_end(arguments);
  required_bytes_ = 0;
  return status;
}

augur_status Fault::need_bytes(std::size_t required, const char* what, std::size_t given) {
  const augur_status status =
      fail(AUGUR_OUT_OF_MEMORY, "the %s needs a block of %zu bytes, %zu were given", what, required,
           given);
  required_bytes_ = required;
  return status;
}

void Fault::clear() {
  message_[0] = '\0';
  required_bytes_ = 0;
}

void Fault::copy_to(augur_error* out) const {
  if (out == nullptr || out->struct_size < sizeof(augur_error)) return;
  out->required_bytes = required_bytes_;
  std::memcpy(out->message, message_, sizeof(message_));
}

}  // namespace augur
