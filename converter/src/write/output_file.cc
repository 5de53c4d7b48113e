// Files that are there whole or not at all; see output_file.h.
#include "write/output_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>

#include "error.h"

namespace augur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kRandomBytes = 6;  // of mkstemp's names
constexpr char kNewMark[] = ".new-";
constexpr char kOldMark[] = ".old-";

std::string folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// Where the bytes go: a link's target.
std::string resolved(const std::string& path) {
  std::error_code code;
  if (!fs::is_symlink(path, code)) return path;
  const fs::path target = fs::weakly_canonical(path, code);
  if (code) throw Error(path + ": a link that leads nowhere: " + code.message());
  return target.string();
}

bool is_standard_output(const std::string& path) {
  struct stat out = {};
  struct stat file = {};
  return fstat(STDOUT_FILENO, &out) == 0 && stat(path.c_str(), &file) == 0 &&
         out.st_dev == file.st_dev && out.st_ino == file.st_ino;
}

bool is_special(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// Writes the folder to the disk, so that the rename lasts. A file system that cannot do this is no
// reason to fail.
void sync_folder(const std::string& path) {
  const int folder = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

constexpr std::array<int, 7> kSignals = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                         SIGALRM, SIGXCPU, SIGXFSZ};
constexpr size_t kMostFiles = 64;  // a run with more of them leaves the rest behind

// The names of the new files of this process, which a signal removes. A handler may only read
// memory that does not move: a table of a fixed size.
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

// Called for each file: other code that handled a signal before may have stopped by now.
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

// The signals that end the process are held back while it lives.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int number : kSignals)
      sigaddset(&held, number);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

// From now on a signal removes the file before it ends the process, unless the process ignores the
// signal or handles it itself. To be called with the signals held.
void add_new_file(const std::string& path) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  install();
  for (Name& name : *g_names) {
    if (name.text[0] != '\0' || path.size() >= sizeof name.text) continue;
    std::memcpy(name.text, path.c_str(), path.size() + 1);
    return;
  }
}

// The file is in its place, or gone.
void forget_new_file(const std::string& path) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  for (Name& name : *g_names) {
    if (path == name.text) name.text[0] = '\0';
  }
}

}  // namespace

void check_writable(const std::string& name) {
  if (name.empty()) throw Error("the output's file name is empty");
  const std::string path = resolved(name);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw Error(path + ": is a folder, not a file");
  if (is_special(name) || is_special(path)) {
    throw Error(name + ": is a pipe or a device; a regular file or a new name is needed");
  }
  if (is_standard_output(path)) {
    throw Error(name + ": is where the standard output goes; choose another name");
  }
  const std::string folder = folder_of(path);
  if (!fs::exists(folder, ignored)) {
    throw Error(path + ": the folder " + folder + " does not exist");
  }
  if (!fs::is_directory(folder, ignored)) throw Error(path + ": " + folder + " is not a folder");
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(path + ": the folder " + folder + " cannot be written to: " + std::strerror(errno));
  }
}

OutputFile::OutputFile(const std::string& path, OutputTo to) : path_(path) {
  if (to == OutputTo::kFile) {
    check_writable(path);
  } else if (path.empty() || is_standard_output(path)) {
    path_ = "standard output";
    file_ = stdout;
    return;
  } else if (is_special(path)) {
    file_ = std::fopen(path.c_str(), "we");
    if (file_ == nullptr) fail("cannot be opened for writing");
    return;
  }
  path_ = resolved(path);
  std::error_code ignored;
  if (fs::is_directory(path_, ignored)) throw Error(path_ + ": is a folder, not a file");
  open_new();
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      new_path_(std::exchange(other.new_path_, "")),
      old_path_(std::exchange(other.old_path_, "")),
      file_(std::exchange(other.file_, nullptr)) {}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (new_path_.empty()) return;
  unlink(new_path_.c_str());
  forget_new_file(new_path_);
}

