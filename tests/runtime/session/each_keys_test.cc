// Candidates whose key the vocabulary does not have, where the table's rule is "error".
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "reference/random_model.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"
#include "vocabulary/build.h"

namespace augur::testing {
namespace {

constexpr std::size_t kCandidates = 230;

std::string key_of(std::int64_t row) {
  return "sku-" + std::to_string(1000 - row);
}

// The candidate field c0 gets string keys, c1 is a vector that the head reads.
std::unique_ptr<fb::ModelT> model_with_keys() {
  reference::ModelSpec spec;
  spec.candidate = {{fb::FieldKind::Id, 3}, {fb::FieldKind::Vector, 6}};
  spec.head_activation = fb::ActivationKind::Prelu;
  auto model = reference::random_model(spec);
  for (auto& table : model->tables) {
    if (table->name != "c0") continue;
    std::vector<convert::VocabularyEntry> entries;
    for (std::uint32_t row = 0; row < table->weights->shape[0]; ++row) {
      const std::string key = key_of(row);
      entries.push_back({hash_string(key.data(), key.size()), row, key});
    }
    table->key_type = fb::KeyType::String;
    table->vocabulary = std::make_unique<fb::VocabularyT>(
        convert::build_vocabulary(entries, fb::KeyType::String, convert::kStringFingerprint));
  }
  return model;
}

// Candidates whose c0 is given as keys.
struct Keyed {
  explicit Keyed(const reference::Rows& candidates) : rows(candidates) {
    for (const reference::Cell& cell : candidates.columns.at("c0"))
      keys.push_back(key_of(cell.ids[0]));
  }
  ColumnSet columns(const fb::ModelT& model) {
    strings.clear();
    for (const std::string& key : keys)
      strings.push_back({key.data(), key.size()});
    ColumnSet set(model.candidate, rows);
    set["c0"].ids = nullptr;
    set["c0"].strings = strings.data();
    return set;
  }
  reference::Rows rows;
  std::vector<std::string> keys;
  std::vector<augur_string> strings;
};

struct Case {
  Case() : model(model_with_keys()) {
    reference::Generator generator(91);
    request = reference::random_request(model.parts(), generator, 12, kCandidates);
    for (const std::uint32_t tile : {0u, 1u, 5u, 200u}) {
      for (const std::uint32_t threads : {1u, 2u, 3u}) {
        augur_session_options options = session_options(0, tile, threads);
        if (threads == 3) pool.serve(options);
        sessions.push_back(model.session(options));
        set_user(sessions.back().get(), model.parts(), request);
      }
    }
  }
  TestModel model;
  reference::Request request;
  ReversedPool pool;
  std::vector<SessionHandle> sessions;
};

}  // namespace

TEST_CASE("the old calls fail for a key that is not there, and name the first, in every session") {
  Case c;
  Keyed keyed(c.request.candidates);
  const auto check = [&](std::size_t first, augur_status status, const std::string& part) {
    const ColumnSet columns = keyed.columns(c.model.parts());
    for (const SessionHandle& session : c.sessions) {
      const auto failed = [&](augur_status came) {
        CHECK(came == status);
        const std::string message = augur_session_error(session.get());
        CAPTURE(message);
        CHECK(message.find(part) != std::string::npos);
      };
      std::vector<float> scores(kCandidates, 0.5f);
      std::vector<float> logits(kCandidates, 0.5f);
      failed(augur_rank(session.get(), columns.data(), columns.size(), kCandidates, scores.data(),
                        logits.data()));
      for (std::size_t i = 0; i < kCandidates; ++i) {
        CHECK(std::isnan(scores[i]));
        CHECK(std::isnan(logits[i]));
      }
      std::size_t indices[3];
      std::size_t count = 7;
      failed(augur_rank_top_k(session.get(), columns.data(), columns.size(), kCandidates, 3,
                              indices, scores.data(), &count));
      CHECK(count == 0);
      std::vector<float> weights(12, 0.5f);
      failed(augur_explain(session.get(), nullptr, columns.data(), columns.size(), kCandidates,
                           first, weights.data(), 12, &count));
      CHECK(weights == std::vector<float>(12, 0.5f));
    }
  };
  for (const std::size_t first :
       {std::size_t{229}, std::size_t{128}, std::size_t{33}, std::size_t{0}}) {
    CAPTURE(first);
    keyed.keys[first] = "no-" + std::to_string(first);
    check(first, AUGUR_OUT_OF_RANGE,
          "candidates: field 'c0' has key 'no-" + std::to_string(first) + "' at index " +
              std::to_string(first) + "; table 'c0'");
  }
  keyed.keys[0] = keyed.keys[1];
  keyed.rows.columns.at("c1")[31].values = {3e38f, -3e38f, 3e38f, -3e38f, 3e38f, -3e38f};
  check(31, AUGUR_NOT_FINITE, "candidate 31: ");
}

TEST_CASE(
    "a candidate whose key is not there gets a status, the others the bits of their own list") {
  Case c;
  reference::Generator generator(92);
  for (const std::size_t share : {2u, 9u, 100u}) {
    Keyed keyed(c.request.candidates);
    std::vector<augur_status> statuses(kCandidates, AUGUR_OK);
    std::vector<std::size_t> usable;
    for (std::size_t i = 0; i < kCandidates; ++i) {
      if (generator.one_in(share)) {
        keyed.keys[i] += "-unknown";
        statuses[i] = AUGUR_OUT_OF_RANGE;
      } else {
        usable.push_back(i);
      }
    }
    const ColumnSet columns = keyed.columns(c.model.parts());
    Keyed alone(reference::pick(c.request.candidates, usable));
    const ColumnSet usable_columns = alone.columns(c.model.parts());
    for (const SessionHandle& session : c.sessions) {
      std::vector<augur_status> found(kCandidates, AUGUR_UNSUPPORTED);
      const augur_each_options options = {sizeof(options), found.data()};
      std::vector<float> logits(kCandidates);
      REQUIRE(augur_rank_each(session.get(), columns.data(), columns.size(), kCandidates, nullptr,
                              logits.data(), &options) == AUGUR_OK);
      CHECK(std::string(augur_session_error(session.get())).empty());
      CHECK(found == statuses);
      std::vector<float> expected(usable.size());
      REQUIRE(augur_rank(session.get(), usable_columns.data(), usable_columns.size(), usable.size(),
                         nullptr, expected.data()) == AUGUR_OK);
      for (std::size_t i = 0; i < usable.size(); ++i)
        CHECK(std::memcmp(&logits[usable[i]], &expected[i], sizeof(float)) == 0);
    }
  }
}

}  // namespace augur::testing
