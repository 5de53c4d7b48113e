// A line on the terminal that says how far augur-rank is; see progress.h.
#include "augur-rank/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace augur::bench {
namespace {

constexpr size_t kWidth = 20;
constexpr std::chrono::milliseconds kPause(100);

// 1,234,567
std::string grouped(double value) {
  std::string text = std::to_string(static_cast<unsigned long long>(value));
  for (size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, ",");
  return text;
}

// 1:05, or 2:03:04
std::string duration(double seconds) {
  const auto whole = static_cast<unsigned long long>(std::lround(seconds));
  char text[40];
  if (whole < 3600) {
    std::snprintf(text, sizeof text, "%llu:%02llu", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60,
                  whole % 60);
  }
  return text;
}

}  // namespace

Progress::Progress(bool shown, size_t bytes) : shown_(shown), all_bytes_(bytes) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::add(size_t bytes) {
  bytes_ += bytes;
  ++requests_;
}

void Progress::draw() {
  if (!shown_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kPause;
  drawn_ = true;
  const std::chrono::duration<double> elapsed = now - begin_;
  std::fprintf(stderr, "\r%s\x1b[K", line(elapsed.count()).c_str());
  std::fflush(stderr);
}

std::string Progress::line(double seconds) const {
  std::string text;
  const double share =
      all_bytes_ == 0
          ? 0
          : std::min(1.0, static_cast<double>(bytes_) / static_cast<double>(all_bytes_));
  if (all_bytes_ > 0) {
    const auto filled = static_cast<size_t>(share * kWidth);
    text = "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] " +
           grouped(share * 100) + "%  ";
  }
  const auto requests = static_cast<double>(requests_);
  text += grouped(requests) + (requests_ == 1 ? " request" : " requests");
  if (seconds <= 0) return text;
  text += "  " + grouped(requests / seconds) + "/s";
  if (share > 0) text += "  " + duration(seconds * (1 - share) / share) + " left";
  return text;
}

}  // namespace augur::bench
