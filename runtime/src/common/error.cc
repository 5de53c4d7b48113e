// Fault: formats messages, and copies them into the C API's struct.
#include "common/error.h"

#include <cstdio>
#include <cstring>

#include "common/struct_size.h"
#include "common/utf8.h"

namespace augur {

void Fault::write(const char* format, std::va_list arguments) {
  // Larger than message_. Escaping never shortens the text, so message_ is full before the place
  // where this buffer may have cut the text.
  char text[2 * sizeof(message_)];
  std::vsnprintf(text, sizeof(text), format, arguments);
  copy_printable(message_, sizeof(message_), text);
  required_bytes_ = 0;
}

augur_status Fault::fail(augur_status status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write(format, arguments);
  va_end(arguments);
  return status;
}

augur_status Fault::need_bytes(std::size_t required, const char* what, std::size_t given) {
  return need_bytes_because(required, "the %s needs a block of %zu bytes, %zu were given", what,
                            required, given);
}

augur_status Fault::need_bytes_because(std::size_t required, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write(format, arguments);
  va_end(arguments);
  required_bytes_ = required;
  return AUGUR_OUT_OF_MEMORY;
}

void Fault::clear() {
  message_[0] = '\0';
  required_bytes_ = 0;
}

void Fault::copy_to(augur_error* out) const {
  if (out == nullptr) return;
  augur_error filled = {};
  filled.required_bytes = required_bytes_;
  std::memcpy(filled.message, message_, sizeof(message_));
  const std::size_t size = out->struct_size;
  if (!write_struct(filled, out) || size >= sizeof(augur_error)) return;
  // The caller's struct has less room for the message, so the copied part must be terminated.
  if (size <= offsetof(augur_error, message)) return;
  out->message[size - offsetof(augur_error, message) - 1] = '\0';
  drop_cut_character(out->message);
}

}  // namespace augur
