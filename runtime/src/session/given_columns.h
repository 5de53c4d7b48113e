// The caller's array of columns, whatever version of the header it was compiled with.
#pragma once

#include <cstddef>

#include "augur/augur.h"
#include "common/error.h"

namespace augur {

// The columns are struct_size bytes apart, which may differ from sizeof
// here if the caller was compiled with another version of the header.
class GivenColumns {
 public:
  // Checks that every column can be read, and that all have the same struct_size.
  augur_status check(const augur_column* columns, std::size_t count, const char* description,
                     Fault& error);
  std::size_t size() const { return count_; }
  augur_column operator[](std::size_t index) const;

 private:
  const unsigned char* first_ = nullptr;
  std::size_t count_ = 0;
  std::size_t step_ = 0;
};

}  // namespace augur
