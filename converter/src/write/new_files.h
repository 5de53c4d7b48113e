// The names of the new files of this process, which a signal removes.
#pragma once

#include <csignal>
#include <string>

namespace augur {

// Holds back SIGINT, SIGTERM and SIGHUP while it lives.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

// From now on these signals remove the file before they end the process, unless the process ignores
// them or handles them itself. To be called with the signals held.
void add_new_file(const std::string& path);
// It is in its place, or gone.
void forget_new_file(const std::string& path);

}  // namespace augur
