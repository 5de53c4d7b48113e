// Runs the built commands; see process.h.
#include "support/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

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
  std::vector<std::string> words = emulator();
  words.push_back(program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    redirect(STDIN_FILENO, in.c_str(), O_RDONLY);
    redirect(STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int state = 0;
  REQUIRE(waitpid(child, &state, 0) == child);
  Result result;
  result.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  result.out = read_file(out);
  result.err = read_file(err);
  return result;
}

}  // namespace augur::tools_test
