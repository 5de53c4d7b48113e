// augur-rank's line of progress: on a terminal alone.
#include "augur-rank/progress.h"
#include "support/commands.h"

namespace augur::tools_test {
namespace {

// The line appears after a second.
Result rank_slowly(const std::string& model, const std::string& rest, bool on_terminal) {
  return run_with_pause(AUGUR_RANK_PROGRAM, {model, "--requests", "-"}, kThreeRequests, rest,
                        on_terminal);
}

TEST_CASE("on a terminal, a line says how far it is, and is gone at the end") {
  const Workplace place;
  const Result result = rank_slowly(place.model, kThreeRequests, true);
  REQUIRE_MESSAGE(result.status == 0, result.err);
  CHECK(contains(result.err, "\r4 requests  "));
  CHECK(contains(result.err, "/s\x1b[K"));
  CHECK_FALSE(contains(result.err, "%"));  // nobody knows how long a pipe's content is
  const std::string cleared = "\r\x1b[K";
  REQUIRE(result.err.size() > cleared.size());
  CHECK(result.err.substr(result.err.size() - cleared.size()) == cleared);
  const Result quick =
      augur_rank({place.model, "--requests", "-"}, kThreeRequests + kThreeRequests);
  CHECK(result.out == quick.out);
}

TEST_CASE("where nobody watches, nothing is shown") {
  const Workplace place;
  const Result result = rank_slowly(place.model, kThreeRequests, false);
  CHECK(result.status == 0);
  CHECK(result.err.empty());
}

TEST_CASE("an error stands where the line was") {
  const Workplace place;
  const Result result = rank_slowly(place.model, kThreeRequests + "{}\n", true);
  CHECK(result.status == 1);
  CHECK(contains(result.err, "/s\x1b[K"));
  CHECK(contains(result.err, "\x1b[K\r\x1b[Kaugur-rank: "));
}

TEST_CASE("of a file, the line says how much is done and how long the rest takes") {
  bench::Progress progress(false, 1000);
  CHECK(progress.line(0) == "[....................] 0%  0 requests");
  progress.add(10);
  CHECK(progress.line(1) == "[....................] 1%  1 request  1/s  1:39 left");
  for (int i = 1; i < 1234; ++i)
    progress.add(0);
  progress.add(490);
  CHECK(progress.line(0.5) == "[##########..........] 50%  1,235 requests  2,470/s  0:01 left");
  CHECK(progress.line(7200) == "[##########..........] 50%  1,235 requests  0/s  2:00:00 left");
  progress.add(5000);  // the file has grown
  CHECK(progress.line(1) == "[####################] 100%  1,236 requests  1,236/s  0:00 left");
}

TEST_CASE("without a size, the line says how many") {
  bench::Progress progress(false, 0);
  progress.add(10);
  CHECK(progress.line(2) == "1 request  0/s");
}

}  // namespace
}  // namespace augur::tools_test
