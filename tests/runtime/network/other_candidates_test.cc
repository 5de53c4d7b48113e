// A candidate's logit does not depend on the others in the call, their number, order, tile, or the
// split of a list into calls: within 1e-6 * max(1, |logit|). The tests print how many logits are
// bitwise the same.
#include <doctest/doctest.h>

#include <cstring>

#include "reference/generator.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

struct Tally {
  std::size_t logits = 0;
  std::size_t bitwise = 0;
  Worst worst;

  void add(const std::vector<float>& logits_now, const std::vector<float>& expected) {
    const double difference = largest_difference(logits_now, expected);
    CHECK(difference <= kOtherCandidatesBound);
    worst.add(difference);
    for (std::size_t i = 0; i < expected.size() && i < logits_now.size(); ++i) {
      ++logits;
      if (std::memcmp(&logits_now[i], &expected[i], sizeof(float)) == 0) ++bitwise;
    }
  }
  void tell() const {
    MESSAGE(bitwise, " of ", logits, " logits are bitwise the same; they differ by at most ",
            worst.largest());
  }
};

std::vector<float> picked(const std::vector<float>& values, const std::vector<std::size_t>& order) {
  std::vector<float> result;
  for (const std::size_t i : order)
    result.push_back(values[i]);
  return result;
}

void try_companies(const reference::ModelSpec& spec, std::size_t candidates, Tally& tally) {
  INFO(reference::describe(spec));
  const TestModel model(reference::random_model(spec));
  reference::Generator generator(spec.seed + 77);
  const reference::Request request =
      reference::random_request(model.parts(), generator, 9, candidates);
  const auto score = [&](const reference::Rows& rows, std::uint32_t tile) {
    const SessionHandle session = model.session(0, tile);
    set_user(session.get(), model.parts(), request);
    return rank(session.get(), model.parts(), rows);
  };
  const std::vector<float> together = score(request.candidates, 0);

  for (const std::uint32_t tile : {1u, 2u, 3u, 5u, 16u, 32u, 33u, 100u})
    tally.add(score(request.candidates, tile), together);
  const std::vector<std::size_t> order = generator.permutation(candidates);
  tally.add(score(reference::pick(request.candidates, order), 0), picked(together, order));

  // One session; the list is split at any position, and the last piece is ranked first.
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  std::vector<float> pieces;
  for (std::size_t end = candidates; end > 0;) {
    const std::size_t count = 1 + generator.below(end);
    std::vector<float> piece = rank(session.get(), model.parts(),
                                    reference::slice(request.candidates, end - count, count));
    piece.insert(piece.end(), pieces.begin(), pieces.end());
    pieces = piece;
    end -= count;
  }
  tally.add(pieces, together);

  std::vector<float> alone;
  for (std::size_t i = 0; i < candidates; ++i) {
    alone.push_back(
        rank(session.get(), model.parts(), reference::slice(request.candidates, i, 1)).at(0));
  }
  tally.add(alone, together);

  // The same candidate again and again.
  tally.add(score(reference::pick(request.candidates, std::vector<std::size_t>(candidates, 0)), 0),
            std::vector<float>(candidates, together[0]));
}

}  // namespace

TEST_CASE("a candidate's logit does not depend on the other candidates: random models") {
  Tally tally;
  const std::uint64_t models = emulated() ? 10 : 100;
  for (std::uint64_t seed = 1; seed <= models; ++seed)
    try_companies(reference::random_spec(seed), 1 + static_cast<std::size_t>(seed * 7 % 41), tally);
  tally.tell();
}

TEST_CASE("a candidate's logit does not depend on the other candidates: DIEN at many widths") {
  Tally tally;
  for (const std::uint32_t hidden : {1u, 4u, 7u, 8u, 16u, 17u, 36u, 64u, 65u, 128u}) {
    if (emulated() && hidden > 40) continue;
    reference::ModelSpec spec;
    spec.seed = 7000 + hidden;
    spec.stacks[0].extractor = {hidden};
    spec.stacks[0].hidden = hidden;
    if (hidden % 2 == 1) spec.stacks[0].evolution_reset = fb::Reset::BeforeProduct;
    try_companies(spec, 75, tally);
  }
  tally.tell();
}

}  // namespace augur::testing
