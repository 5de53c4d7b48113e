// A tile with unusable candidates: their statuses, and the logits of the others.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "loader/loaded_model.h"
#include "network/network.h"
#include "runtime/support/unusable.h"

namespace augur::testing {
namespace {

constexpr std::size_t kTile = 8;
constexpr std::size_t kFirst = 100;  // the first row's index in the call

// Embedded rows, some of which embed() refuses.
struct Source {
  std::vector<std::vector<float>> rows;
  std::vector<augur_status> statuses;

  InputRows input() {
    const auto embed = [](void* source, std::size_t row, float* out) {
      const auto& self = *static_cast<const Source*>(source);
      // What a refused row leaves behind must not matter.
      for (const float value : self.rows[row])
        *out++ = self.statuses[row] == AUGUR_OK ? value : NAN;
      return self.statuses[row];
    };
    return {this, rows.size(), embed};
  }
};

// A model, a user without events, and one tile.
class Network8 {
 public:
  Network8() : model_(reference::ModelSpec()) {
    Fault error;
    const std::vector<std::uint8_t>& file = model_.file();
    REQUIRE(loaded_.load(file.data(), file.size(), "the model", arena_, error) == AUGUR_OK);
    REQUIRE(plan_user(loaded_.model, 0, false, user_arena_, error, &user_) == AUGUR_OK);
    REQUIRE(plan_candidates(loaded_.model, user_, kTile, tile_arena_, error, &tile_) == AUGUR_OK);
    const InputRows history = zero_rows(3);
    REQUIRE(network().forward_user(loaded_.model, zero_rows(1), &history, &user_, error) ==
            AUGUR_OK);
  }

  Source random_rows(std::size_t count) const {
    reference::Generator generator(9);
    Source source;
    for (std::size_t row = 0; row < count; ++row)
      source.rows.push_back(generator.symmetric(1.0, loaded_.model.candidate.width));
    source.statuses.assign(count, AUGUR_OK);
    return source;
  }

  augur_status forward(Source& source, std::size_t min_rows) {
    tile_.min_rows = min_rows;
    message_.fail(AUGUR_OK, "untouched");
    return network().forward_candidates(loaded_.model, user_, source.input(), kFirst, &tile_,
                                        message_);
  }
  std::vector<augur_status> statuses(std::size_t rows) const {
    return {tile_.statuses.begin(), tile_.statuses.begin() + rows};
  }
  std::vector<float> logits(std::size_t rows) const { return {tile_.logits, tile_.logits + rows}; }
  std::string message() const { return message_.message(); }

 private:
  const Network& network() const { return network_of(loaded_.model); }

  UnusableModel model_;
  Arena arena_;
  Arena user_arena_;
  Arena tile_arena_;
  LoadedModel loaded_;
  UserState user_;
  CandidateState tile_;
  Fault message_;
};

Source only(const Source& source, const std::vector<std::size_t>& rows) {
  Source picked;
  for (const std::size_t row : rows) {
    picked.rows.push_back(source.rows[row]);
    picked.statuses.push_back(source.statuses[row]);
  }
  return picked;
}

}  // namespace

TEST_CASE("rows that cannot be embedded leave the tile, and the others keep their bits") {
  Network8 network;
  Source source = network.random_rows(kTile);
  REQUIRE(network.forward(source, 2) == AUGUR_OK);
  CHECK(network.message() == "untouched");
  const std::vector<float> all = network.logits(kTile);
  // Each bit of the pattern says how a row fails.
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    CAPTURE(pattern);
    Source spoilt = source;
    std::vector<augur_status> expected(kTile, AUGUR_OK);
    std::vector<std::size_t> usable;
    for (std::size_t row = 0; row < kTile; ++row) {
      if ((pattern >> row & 1) == 0) {
        usable.push_back(row);
      } else if (row % 3 == 2) {
        expected[row] = AUGUR_BAD_MODEL;
        spoilt.rows[row].back() = INFINITY;
      } else {
        expected[row] = row % 3 == 0 ? AUGUR_OUT_OF_RANGE : AUGUR_INVALID_ARGUMENT;
        spoilt.statuses[row] = expected[row];
      }
    }
    const augur_status status = network.forward(spoilt, 2);
    CHECK(network.statuses(kTile) == expected);
    const std::vector<float> logits = network.logits(kTile);
    for (std::size_t row = 0; row < kTile; ++row) {
      if (expected[row] != AUGUR_OK) CHECK(std::isnan(logits[row]));
    }
    for (const std::size_t row : usable)
      CHECK(std::memcmp(&logits[row], &all[row], sizeof(float)) == 0);
    std::size_t first = 0;
    while (first < kTile && expected[first] == AUGUR_OK)
      ++first;
    CHECK(status == (first == kTile ? AUGUR_OK : expected[first]));
    // The caller describes a row that embed() has refused.
    if (status != AUGUR_BAD_MODEL) {
      CHECK(network.message() == "untouched");
    } else {
      CHECK(network.message().find("candidate " + std::to_string(kFirst + first) +
                                   ": an embedding table") == 0);
    }
  }
}

TEST_CASE("the status and the message are those of the first row, whatever the others fail for") {
  Network8 network;
  const auto huge = [](Source& source, std::size_t row) {
    for (float& value : source.rows[row])
      value = 3e38f;
  };
  Source source = network.random_rows(6);
  huge(source, 4);
  CHECK(network.forward(source, 2) == AUGUR_NOT_FINITE);
  CHECK(network.message().find("candidate 104: ") == 0);
  source.rows[3][0] = NAN;
  CHECK(network.forward(source, 2) == AUGUR_BAD_MODEL);
  CHECK(network.message().find("candidate 103: ") == 0);
  huge(source, 1);
  CHECK(network.forward(source, 2) == AUGUR_NOT_FINITE);
  CHECK(network.message().find("candidate 101: ") == 0);
  source.statuses[0] = AUGUR_OUT_OF_RANGE;
  CHECK(network.forward(source, 2) == AUGUR_OUT_OF_RANGE);
  CHECK(network.message() == "untouched");
  const std::vector<augur_status> expected = {AUGUR_OUT_OF_RANGE, AUGUR_NOT_FINITE, AUGUR_OK,
                                              AUGUR_BAD_MODEL,    AUGUR_NOT_FINITE, AUGUR_OK};
  CHECK(network.statuses(6) == expected);
  const std::vector<float> logits = network.logits(6);
  for (std::size_t row = 0; row < 6; ++row)
    CHECK(std::isnan(logits[row]) == (expected[row] != AUGUR_OK));
  Source usable = only(source, {2, 5});
  CHECK(network.forward(usable, 2) == AUGUR_OK);
  CHECK(network.logits(2) == std::vector<float>{logits[2], logits[5]});
}

TEST_CASE("a tile without a usable row") {
  Network8 network;
  Source source = network.random_rows(3);
  source.statuses.assign(3, AUGUR_INVALID_ARGUMENT);
  for (const std::size_t min_rows : {1u, 2u}) {
    CHECK(network.forward(source, min_rows) == AUGUR_INVALID_ARGUMENT);
    CHECK(network.statuses(3) == source.statuses);
    for (const float logit : network.logits(3))
      CHECK(std::isnan(logit));
  }
}

}  // namespace augur::testing
