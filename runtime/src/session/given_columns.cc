// Reads the caller's columns.
#include "session/given_columns.h"

#include <cstring>

#include "common/struct_size.h"

namespace augur {

augur_status GivenColumns::check(const augur_column* columns, std::size_t count,
                                 const char* description, Fault& error) {
  count_ = count;
  if (count == 0) return AUGUR_OK;
  if (columns == nullptr) return error.fail(AUGUR_INVALID_ARGUMENT, "columns is NULL");
  first_ = reinterpret_cast<const unsigned char*>(columns);
  step_ = columns->struct_size;
  // The first column's size is checked first, because it gives the distance between columns.
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned char* column = first_ + i * step_;
    std::size_t size = 0;
    std::memcpy(&size, column, sizeof(size));
    if (size != step_) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "%s: column %zu has struct_size %zu, the first has %zu; all of an array "
                        "must have the same",
                        description, i, size, step_);
    }
    // A sizeof is a multiple of this, so that no column ends inside a pointer.
    if (size % alignof(augur_column) != 0) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "%s: column %zu has struct_size %zu, which is no sizeof(augur_column)",
                        description, i, size);
    }
    augur_column known;
    AUGUR_TRY(read_struct(reinterpret_cast<const augur_column*>(column), &known, error));
    if (known.reserved != 0) {
      return error.fail(AUGUR_UNSUPPORTED, "%s: column %zu: reserved is %u, expected 0",
                        description, i, known.reserved);
    }
  }
  return AUGUR_OK;
}

augur_column GivenColumns::operator[](std::size_t index) const {
  augur_column column = {};
  const std::size_t bytes = step_ < sizeof(column) ? step_ : sizeof(column);
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): check() refuses a null array
  std::memcpy(&column, first_ + index * step_, bytes);
  return column;
}

}  // namespace augur
