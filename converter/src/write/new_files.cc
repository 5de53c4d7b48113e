// A handler may only read memory that does not move: a table of a fixed size. See new_files.h.
#include "write/new_files.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstring>
#include <mutex>

namespace augur {
namespace {

constexpr std::array<int, 7> kSignals = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                         SIGALRM, SIGXCPU, SIGXFSZ};
constexpr size_t kMostFiles = 64;  // a run with more of them leaves the rest behind

struct Name {
  char text[PATH_MAX];
};
std::array<Name, kMostFiles>& names() {
  static std::array<Name, kMostFiles> table = {};
  return table;
}
std::array<Name, kMostFiles>* g_names = nullptr;
std::mutex g_mutex;

void remove_and_end(int number) {
  for (const Name& name : *g_names) {
    if (name.text[0] != '\0') unlink(name.text);
  }
  // SA_RESETHAND has put the default back.
  raise(number);
}

// Again for each file: whoever handled a signal meanwhile may have stopped.
void install() {
  g_names = &names();
  for (const int number : kSignals) {
    struct sigaction before = {};
    if (sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction action = {};
    action.sa_handler = remove_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

}  // namespace

SignalsHeld::SignalsHeld() {
  sigset_t held;
  sigemptyset(&held);
  for (const int number : kSignals)
    sigaddset(&held, number);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalsHeld::~SignalsHeld() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void add_new_file(const std::string& path) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  install();
  for (Name& name : *g_names) {
    if (name.text[0] != '\0' || path.size() >= sizeof name.text) continue;
    std::memcpy(name.text, path.c_str(), path.size() + 1);
    return;
  }
}

void forget_new_file(const std::string& path) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  for (Name& name : *g_names) {
    if (path == name.text) name.text[0] = '\0';
  }
}

}  // namespace augur
