// A session that ranks on several threads, its own or those of the app's pool, gives the same bits
// as on one thread, whatever the model, the tile and the number of candidates. ThreadSanitizer runs
// this.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"
#include "runtime/support/quantised_models.h"

namespace augur::testing {
namespace {

struct Answer {
  augur_status status = AUGUR_OK;
  std::string error;
  std::vector<float> scores;
  std::vector<float> logits;
  std::vector<std::size_t> best;
  std::vector<float> best_scores;
};

// Outputs of a call that failed do not count.
Answer ask(augur_session* session, const ColumnSet& candidates, std::size_t k = 7) {
  const std::size_t count = candidates.rows();
  Answer answer;
  answer.scores.resize(count);
  answer.logits.resize(count);
  answer.best.resize(k);
  answer.best_scores.resize(k);
  answer.status = augur_rank(session, candidates.data(), candidates.size(), count,
                             answer.scores.data(), answer.logits.data());
  answer.error = augur_session_error(session);
  std::size_t found = 0;
  const augur_status status =
      augur_rank_top_k(session, candidates.data(), candidates.size(), count, k, answer.best.data(),
                       answer.best_scores.data(), &found);
  CHECK(status == answer.status);
  CHECK(augur_session_error(session) == answer.error);
  if (answer.status != AUGUR_OK) return {answer.status, answer.error, {}, {}, {}, {}};
  answer.best.resize(found);
  answer.best_scores.resize(found);
  return answer;
}

// Bits, so that not-a-numbers are compared too.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

void check_same(const Answer& found, const Answer& expected) {
  CHECK(found.status == expected.status);
  CHECK(found.error == expected.error);
  CHECK(same(found.scores, expected.scores));
  CHECK(same(found.logits, expected.logits));
  CHECK(found.best == expected.best);
  CHECK(same(found.best_scores, expected.best_scores));
}

// Several sessions of one model, which differ in their number of threads and their thread pool
// alone. The first ranks on the caller's thread.
class Sessions {
 public:
  Sessions(const TestModel& model, std::uint32_t tile) : model_(model) {
    for (const std::uint32_t threads : {0u, 1u, 2u, 3u, 4u})
      sessions_.push_back(model.session(0, tile, threads));
    std::uint32_t threads = 1;
    for (const auto& pool : pools_) {
      augur_session_options options = session_options(0, tile, ++threads);
      pool->serve(options);
      sessions_.push_back(model.session(options));
    }
  }

  void set_user(const reference::Request& request) const {
    for (const SessionHandle& session : sessions_)
      testing::set_user(session.get(), model_.parts(), request);
  }

  void append(const std::string& stack, const ColumnSet& events) const {
    for (const SessionHandle& session : sessions_)
      REQUIRE(augur_session_append(session.get(), stack.c_str(), events.data(), events.size(),
                                   events.rows()) == AUGUR_OK);
  }

  // What they all say.
  Answer ask(const ColumnSet& candidates) const {
    const Answer expected = testing::ask(sessions_[0].get(), candidates);
    for (const SessionHandle& session : sessions_)
      check_same(testing::ask(session.get(), candidates), expected);
    return expected;
  }

