// A bar on a terminal; see progress.h.
#include "validate/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace augur::convert {
namespace {

constexpr int kWidth = 40;

}  // namespace

Progress::Progress(std::string title)
    : title_(std::move(title)),
      shown_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(double share) {
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!shown_ || percent == percent_ || std::chrono::steady_clock::now() < start_) return;
  percent_ = percent;
  drawn_ = true;
  const int filled = percent * kWidth / 100;
  std::fprintf(stderr, "\r%s [%s%s] %3d%%", title_.c_str(),
               std::string(static_cast<size_t>(filled), '#').c_str(),
               std::string(static_cast<size_t>(kWidth - filled), '.').c_str(), percent);
  std::fflush(stderr);
}

}  // namespace augur::convert
