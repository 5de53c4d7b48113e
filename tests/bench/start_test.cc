// How long it takes from a file to the first answer, measured by augur-bench, a fresh process each
// time: open + create, and the first ranking beside the same work later. The smallest of several
// runs is used, because other programs may use the machine. If the code is not optimised, is
// instrumented or is emulated, only its working is tested.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/commands.h"

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

constexpr double kOpenAndCreateMicroseconds = 2000;
constexpr double kFirstOverSteady = 2;
constexpr int kRuns = 12;

bool timed() {
#if !defined(NDEBUG) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return std::getenv("AUGUR_EMULATED") == nullptr;
#endif
}

// The least of what every run found.
struct Least {
  double value = std::numeric_limits<double>::infinity();
  void add(double found) { value = std::min(value, found); }
};

}  // namespace

TEST_CASE("a model of 3 MB opens in 2 ms, and its first ranking takes twice the usual at most") {
  DienSize size;
  size.items = 40000;
  size.item_width = size.category_width = 18;
  size.units = 36;
  size.history = 50;
  size.head_units = 200;
  const TempFolder folder;
  const std::vector<uint8_t> file = packed(*dien(size));
  REQUIRE(file.size() > 3000000);
  const std::string model = folder.write("model.augur", file);

  Least open_and_create;  // in a warm process
  Least first[2];         // over the same work later
  Least fresh_open;       // open + create, first calls of a process
  Least fresh_first;      // its first ranking over the same work later
  const int runs = timed() ? kRuns : 1;
  for (int run = 0; run < runs; ++run) {
    const Result result = augur_bench(
        {model, "--candidates", "1,100", "--history", "50", "--seconds", "0", "--json"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const Json json = Json::parse(result.out)["runs"][0];
    const auto number = [](const Json& from, const char* name) { return from[name].get<double>(); };
    open_and_create.add(number(json, "open_us") + number(json, "create_us"));
    for (size_t i = 0; i < 2; ++i) {
      const Json& one = json["cases"][i];
      first[i].add(number(one, "first_rank_us") / number(one, "new_user_rank_us"));
    }
    const Json& fresh = json["first_of_process"];
    fresh_open.add(number(fresh, "open_us") + number(fresh, "create_us"));
    fresh_first.add(number(fresh, "rank_us") / number(json["cases"][0], "new_user_rank_us"));
  }
  MESSAGE("open + create ", open_and_create.value, " µs, first calls of a process ",
          fresh_open.value, " µs; first ranking over the same later: ", first[0].value,
          " (1 candidate), ", first[1].value, " (100), first of a process ", fresh_first.value);
  if (!timed()) return;
  CHECK(open_and_create.value <= kOpenAndCreateMicroseconds);
  CHECK(fresh_open.value <= kOpenAndCreateMicroseconds);
  CHECK(first[0].value <= kFirstOverSteady);
  CHECK(first[1].value <= kFirstOverSteady);
  CHECK(fresh_first.value <= kFirstOverSteady);
}

}  // namespace augur::tools_test
