// augur-rank's threads: what memory they keep.
#include "augur-rank/pipeline.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/open_model.h"
#include "support/commands.h"

namespace augur::tools_test {

TEST_CASE("a long request's memory is given back after it") {
  const Workplace place;
  const bench::OpenModel model(place.model);
  const bench::RankOptions options;
  const bench::Job job{options, model.get(), requests::declared_fields(model.get()), {}};
  std::vector<std::unique_ptr<bench::Worker>> workers;
  for (int i = 0; i < 2; ++i)
    workers.push_back(std::make_unique<bench::Worker>(job));

  const std::string line = kThreeRequests.substr(0, kThreeRequests.find('\n'));
  const std::string long_line = line + std::string(1 << 20, ' ');
  constexpr int kRequests = 4000;
  int read = 0;
  int written = 0;
  std::size_t kept = 0;  // the longest line that a task still had room for
  bench::Pipeline pipeline(
      [&](bench::Task& task) {
        kept = std::max(kept, task.line.capacity());
        if (read == kRequests) return false;
        task.line = read++ % 40 == 39 ? long_line : line;
        return true;
      },
      [&](const bench::Task&) { ++written; }, [] {});
  pipeline.run(workers);
  CHECK(written == kRequests);
  CHECK(kept < long_line.size());
}

}  // namespace augur::tools_test
