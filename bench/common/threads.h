// Runs work on several threads; the system may refuse to start some of them.
#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "error.h"

namespace augur::bench {

// Calls work(0) on this thread and work(i), 0 < i < count, on a new thread each. If the system
// refuses a thread, give_up(n) is called, where n is how many calls of work() are not made
// (work(0) is one of them); give_up must make the running ones return. Then Error is thrown with a
// message that begins with `option`.
template <typename Work, typename GiveUp>
void run_on_threads(const std::string& option, size_t count, const Work& work,
                    const GiveUp& give_up) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  std::string refused;
  try {
    for (size_t i = 1; i < count; ++i)
      threads.emplace_back(work, i);
  } catch (const std::system_error& error) {
    refused = error.what();
  } catch (const std::bad_alloc&) {  // of what a new thread is told
    refused = "not enough memory";
  }
  const size_t running = threads.size();
  if (refused.empty()) {
    work(0);
  } else {
    give_up(count - running);
  }
  for (std::thread& thread : threads)
    thread.join();
  if (refused.empty()) return;
  throw Error(option + " " + std::to_string(count) + ": the system refuses the threads after " +
              std::to_string(running + 1) + " (" + refused + "); give fewer");
}

}  // namespace augur::bench
