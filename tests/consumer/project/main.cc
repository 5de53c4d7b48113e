// Calls libaugur from C++: the version, and an error with its message. Prints "works" if all is
// well.
#include <augur/augur.h>

#include <cstdio>
#include <cstring>

int main() {
  augur_model* model = nullptr;
  augur_error error{};
  error.struct_size = sizeof error;
  if (augur_version() != AUGUR_VERSION || !augur_is_compatible(AUGUR_VERSION)) return 1;
  if (augur_model_open_file("no-such-file.augur", nullptr, &model, &error) != AUGUR_NOT_FOUND)
    return 2;
  if (model != nullptr || std::strstr(error.message, "no-such-file.augur") == nullptr) return 3;
  std::puts("works");
  return 0;
}
