// Work that may crash, done in a child process whose output is streamed back.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>

namespace augur::checkpoint {

class ChildProcess {
 public:
  using Write = std::function<void(const void* bytes, size_t size)>;

  // Starts `work`, which writes its output with the function that it is given. `what` begins the
  // messages: "w.h5". Errors that the work throws are thrown by read() and finish().
  ChildProcess(std::string what, const std::function<void(const Write&)>& work);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits until there is output. An error of the work's before that is thrown here.
  void wait_for_output();
  // Exactly the next `size` bytes of the output.
  void read(void* out, size_t size);
  // Makes sure that the output ends here and that the work succeeded.
  void finish();

 private:
  void next_chunk();
  bool read_fully(void* out, size_t size);
  [[noreturn]] void fail_for_its_end();
  int wait_for_end();

  std::string what_;
  pid_t child_ = -1;
  int output_ = -1;
  size_t left_ = 0;     // of the current chunk
  bool ended_ = false;  // the end's mark has been read
};

}  // namespace augur::checkpoint
