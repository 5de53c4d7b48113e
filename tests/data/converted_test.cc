// The trained models, converted by augur-convert, run by libaugur: against float64 answers, float32
// answers and AUC from elsewhere, and against the same models built by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/beauty.h"
#include "data/converted.h"
#include "data/test_data.h"
#include "requests/answer.h"
#include "requests/measures.h"
#include "runtime/support/compare.h"

namespace augur::data {
namespace {

constexpr double kAucBound = 1e-5;

double relative_difference(double logit, double expected) {
  return std::abs(logit - expected) / std::max(1.0, std::abs(expected));
}

}  // namespace

TEST_CASE("converted models give the expected answers to the requests") {
  if (!have_test_data()) return;
  for (const std::string kind : kKinds) {
    CAPTURE(kind);
    const ConvertedModel model(kind);
    const requests::ModelFields fields = requests::declared_fields(*model.get());
    requests::RequestReader reader(golden_file(kind, ".requests.jsonl"), fields);
    const auto expected = requests::read_expected(golden_file(kind, ".expected.jsonl"));
    requests::RequestRanker scorer(*model.get(), fields);
    requests::Request request(fields);
    requests::Answer answer;
    requests::Differences differences;
    while (reader.next(request)) {
      scorer.rank(request, answer);
      requests::compare(
          answer, requests::expected_of(expected, request.id, answer.logits.size(), request.where),
          differences);
    }
    CAPTURE(differences.place);
    CHECK(differences.values == 400);
    CHECK(differences.largest <= testing::kLogitBound);
    MESSAGE(kind, ": logits differ by at most ", differences.largest);
  }
}

TEST_CASE("converted models and those built by hand score the golden rows as float64 does") {
  if (!have_test_data()) return;
  for (const std::string kind : kKinds) {
    CAPTURE(kind);
    const ConvertedModel converted(kind);
    const auto weights = checkpoint::open_checkpoint(checkpoint_file(kind));
    const testing::TestModel by_hand(beauty_model(*weights, kind, kMaxHistory));
    augur_session* created = nullptr;
    REQUIRE(augur_session_create(converted.get(), nullptr, nullptr, 0, &created, nullptr) ==
            AUGUR_OK);
    const testing::SessionHandle of_converted(created);
    const testing::SessionHandle of_by_hand = by_hand.session();
    testing::Worst worst;
    testing::Worst worst_between;
    for (const GoldenRow& row : read_golden_rows(kind)) {
      const auto score = [&](augur_session* session) {
        REQUIRE(augur_session_clear(session) == AUGUR_OK);
        testing::set_user(session, by_hand.parts(), row.request);
        return static_cast<double>(
            testing::rank(session, by_hand.parts(), row.request.candidates).at(0));
      };
      const double logit = score(of_converted.get());
      worst.add(relative_difference(logit, row.logit));
      worst_between.add(relative_difference(logit, score(of_by_hand.get())));
    }
    CHECK(worst.largest() <= testing::kLogitBound);
    // Folding may round a weight differently; no more than that.
    CHECK(worst_between.largest() <= 5e-7);
    MESSAGE(kind, ": off by at most ", worst.largest(), "; by hand and converted differ by ",
            worst_between.largest());
  }
}

TEST_CASE("AUC and logits on all test rows") {
  if (!have_test_data()) return;
  // Odd, for clicked rows and others alternate.
  const std::size_t step = testing::emulated() ? 61 : 1;
  const auto labels = requests::read_labels(test_data("beauty_test.labels.jsonl"));
  for (const std::string kind : kKinds) {
    CAPTURE(kind);
    const ConvertedModel model(kind);
    const requests::ModelFields fields = requests::declared_fields(*model.get());
    requests::RequestReader reader(test_data("beauty_test.requests.jsonl"), fields);
    const std::vector<float> all_expected = read_test_logits(kind);
    REQUIRE(all_expected.size() == 20000);
    requests::RequestRanker scorer(*model.get(), fields);
    requests::Request request(fields);
    requests::Answer answer;
    std::vector<float> logits;
    std::vector<float> expected;
    std::vector<std::uint8_t> clicked;
    testing::Worst worst;
    for (std::size_t row = 0; reader.next(request); ++row) {
      if (row % step != 0) continue;
      scorer.rank(request, answer);
      logits.push_back(answer.logits.at(0));
      expected.push_back(all_expected.at(row));
      clicked.push_back(requests::labels_of(labels, request.id, 1, request.where).clicked[0]);
      worst.add(relative_difference(static_cast<double>(logits.back()),
                                    static_cast<double>(expected.back())));
    }
    CHECK(logits.size() == (20000 + step - 1) / step);
    CHECK(worst.largest() <= testing::kLogitBound);
    const double auc = requests::area_under_curve(logits, clicked);
    CHECK(std::abs(auc - requests::area_under_curve(expected, clicked)) <= kAucBound);
    MESSAGE(kind, ": AUC ", auc, ", logits off by at most ", worst.largest());
  }
}

}  // namespace augur::data