 private:
  const TestModel& model_;
  std::vector<std::unique_ptr<AppPool>> pools_ = every_pool();
  std::vector<SessionHandle> sessions_;
};

void check_model(const TestModel& model, std::uint64_t seed) {
  reference::Generator generator(seed);
  const auto tile = static_cast<std::uint32_t>(generator.below(70));
  CAPTURE(tile);
  const Sessions sessions(model, tile);
  const reference::Request request = reference::random_request(
      model.parts(), generator, generator.below(14), emulated() ? 130 : 700);
  sessions.set_user(request);
  for (const std::size_t count :
       {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{33}, std::size_t{49},
        std::size_t{97}, generator.below(130), request.candidates.count}) {
    CAPTURE(count);
    const ColumnSet candidates(model.parts().candidate,
                               reference::slice(request.candidates, 0, count));
    CHECK(sessions.ask(candidates).status == AUGUR_OK);
  }
  // The user's part changes between rankings.
  for (const auto& stack : model.parts().stacks) {
    const ColumnSet events(stack->fields,
                           reference::random_rows(model.parts(), stack->fields, generator, 3));
    sessions.append(stack->name, events);
    const ColumnSet candidates(model.parts().candidate,
                               reference::slice(request.candidates, 5, 120));
    CHECK(sessions.ask(candidates).status == AUGUR_OK);
  }
  sessions.set_user(reference::random_request(model.parts(), generator, 4, 0));
  CHECK(sessions.ask(ColumnSet(model.parts().candidate, request.candidates)).status == AUGUR_OK);
}

}  // namespace

TEST_CASE("scores are the same for any number of threads: random models") {
  for (std::uint64_t seed = 700; seed < (emulated() ? 703u : 720u); ++seed) {
    const reference::ModelSpec spec = reference::random_spec(seed);
    INFO(reference::describe(spec));
    check_model(TestModel(reference::random_model(spec)), seed);
  }
}

TEST_CASE("scores are the same for any number of threads: quantised models") {
  for (std::uint64_t seed = 750; seed < (emulated() ? 751u : 756u); ++seed) {
    const reference::ModelSpec spec = reference::random_spec(seed);
    INFO(reference::describe(spec));
    check_model(TestModel(quantised_model(spec, precision(fb::TensorType::I8, fb::TensorType::I8))),
                seed);
  }
}

TEST_CASE("scores are the same for any number of threads: wide layers") {
  reference::ModelSpec spec;
  spec.stacks[0].extractor = {36};
  spec.stacks[0].hidden = 36;
  spec.head = {80, 40};
  for (const fb::AttentionKind kind : fb::EnumValuesAttentionKind()) {
    spec.stacks[0].attention->kind = kind;
    spec.stacks[0].attention->projection = kind == fb::AttentionKind::Bilinear ? 0 : 36;
    check_model(TestModel(reference::random_model(spec)), 770);
    if (emulated() && kind != fb::AttentionKind::Mlp) continue;
    check_model(
        TestModel(quantised_model(spec, precision(fb::TensorType::I8, fb::TensorType::F16))), 771);
  }
}

TEST_CASE("a candidate that fails on one thread fails on any number of threads, at any position") {
  auto parts = reference::random_model(everything_spec());
  // The last row of the first candidate field's table.
  const fb::FieldT& field = *parts->candidate[0];
  for (auto& table : parts->tables) {
    if (table->name != field.table) continue;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    auto& data = table->weights->data;
    std::memcpy(data.data() + data.size() - sizeof(nan), &nan, sizeof(nan));
  }
  const TestModel model(std::move(parts));
  std::int64_t bad = -1;
  for (const auto& table : model.parts().tables) {
    if (table->name == model.parts().candidate[0]->table)
      bad = static_cast<std::int64_t>(table->weights->shape[0]) - 1;
  }
  const std::string name = model.parts().candidate[0]->name;
  const Sessions sessions(model, 0);
  reference::Generator generator(780);
  reference::Request request = reference::random_request(model.parts(), generator, 8, 400);
  sessions.set_user(request);
  for (std::size_t row = 0; row < 400; ++row)
    request.candidates = with_id(std::move(request.candidates), name, row, 1);
  const ColumnSet good(model.parts().candidate, request.candidates);
  for (const std::size_t row : {std::size_t{0}, std::size_t{15}, std::size_t{16}, std::size_t{200},
                                std::size_t{383}, std::size_t{399}}) {
    CAPTURE(row);
    const reference::Rows rows = with_id(request.candidates, name, row, bad);
    const Answer answer = sessions.ask(ColumnSet(model.parts().candidate, rows));
    CHECK(answer.status == AUGUR_BAD_MODEL);
    CHECK(answer.error.find("candidate " + std::to_string(row) + ":") == 0);
    CHECK(answer.error.find("not finite") != std::string::npos);
    const reference::Rows two = with_id(rows, name, 399 - row, bad);
    CHECK(sessions.ask(ColumnSet(model.parts().candidate, two)).status == AUGUR_BAD_MODEL);
    // And nothing of the failure stays.
    CHECK(sessions.ask(good).status == AUGUR_OK);
  }
}

TEST_CASE("the first candidate without a finite logit is named on any number of threads") {
  reference::ModelSpec spec;
  spec.stacks[0].attention.reset();
  spec.stacks[0].result = fb::ResultKind::LastState;
  spec.candidate = {{fb::FieldKind::Vector, 6}};
  spec.head_activation = fb::ActivationKind::Prelu;
  const TestModel model(reference::random_model(spec));
  reference::Generator generator(790);
  reference::Request request = reference::random_request(model.parts(), generator, 5, 300);
  for (const std::uint32_t tile : {0u, 1u, 7u, 64u}) {
    CAPTURE(tile);
    const Sessions sessions(model, tile);
    sessions.set_user(request);
    reference::Rows rows = request.candidates;
    for (const std::size_t first : {std::size_t{299}, std::size_t{133}, std::size_t{0}}) {
      // Numbers this large overflow in the head: infinities of both signs, added up.
      rows.columns.at("c0")[first].values = {3e38f, -3e38f, 3e38f, -3e38f, 3e38f, -3e38f};
      const Answer answer = sessions.ask(ColumnSet(model.parts().candidate, rows));
      CHECK(answer.status == AUGUR_NOT_FINITE);
      CHECK(answer.error.find("candidate " + std::to_string(first) + ":") == 0);
    }
    CHECK(sessions.ask(ColumnSet(model.parts().candidate, request.candidates)).status == AUGUR_OK);
  }
}

TEST_CASE("sessions with threads rank at the same time") {
  const reference::ModelSpec spec = reference::random_spec(704);
  const TestModel model(reference::random_model(spec));
  reference::Generator generator(704);
  const reference::Request request = reference::random_request(model.parts(), generator, 9, 400);
  const ColumnSet candidates(model.parts().candidate, request.candidates);
  const SessionHandle alone = model.session();
  set_user(alone.get(), model.parts(), request);
  const Answer expected = ask(alone.get(), candidates);
  std::vector<Answer> answers(3);
  std::vector<std::thread> app;
  for (Answer& answer : answers) {
    app.emplace_back([&model, &request, &candidates, &answer] {
      for (int repetition = 0; repetition < (emulated() ? 3 : 20); ++repetition) {
        const SessionHandle session = model.session(0, 0, 3);
        set_user(session.get(), model.parts(), request);
        answer = ask(session.get(), candidates);
      }
    });
  }
  for (std::thread& thread : app)
    thread.join();
  for (const Answer& answer : answers)
    check_same(answer, expected);
}

TEST_CASE(
    "sessions with threads fit a block of the caller's, and can be destroyed without a ranking") {
  const Fixture f;
  std::size_t before = 0;
  for (std::uint32_t threads = 1; threads <= 64; threads *= 2) {
    const augur_session_options options = session_options(0, 0, threads);
    const std::size_t bytes = augur_session_bytes(f.model.get(), &options);
    CHECK(bytes > before);
    before = bytes;
    std::vector<unsigned char> block(bytes);
    augur_error error = empty_error();
    augur_session* session = nullptr;
    CHECK(augur_session_create(f.model.get(), &options, block.data(), bytes / 2, &session,
                               &error) == AUGUR_OUT_OF_MEMORY);
    CHECK(error.required_bytes == bytes);
    REQUIRE(augur_session_create(f.model.get(), &options, block.data(), bytes, &session, &error) ==
            AUGUR_OK);
    augur_session_destroy(session);
  }
  const augur_session_options none = session_options(0, 0, 0);
  const augur_session_options one = session_options(0, 0, 1);
  CHECK(augur_session_bytes(f.model.get(), &none) == augur_session_bytes(f.model.get(), &one));
}

}  // namespace augur::testing