void OutputFile::open_new() {
  const SignalsHeld held;
  std::string name = path_ + kNewMark + "XXXXXX";
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) fail("a new file cannot be made beside it");
  new_path_ = name;
  add_new_file(new_path_);
  // Tells other runs that this one is at work; see left_behind().
  flock(descriptor, LOCK_EX | LOCK_NB);
  // mkstemp lets the owner alone read the file; an output has the usual permissions.
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, 0666 & ~mask);
  file_ = fdopen(descriptor, "w");
  if (file_ != nullptr) return;
  const int reason = errno;
  ::close(descriptor);
  unlink(new_path_.c_str());
  forget_new_file(new_path_);
  errno = reason;
  fail("cannot be opened for writing");
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail("cannot be written");
}

void OutputFile::flush() {
  if (std::fflush(file_) != 0) fail("cannot be written");
}

void OutputFile::sync() {
  flush();
  if (!new_path_.empty() && fsync(fileno(file_)) != 0) fail("cannot be flushed to the disk");
}

void OutputFile::replace() {
  if (std::rename(new_path_.c_str(), path_.c_str()) != 0) fail("cannot be put into its place");
  forget_new_file(new_path_);
  new_path_.clear();
}

void OutputFile::close() {
  std::FILE* closing = std::exchange(file_, nullptr);
  if (closing != stdout && std::fclose(closing) != 0) fail("cannot be written");
}

void OutputFile::finish() {
  sync();
  if (!new_path_.empty()) {
    const SignalsHeld held;
    replace();
    sync_folder(path_);
  }
  close();
}

void OutputFile::keep_old() {
  std::error_code ignored;
  if (!fs::exists(path_, ignored)) return;
  std::string name = new_path_;
  name.replace(name.size() - kRandomBytes - std::strlen(kNewMark), std::strlen(kNewMark), kOldMark);
  // Without hard links the old file moves out of the way, and is missing for an instant.
  if (link(path_.c_str(), name.c_str()) != 0 && std::rename(path_.c_str(), name.c_str()) != 0) {
    fail("the file that is there cannot be kept for the case of a failure");
  }
  old_path_ = name;
}

std::string OutputFile::restore_old() {
  if (old_path_.empty()) {
    if (new_path_.empty()) unlink(path_.c_str());
    return "";
  }
  const std::string old = std::exchange(old_path_, "");
  if (std::rename(old.c_str(), path_.c_str()) != 0) {
    return "; what stood at " + path_ + " could not be put back (" + std::strerror(errno) +
           ") and is " + old + " now: move it back";
  }
  // Two names of one file are left as they are by a rename.
  unlink(old.c_str());
  return "";
}

void OutputFile::drop_old() {
  if (!old_path_.empty()) unlink(old_path_.c_str());
  old_path_.clear();
}

void OutputFile::fail(const char* what) const {
  throw Error(path_ + ": " + what + ": " + std::strerror(errno));
}

void finish_together(std::vector<OutputFile>& files) {
  for (OutputFile& file : files)
    file.sync();
  const SignalsHeld held;
  size_t kept = 0;
  const auto restore = [&files, &kept] {
    std::string lost;
    for (size_t i = 0; i < kept; ++i)
      lost += files[i].restore_old();
    return lost;
  };
  try {
    for (OutputFile& file : files) {
      ++kept;
      if (&file != &files.back()) file.keep_old();
    }
    for (OutputFile& file : files)
      file.replace();
  } catch (const Error& error) {
    throw Error(error.what() + restore());
  } catch (...) {
    restore();
    throw;
  }
  for (OutputFile& file : files) {
    sync_folder(file.path_);
    file.drop_old();
    file.close();
  }
}

std::vector<std::string> left_behind(const std::string& name) {
  std::vector<std::string> found;
  const std::string path = resolved(name);
  const std::string stem = fs::path(path).filename().string();
  std::error_code failure;
  for (fs::directory_iterator entry(folder_of(path), failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string file = entry->path().filename().string();
    if (file.size() != stem.size() + std::strlen(kNewMark) + kRandomBytes) continue;
    const bool is_new = file.compare(0, stem.size() + 5, stem + kNewMark) == 0;
    const bool is_old = file.compare(0, stem.size() + 5, stem + kOldMark) == 0;
    if (!is_new && !is_old) continue;
    const int descriptor = ::open(entry->path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) continue;
    const bool at_work = flock(descriptor, LOCK_EX | LOCK_NB) != 0;
    ::close(descriptor);
    if (!at_work) found.push_back(entry->path().string());
  }
  return found;
}

}  // namespace augur
