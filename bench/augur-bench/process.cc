// augur-bench's own process; see process.h.
#include "augur-bench/process.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "commands/command_line.h"
#include "error.h"
#include "kernels/isa.h"

#if defined(__linux__)
#include <sched.h>
#include <unistd.h>
#endif
#if defined(__APPLE__)
#include <mach/mach.h>
#endif

namespace augur::bench {
namespace {

constexpr unsigned kMostCores = 1024;

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError("--cores: expected numbers and ranges below " + std::to_string(kMostCores) +
                   ", such as 0,4-7; came " + augur::quoted(text));
}

// Reads a number at `at` and moves `at` behind it.
unsigned read_core(const std::string& text, size_t& at) {
  const size_t begin = at;
  unsigned core = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    core = 10 * core + static_cast<unsigned>(text[at] - '0');
    if (core >= kMostCores) refuse(text);
  }
  if (at == begin) refuse(text);
  return core;
}

#if defined(__linux__)
std::string cores_text(const std::vector<unsigned>& cores) {
  std::string text;
  for (const unsigned core : cores)
    text += (text.empty() ? "" : ",") + std::to_string(core);
  return text;
}

std::vector<unsigned> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (unsigned core = 0; core < kMostCores; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}
#endif

}  // namespace

std::vector<unsigned> parse_cores(const std::string& text) {
  std::vector<unsigned> cores;
  size_t at = 0;
  while (true) {
    const unsigned first = read_core(text, at);
    unsigned last = first;
    if (at < text.size() && text[at] == '-') last = read_core(text, ++at);
    if (last < first) refuse(text);
    for (unsigned core = first; core <= last; ++core)
      cores.push_back(core);
    if (at == text.size()) break;
    if (text[at++] != ',') refuse(text);
  }
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  return cores;
}

#if defined(__linux__)

void bind_to_cores(const std::vector<unsigned>& cores) {
  const std::vector<unsigned> before = allowed_cores();
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned core : cores)
    CPU_SET(core, &set);
  const int failed = sched_setaffinity(0, sizeof set, &set);
  const std::string reason = failed == 0 ? "" : std::string(" (") + std::strerror(errno) + ")";
  if (failed == 0 && allowed_cores() == cores) return;
  throw Error("--cores " + cores_text(cores) + ": the system does not give these cores" + reason +
              "; this process may use " + cores_text(before) +
              ". Cores may be switched off, or kept for other apps");
}

std::optional<size_t> resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return std::nullopt;
  unsigned long long all = 0;
  unsigned long long resident = 0;
  const int found = std::fscanf(file, "%llu %llu", &all, &resident);
  std::fclose(file);
  if (found != 2) return std::nullopt;
  return static_cast<size_t>(resident) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

#else

void bind_to_cores(const std::vector<unsigned>&) {
  throw Error("--cores: this system lets no program choose its cores; leave the option out");
}

std::optional<size_t> resident_bytes() {
#if defined(__APPLE__)
  mach_task_basic_info info = {};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info),
                &count) == KERN_SUCCESS) {
    return static_cast<size_t>(info.resident_size);
  }
#endif
  return std::nullopt;
}

#endif

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  while (const char* name = augur_internal_isa(static_cast<unsigned>(names.size())))
    names.push_back(name);
  return names;
}

void use_isa(const std::string& name) {
  if (augur_internal_use_isa(name.c_str()) != 0) return;
  std::string all;
  for (const std::string& one : isa_names())
    all += (all.empty() ? "" : ", ") + one;
  throw UsageError("--isa: " + augur::quoted(name) + " cannot run here; there are: " + all);
}

std::string isa_in_use() {
  return augur_internal_isa_in_use();
}

std::string system_name() {
#if defined(__ANDROID__)
  return "Android";
#elif defined(__APPLE__)
  return "Darwin";
#elif defined(__linux__)
  return "Linux";
#else
  return "other";
#endif
}

std::string abi_name() {
#if defined(__aarch64__)
  return "arm64-v8a";
#elif defined(__arm__)
  return "armeabi-v7a";
#elif defined(__x86_64__)
  return "x86_64";
#else
  return "other";
#endif
}

}  // namespace augur::bench
