// What a process does once, when it opens its first model. It may fail for lack of memory; then it
// prints nothing and is tried again at the next open. The linker's --wrap puts the functions below
// in front of what is called, XNNPACK and cpuinfo included. One test case, because a process opens
// its first model only once.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/fixture.h"
#include "runtime/support/temp_file.h"

namespace {

bool memory_is_short = false;

}  // namespace

// The linker's names.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __real_calloc(size_t items, size_t bytes);
void* __real_mmap(void* address, size_t bytes, int protection, int flags, int fd, long offset);
void* __real_mmap64(void* address, size_t bytes, int protection, int flags, int fd, off_t offset);

void* __wrap_calloc(size_t items, size_t bytes) {
  return memory_is_short ? nullptr : __real_calloc(items, bytes);
}
void* __wrap_mmap(void* address, size_t bytes, int protection, int flags, int fd, long offset) {
  if (!memory_is_short) return __real_mmap(address, bytes, protection, flags, fd, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}
void* __wrap_mmap64(void* address, size_t bytes, int protection, int flags, int fd, off_t offset) {
  if (!memory_is_short) return __real_mmap64(address, bytes, protection, flags, fd, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace augur::testing {
namespace {

// What comes to standard error while this lives.
class StandardError {
 public:
  StandardError() : before_(dup(STDERR_FILENO)) { dup2(file_.fd(), STDERR_FILENO); }
  ~StandardError() { end(); }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

  off_t printed() {
    end();
    return lseek(file_.fd(), 0, SEEK_END);
  }

 private:
  void end() {
    if (before_ < 0) return;
    dup2(before_, STDERR_FILENO);
    close(before_);
    before_ = -1;
  }

  TempFile file_{{}};
  int before_;
};

}  // namespace

TEST_CASE(
    "a first open without memory fails with out of memory and prints nothing; the next one works") {
  const std::vector<std::uint8_t> file =
      reference::pack(*reference::random_model(everything_spec()));
  const TempFile on_disk(file);
  augur_error error = empty_error();
  augur_model* model = nullptr;
  StandardError standard_error;
  memory_is_short = true;
  const augur_status first =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error);
  memory_is_short = false;
  CHECK(standard_error.printed() == 0);
  CHECK(std::string(augur_status_name(first)) == "out of memory");
  CHECK(std::string(error.message).find("no memory") == 0);
  CHECK(model == nullptr);

  const augur_status second =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error);
  CAPTURE(std::string(error.message));
  REQUIRE(second == AUGUR_OK);
  augur_model_close(model);

  // If a file cannot be mapped for lack of memory, the status must not blame the file.
  memory_is_short = true;
  const augur_status mapped = augur_model_open_file(on_disk.path(), nullptr, &model, &error);
  memory_is_short = false;
  CHECK(std::string(augur_status_name(mapped)) == "out of memory");
  CHECK(std::string(error.message).find(on_disk.path()) != std::string::npos);
  REQUIRE(augur_model_open_file(on_disk.path(), nullptr, &model, &error) == AUGUR_OK);
  augur_model_close(model);
}

}  // namespace augur::testing
