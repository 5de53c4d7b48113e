// Work in a child process: its output, its errors, its crashes.
#include "checkpoint/child_process.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "converter/checkpoint/bytes.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

TEST_CASE("child process: output of many pieces comes in order and ends") {
  std::vector<uint32_t> numbers(1000000);
  std::iota(numbers.begin(), numbers.end(), 0u);
  ChildProcess child("w", [&](const ChildProcess::Write& write) {
    write(numbers.data(), 12);
    write(nullptr, 0);
    write(numbers.data() + 3, 4 * (numbers.size() - 3));
  });
  std::vector<uint32_t> out(numbers.size());
  child.wait_for_output();
  child.read(out.data(), 40);
  child.read(out.data() + 10, 4 * (out.size() - 10));
  child.finish();
  CHECK(out == numbers);
  CHECK_REFUSED(child.read(out.data(), 1), "w: the library that reads it ended too early");
}

TEST_CASE("child process: an error of the work is thrown when its output is read") {
  const auto work = [](const ChildProcess::Write& write) {
    write("ab", 2);
    throw augur::Error("w: no more");
  };
  char out[2];
  ChildProcess child("w", work);
  child.read(out, 2);
  CHECK_REFUSED(child.finish(), "w: no more");
  ChildProcess early("w", [](const ChildProcess::Write&) { throw augur::Error("w: nothing"); });
  CHECK_REFUSED(early.wait_for_output(), "w: nothing");
}

TEST_CASE("child process: a crash is an error, and so is an end without output") {
  char out[4];
  ChildProcess crashing("w", [](const ChildProcess::Write& write) {
    write("ab", 2);
    raise(SIGSEGV);
  });
  CHECK_REFUSED(crashing.read(out, 4), "w: the library that reads it crashed: Segmentation fault");
  ChildProcess leaving("w", [](const ChildProcess::Write&) { _exit(0); });
  CHECK_REFUSED(leaving.read(out, 1), "w: the library that reads it ended too early");
}

TEST_CASE("child process: more output than is wanted is refused or left behind") {
  const auto work = [](const ChildProcess::Write& write) {
    const std::vector<char> many(1 << 22);
    write(many.data(), many.size());
  };
  char out[3];
  ChildProcess child("w", work);
  child.read(out, 3);
  CHECK_REFUSED(child.finish(), "w: holds more data than it says");
  ChildProcess left("w", work);  // its destructor ends it
}
