// The float64 reference on trained models against float64 answers from elsewhere. Weights are f32,
// and so are the folded biases and Dice scales that the model format stores: hence the bounds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/beauty.h"
#include "data/test_data.h"
#include "reference/network.h"

namespace augur::data {
namespace {

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
  }
  return largest;
}

}  // namespace

TEST_CASE("the reference agrees with float64 answers, step by step") {
  if (!have_test_data()) return;
  constexpr double kClose = 5e-7;
  for (const std::string kind : kKinds) {
    CAPTURE(kind);
    const auto weights = checkpoint::open_checkpoint(checkpoint_file(kind));
    const auto model = beauty_model(*weights, kind, kMaxHistory);
    const reference::Network network(*model);
    const std::vector<GoldenRow> rows = read_golden_rows(kind);
    REQUIRE(rows.size() == 64);
    double worst = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CAPTURE(i);
      const GoldenRow& row = rows[i];
      const reference::Trace trace = network.score(row.request).at(0);
      if (!row.attention.empty()) {
        CHECK(largest_difference(trace.stacks[0].attention, row.attention) < kClose);
      }
      if (!row.state.empty()) {
        CHECK(largest_difference(trace.stacks[0].result, row.state) < kClose);
      }
      CHECK(largest_difference(trace.head_input, row.head_input) < kClose);
      CHECK(largest_difference(trace.head_layers[0], row.first_layer) < kClose);
      CHECK(largest_difference(trace.head_layers[1], row.second_layer) < kClose);
      const double difference = largest_difference({trace.logit}, {row.logit});
      CHECK(difference < kClose);
      worst = std::max(worst, difference);
    }
    MESSAGE(kind, ": logits differ by at most ", worst);
  }
}

}  // namespace augur::data
