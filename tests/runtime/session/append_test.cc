// Steps that a session caches while its history grows and drops old events: rankings after appends
// must equal those of a session that got the whole history at once.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "augur/augur.h"
#include "suites/model.h"

namespace augur::test {
namespace {

constexpr std::uint32_t kWindow = 11;
constexpr std::size_t kCandidates = 7;

augur_column column(const char* name, const std::vector<std::int64_t>& ids, std::size_t first,
                    std::size_t count) {
  return {sizeof(augur_column), name, ids.data() + first, nullptr, nullptr, count, nullptr, 0, 0};
}

class Session {
 public:
  explicit Session(const augur_model* model) {
    REQUIRE(augur_session_create(model, nullptr, nullptr, 0, &session_, nullptr) == AUGUR_OK);
  }
  ~Session() { augur_session_destroy(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void append(const std::vector<std::int64_t>& ids, std::size_t first, std::size_t count) {
    const augur_column columns[] = {column("item", ids, first, count),
                                    column("category", ids, first, count)};
    REQUIRE(augur_session_append(session_, nullptr, columns, 2, count) == AUGUR_OK);
  }
  void set(const std::vector<std::int64_t>& ids, std::size_t first, std::size_t count) {
    const augur_column columns[] = {column("item", ids, first, count),
                                    column("category", ids, first, count)};
    REQUIRE(augur_session_set_history(session_, nullptr, columns, 2, count) == AUGUR_OK);
  }
  std::vector<float> rank(const std::vector<std::int64_t>& ids) {
    const augur_column columns[] = {column("item", ids, 0, kCandidates),
                                    column("category", ids, 0, kCandidates)};
    std::vector<float> logits(kCandidates);
    REQUIRE(augur_rank(session_, columns, 2, kCandidates, nullptr, logits.data()) == AUGUR_OK);
    return logits;
  }

 private:
  augur_session* session_ = nullptr;
};

void check_equal(const std::vector<float>& found, const std::vector<float>& expected) {
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(std::fabs(found[i] - expected[i]) <= 1e-6f * std::fmax(1.0f, std::fabs(expected[i])));
}

TEST_CASE(
    "appending events, with or without rankings in between, equals setting the whole history") {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < 60; ++i)
    ids.push_back(1 + i * 17 % 49);
  for (const bench::AttentionShape attention :
       {bench::AttentionShape::kBilinear, bench::AttentionShape::kMlp}) {
    for (const bool reset_before : {false, true}) {
      const std::vector<std::uint8_t> file =
          bench::random_model({attention, 8, kWindow, reset_before, false});
      augur_model* model = nullptr;
      REQUIRE(augur_model_open_buffer(file.data(), file.size(), nullptr, &model, nullptr) ==
              AUGUR_OK);
      {
        Session growing(model);
        Session whole(model);
        std::size_t events = 0;
        // Singly, several at once, without ranking in between, more than the window holds; past the
        // limit.
        for (const std::size_t count :
             std::initializer_list<std::size_t>{1, 1, 3, 1, 0, 4, 1, 1, 1, 2, 1, 12, 1, 11, 1, 1}) {
          growing.append(ids, events, count);
          events += count;
          CAPTURE(events);
          CAPTURE(count);
          const std::size_t kept = events < kWindow ? events : kWindow;
          whole.set(ids, events - kept, kept);
          const std::vector<float> expected = whole.rank(ids);
          check_equal(growing.rank(ids), expected);
          check_equal(growing.rank(ids), expected);  // nothing new
          if (events == 5 || events == 18) {
            growing.append(ids, events, 1);
            events += 1;
          }
        }
        // Setting a history replaces all of the old one.
        growing.set(ids, 3, 4);
        whole.set(ids, 3, 4);
        check_equal(growing.rank(ids), whole.rank(ids));
      }
      augur_model_close(model);
    }
  }
}

}  // namespace
}  // namespace augur::test
