// Measures what a ranking costs on this x86-64 processor, function by function, in cycles.
// bench/arm/prove.py compares it with what bench/arm/estimate.py's method says of the same
// instructions.
//
//   augur-request-cycles ISA MODEL WIDTH T N TIMES          ranks so many times, for an emulator;
//   if TIMES is 0, once,
//                                                           stopping itself (SIGSTOP) before and
//                                                           after it, for step.c
//   augur-request-cycles ISA MODEL WIDTH T N TIMES SECONDS  prints the cycles of a ranking, and
//   where they went: a line
//                                                           "address samples" for each instruction
//                                                           that a timer found
//
// ISA is avx512, avx2 or sse2: the best instruction set that may be used.
#include <cpuinfo.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "suites/model.h"

namespace {

constexpr std::size_t kMaxSamples = std::size_t{1} << 20;
constexpr long kSampleNanoseconds =
    101'000;  // no multiple of what the machine does at regular times
std::uintptr_t samples[kMaxSamples];
volatile std::size_t sample_count = 0;

void take_sample(int, siginfo_t*, void* context) {
  const auto* where = static_cast<const ucontext_t*>(context);
  if (sample_count < kMaxSamples) {
    samples[sample_count] = static_cast<std::uintptr_t>(where->uc_mcontext.gregs[REG_RIP]);
    sample_count = sample_count + 1;
  }
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// A chain of additions that each need the one before: one a cycle. Returns cycles a second.
double clock_rate() {
  constexpr std::size_t kRounds = 2000;
  constexpr int kChain = 32;
  std::uintptr_t x = 0;
  std::uintptr_t one = 1;
  __asm__ volatile("" : "+r"(one));
  const double begin = now();
  for (std::size_t i = 0; i < kRounds; ++i) {
    for (int step = 0; step < kChain; ++step)
      __asm__ volatile("add %1, %0" : "+r"(x) : "r"(one));
  }
  return kChain * static_cast<double>(kRounds) / (now() - begin);
}

// Hides instruction sets from Augur and XNNPACK, which both ask cpuinfo.
void limit(const std::string& isa) {
  cpuinfo_initialize();
  if (isa == "avx512") return;
  cpuinfo_isa.avx512f = cpuinfo_isa.avx512bw = cpuinfo_isa.avx512vl = cpuinfo_isa.avx512vnni =
      false;
  cpuinfo_isa.avxvnni = cpuinfo_isa.avx512fp16 = cpuinfo_isa.avx512bf16 = false;
  if (isa == "avx2") return;
  cpuinfo_isa.avx = cpuinfo_isa.avx2 = cpuinfo_isa.fma3 = cpuinfo_isa.f16c = false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 && argc != 8) {
    std::fprintf(stderr,
                 "usage: augur-request-cycles avx512|avx2|sse2 "
                 "bilinear|bilinear_reset_before|mlp[_int8] WIDTH T N "
                 "TIMES [SECONDS]\n");
    return 2;
  }
  augur::bench::ModelShape shape;
  limit(argv[1]);
  const std::string model = argv[2];
  if (model.rfind("mlp", 0) == 0) shape.attention = augur::bench::AttentionShape::kMlp;
  shape.reset_before = model.find("_reset_before") != std::string::npos;
  shape.integers = model.find("_int8") != std::string::npos;
  shape.width = static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10));
  shape.history = static_cast<uint32_t>(std::strtoul(argv[4], nullptr, 10));
  augur::bench::RandomSession session(shape,
                                      static_cast<uint32_t>(std::strtoul(argv[5], nullptr, 10)));
  const unsigned long times = std::strtoul(argv[6], nullptr, 10);
  if (times == 0) {
    session.rank();
    std::raise(SIGSTOP);
    session.rank();
    std::raise(SIGSTOP);
    return 0;
  }
  for (unsigned long i = 0; i < times; ++i)
    session.rank();
  if (argc == 7) return 0;

  const double seconds = std::strtod(argv[7], nullptr);
  std::vector<double> cycles;
  std::vector<double> clocks;
  for (const double end = now() + seconds / 2; now() < end;) {
    const double before = clock_rate();
    const double begin = now();
    session.rank();
    const double time = now() - begin;
    const double after = clock_rate();
    // What interrupts one of them makes it slower.
    clocks.push_back(std::max(before, after));
    cycles.push_back(time * std::max(before, after));
  }
  std::sort(cycles.begin(), cycles.end());
  std::sort(clocks.begin(), clocks.end());
  std::printf("cycles %.0f %.0f\n", cycles[cycles.size() / 20], cycles[cycles.size() / 2]);
  std::printf("clock %.0f\n", clocks[clocks.size() / 2]);

  struct sigaction action = {};
  action.sa_sigaction = take_sample;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGPROF, &action, nullptr);
  timer_t timer;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  const itimerspec every = {{0, kSampleNanoseconds}, {0, kSampleNanoseconds}};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      timer_settime(timer, 0, &every, nullptr) != 0) {
    std::perror("timer");
    return 1;
  }
  for (const double end = now() + seconds / 2; now() < end;)
    session.rank();
  timer_delete(timer);
  std::sort(samples, samples + sample_count);
  for (std::size_t i = 0; i < sample_count;) {
    std::size_t j = i;
    while (j < sample_count && samples[j] == samples[i])
      ++j;
    std::printf("%zx %zu\n", samples[i], j - i);
    i = j;
  }
  return 0;
}
