// Runs the built commands; see process.h.
#include "support/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "support/temp_folder.h"

namespace augur::tools_test {

using testing::read_file;
using testing::TempFolder;
namespace {

// AUGUR_EMULATOR: its words, with | between them; empty where programs run by themselves.
std::vector<std::string> emulator() {
  std::vector<std::string> words;
  std::istringstream text(AUGUR_EMULATOR);
  for (std::string word; std::getline(text, word, '|');)
    words.push_back(word);
  return words;
}

// What is executed, ready before the fork.
class Command {
 public:
  Command(const std::string& program, const std::vector<std::string>& arguments)
      : words_(emulator()) {
    words_.push_back(program);
    words_.insert(words_.end(), arguments.begin(), arguments.end());
    for (std::string& word : words_)
      argv_.push_back(word.data());
    argv_.push_back(nullptr);
  }
  [[noreturn]] void execute() {
    execvp(argv_[0], argv_.data());
    _exit(127);
  }

 private:
  std::vector<std::string> words_;
  std::vector<char*> argv_;
};

int status_of(pid_t child) {
  int state = 0;
  REQUIRE(waitpid(child, &state, 0) == child);
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

// The reader may have ended.
void write_all(int descriptor, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(descriptor, &text[written], text.size() - written);
    if (count < 0) return;
    written += static_cast<size_t>(count);
  }
}

void redirect(int descriptor, const char* path, int flags) {
  const int opened = open(path, flags, 0600);
  if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
}

}  // namespace

Result run(const std::string& program, const std::vector<std::string>& arguments,
           const std::string& standard_input) {
  const TempFolder folder;
  const std::string in = folder.write("in", standard_input);
  const std::string out = folder.path("out");
  const std::string err = folder.path("err");
  Command command(program, arguments);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    redirect(STDIN_FILENO, in.c_str(), O_RDONLY);
    redirect(STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    command.execute();
  }
  Result result;
  result.status = status_of(child);
  result.out = read_file(out);
  result.err = read_file(err);
  return result;
}

Result run_with_pause(const std::string& program, const std::vector<std::string>& arguments,
                      const std::string& first, const std::string& rest, bool on_terminal) {
  const TempFolder folder;
  const std::string out = folder.write("out", "");
  Command command(program, arguments);
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(terminal >= 0);
  REQUIRE(grantpt(terminal) == 0);
  REQUIRE(unlockpt(terminal) == 0);
  const std::string err = on_terminal ? ptsname(terminal) : folder.write("err", "");
  int in[2];
  REQUIRE(pipe(in) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(in[0], STDIN_FILENO);
    close(in[0]);
    close(in[1]);
    close(terminal);
    redirect(STDOUT_FILENO, out.c_str(), O_WRONLY | O_TRUNC);
    redirect(STDERR_FILENO, err.c_str(), O_WRONLY | O_NOCTTY);
    command.execute();
  }
  close(in[0]);
  write_all(in[1], first);
  for (int i = 0; i < 6000 && read_file(out).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  write_all(in[1], rest);
  close(in[1]);
  Result result;
  result.status = status_of(child);
  result.out = read_file(out);
  if (on_terminal) {
    // It holds what was written until it is read. At the end it is an error to read on.
    char bytes[512];
    for (ssize_t count = 0; (count = read(terminal, bytes, sizeof bytes)) > 0;)
      result.err.append(bytes, static_cast<size_t>(count));
  } else {
    result.err = read_file(err);
  }
  close(terminal);
  return result;
}

}  // namespace augur::tools_test
