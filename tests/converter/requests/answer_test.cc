// Answers: their JSON line, the best of them, comparison; and the area under the curve.
#include "requests/answer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "error.h"
#include "requests/measures.h"

namespace augur::requests {
namespace {

std::string json_line(const Answer& answer) {
  std::string text;
  append_json_line(answer, text);
  return text;
}

TEST_CASE("an answer is one line of JSON") {
  Answer answer;
  answer.id = "r \"1\"\n";
  answer.scores = {0.41f, 0.07f};
  answer.logits = {-0.36f, 2.0f};
  CHECK(json_line(answer) ==
        "{\"id\": \"r \\\"1\\\"\\n\", \"scores\": [0.41, 0.07], \"logits\": [-0.36, 2]}\n");
  answer.attention.push_back({"clicks", {{0.25f, 0.75f}, {}}});
  const auto json = nlohmann::json::parse(json_line(answer));
  CHECK(json["attention"]["clicks"][0][1] == 0.75);
  CHECK(json["attention"]["clicks"][1].empty());
  answer.logits[1] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(json_line(answer), Error);
}

TEST_CASE("an unusable candidate has null and a reason, and is not among the best") {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  Answer answer;
  answer.id = "r";
  answer.scores = {0.5f, kNone, 0.25f};
  answer.logits = {0, kNone, -1};
  answer.attention.push_back({"clicks", {{1}, {}, {}}});
  CHECK_THROWS_AS(json_line(answer), Error);  // why there is no score is not said
  answer.statuses = {AUGUR_OK, AUGUR_OUT_OF_RANGE, AUGUR_OK};
  CHECK(json_line(answer) ==
        "{\"id\": \"r\", \"scores\": [0.5, null, 0.25], \"logits\": [0, null, -1], "
        "\"statuses\": [\"ok\", \"out of range\", \"ok\"], "
        "\"attention\": {\"clicks\": [[1], null, []]}}\n");
  answer.attention.clear();
  keep_best(answer, 3);
  CHECK(json_line(answer) ==
        "{\"id\": \"r\", \"indices\": [0, 2], \"scores\": [0.5, 0.25], \"logits\": [0, -1]}\n");
}

TEST_CASE("numbers read back as the same float") {
  Answer answer;
  uint32_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    state = state * 1664525u + 1013904223u;
    const float mantissa = static_cast<float>(state >> 8) - 8e6f;
    answer.logits.push_back(std::ldexp(mantissa, static_cast<int>(state % 120) - 80));
  }
  answer.logits.push_back(std::numeric_limits<float>::denorm_min());
  answer.logits.push_back(std::numeric_limits<float>::max());
  const auto json = nlohmann::json::parse(json_line(answer));
  for (size_t i = 0; i < answer.logits.size(); ++i) {
    CHECK(json["logits"][i].get<float>() == answer.logits[i]);
  }
}

TEST_CASE("the best come first, and ties go to the lower index") {
  Answer answer;
  answer.logits = {1, 3, 2, 3, -1};
  answer.scores = {0.1f, 0.3f, 0.2f, 0.3f, 0};
  SUBCASE("three of five") {
    keep_best(answer, 3);
    CHECK(answer.indices == std::vector<size_t>{1, 3, 2});
    CHECK(answer.logits == std::vector<float>{3, 3, 2});
    CHECK(answer.scores == std::vector<float>{0.3f, 0.3f, 0.2f});
    CHECK(json_line(answer) ==
          "{\"id\": \"\", \"indices\": [1, 3, 2], \"scores\": [0.3, 0.3, 0.2], \"logits\": [3, 3, "
          "2]}\n");
  }
  SUBCASE("what is not a number comes last, in its order") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    answer.logits = {nan, 1, nan, 3, nan};
    keep_best(answer, 4);
    CHECK(answer.indices == std::vector<size_t>{3, 1, 0, 2});
  }
  SUBCASE("more than there are") {
    keep_best(answer, 9);
    CHECK(answer.indices == std::vector<size_t>{1, 3, 2, 0, 4});
  }
}

TEST_CASE("differences are relative for large logits, and the largest is kept") {
  Answer answer;
  answer.scores = {0.5f, 0.5f};
  answer.logits = {0.5f, 101.0f};
  Expected expected;
  expected.where = "e:1";
  expected.logits = {0.25, 100};
  Differences differences;
  compare(answer, expected, differences);
  CHECK(differences.largest == doctest::Approx(0.25));
  CHECK(differences.values == 2);
  CHECK(differences.place == "e:1: logits, index 0: expected 0.25, came 0.5");
  expected.logits = {0.5, 50};
  expected.scores = {0.5, 0.5};
  compare(answer, expected, differences);
  CHECK(differences.largest == doctest::Approx(1.02));
  CHECK(differences.values == 6);
  answer.scores[0] = std::numeric_limits<float>::quiet_NaN();
  compare(answer, expected, differences);
  CHECK(std::isnan(differences.largest));
  CHECK(differences.place.find("e:1: scores, index 0") == 0);
}

// The definition: over all pairs, a tie counting half.
double pairwise(const std::vector<float>& scores, const std::vector<uint8_t>& labels) {
  double won = 0;
  double pairs = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = 0; j < scores.size(); ++j) {
      if (labels[i] == 0 || labels[j] != 0) continue;
      ++pairs;
      won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  }
  return won / pairs;
}

TEST_CASE("the area under the curve is the share of pairs in order") {
  CHECK(area_under_curve({0.1f, 0.9f}, {0, 1}) == 1);
  CHECK(area_under_curve({0.9f, 0.1f}, {0, 1}) == 0);
  CHECK(area_under_curve({0.5f, 0.5f, 0.5f}, {0, 1, 0}) == 0.5);
  CHECK(std::isnan(area_under_curve({0.5f}, {1})));
  CHECK(std::isnan(area_under_curve({}, {})));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(area_under_curve({0.5f, nan, 0.1f}, {1, 0, 1})));
  uint32_t state = 5;
  std::vector<float> scores;
  std::vector<uint8_t> labels;
  for (int i = 0; i < 300; ++i) {
    state = state * 1664525u + 1013904223u;
    scores.push_back(static_cast<float>(state >> 28));  // many ties
    labels.push_back((state >> 20) % 3 == 0 ? 1 : 0);
  }
  CHECK(area_under_curve(scores, labels) ==
        doctest::Approx(pairwise(scores, labels)).epsilon(1e-12));
}

TEST_CASE("the grouped area weighs groups by size and passes over those of one kind") {
  GroupedAuc grouped;
  CHECK(std::isnan(grouped.value()));
  grouped.add_group({1, 2}, {0, 1});
  grouped.add_group({3, 2, 1, 0}, {0, 1, 0, 0});
  grouped.add_group({3, 2, 1}, {1, 1, 1});
  CHECK(grouped.groups() == 2);
  CHECK(grouped.value() == doctest::Approx((2 * 1.0 + 4 * (2.0 / 3)) / 6));
}

}  // namespace
}  // namespace augur::requests
