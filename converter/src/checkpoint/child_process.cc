// The output comes in chunks, each after its length: 0 marks the end, kFailure an error's text.
#include "checkpoint/child_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

#include "error.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AUGUR_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define AUGUR_SANITIZED
#endif
#endif

namespace augur::checkpoint {
namespace {

constexpr uint32_t kFailure = UINT32_MAX;
constexpr size_t kLongestChunk = size_t{1} << 20;
#if !defined(AUGUR_SANITIZED)
// Of memory beyond what the parent has: the largest chunk of a dataset that makes sense, in the
// file and unpacked.
constexpr uint64_t kMostNewBytes = uint64_t{1} << 30;
#endif
constexpr rlim_t kMostSeconds = 300;  // of computing; reading the largest tables takes far less

void write_fully(int file, const void* bytes, size_t size) {
  const auto* from = static_cast<const uint8_t*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(file, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // the parent has closed its end
    from += written;
    size -= static_cast<size_t>(written);
  }
}

void write_chunk(int file, const void* bytes, size_t size) {
  const auto length = static_cast<uint32_t>(size);
  write_fully(file, &length, sizeof length);
  write_fully(file, bytes, size);
}

// The child starts as a copy of its parent, so that the limit is set above what it has already. A
// sanitizer's shadow is larger than any limit.
void limit_memory() {
#if !defined(AUGUR_SANITIZED)
  uint64_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re"); file != nullptr) {
    if (std::fscanf(file, "%" SCNu64, &pages) != 1) pages = 0;
    std::fclose(file);
  }
  if (pages == 0) return;  // its size is unknown
  const rlim_t bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) + kMostNewBytes;
  rlimit memory = {};
  if (getrlimit(RLIMIT_AS, &memory) != 0 || bytes >= memory.rlim_cur) return;
  memory.rlim_cur = bytes;
  setrlimit(RLIMIT_AS, &memory);
#endif
}

// A crash must end the child and nothing else: handlers of tests and sanitizers are removed,
// messages of the C library go nowhere.
void isolate() {
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGPIPE, SIGXCPU}) {
    std::signal(number, SIG_DFL);
  }
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const rlimit seconds = {kMostSeconds, kMostSeconds};
  setrlimit(RLIMIT_CPU, &seconds);
  limit_memory();
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) dup2(null, STDERR_FILENO);
}

[[noreturn]] void run(const std::function<void(const ChildProcess::Write&)>& work, int file) {
  isolate();
  try {
    work([file](const void* bytes, size_t size) {
      const auto* from = static_cast<const uint8_t*>(bytes);
      while (size > 0) {
        const size_t part = std::min(size, kLongestChunk);
        write_chunk(file, from, part);
        from += part;
        size -= part;
      }
    });
    write_chunk(file, nullptr, 0);
  } catch (const std::exception& error) {
    write_fully(file, &kFailure, sizeof kFailure);
    const std::string text = error.what();
    write_chunk(file, text.data(), std::min(text.size(), kLongestChunk));
  }
  _exit(0);  // no destructors and no handlers, which could meet what a damaged file has left in
             // memory
}

}  // namespace

ChildProcess::ChildProcess(std::string what, const std::function<void(const Write&)>& work)
    : what_(std::move(what)) {
  int ends[2];
  if (pipe(ends) != 0)
    throw Error(what_ + ": a pipe for it cannot be made (" + std::strerror(errno) + ")");
  child_ = fork();
  if (child_ < 0) {
    const std::string reason = std::strerror(errno);
    close(ends[0]);
    close(ends[1]);
    throw Error(what_ + ": a process to read it in cannot be started (" + reason + ")");
  }
  if (child_ == 0) {
    close(ends[0]);
    run(work, ends[1]);
  }
  close(ends[1]);
  output_ = ends[0];
}

ChildProcess::~ChildProcess() {
  close(output_);
  if (child_ > 0) {
    kill(child_, SIGKILL);
    wait_for_end();
  }
}

int ChildProcess::wait_for_end() {
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return status;
}

bool ChildProcess::read_fully(void* out, size_t size) {
  auto* to = static_cast<uint8_t*>(out);
  while (size > 0) {
    const ssize_t got = ::read(output_, to, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

void ChildProcess::fail_for_its_end() {
  const int status = child_ > 0 ? wait_for_end() : 0;
  const std::string how = WIFSIGNALED(status)
                              ? std::string("crashed: ") + strsignal(WTERMSIG(status))
                              : "ended too early";
  throw Error(what_ + ": the library that reads it " + how + "; the file is damaged");
}

void ChildProcess::next_chunk() {
  uint32_t length = 0;
  if (!read_fully(&length, sizeof length)) fail_for_its_end();
  if (length == kFailure) {
    uint32_t size = 0;
    if (!read_fully(&size, sizeof size) || size > kLongestChunk) fail_for_its_end();
    std::string text(size, '\0');
    if (!read_fully(text.data(), size)) fail_for_its_end();
    throw Error(text);
  }
  if (length > kLongestChunk) fail_for_its_end();
  left_ = length;
  ended_ = length == 0;
}

void ChildProcess::wait_for_output() {
  if (left_ == 0 && !ended_) next_chunk();
}

void ChildProcess::read(void* out, size_t size) {
  auto* to = static_cast<uint8_t*>(out);
  while (size > 0) {
    wait_for_output();
    if (ended_) fail_for_its_end();
    const size_t part = std::min(size, left_);
    if (!read_fully(to, part)) fail_for_its_end();
    to += part;
    size -= part;
    left_ -= part;
  }
}

void ChildProcess::finish() {
  wait_for_output();
  if (!ended_) throw Error(what_ + ": holds more data than it says; the file is damaged");
}

}  // namespace augur::checkpoint
