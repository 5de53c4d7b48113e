// augur.hpp: handles, columns, and that every call reaches its C function.
#include <doctest/doctest.h>
#include <augur/augur.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "support/models.h"

namespace {

using augur::column;
using augur::Status;
using Ids = std::vector<std::int64_t>;

static_assert(!std::is_copy_constructible_v<augur::Model>);
static_assert(!std::is_copy_assignable_v<augur::Session>);
static_assert(std::is_nothrow_move_constructible_v<augur::Model>);
static_assert(std::is_nothrow_move_assignable_v<augur::Session>);

const std::vector<std::uint8_t>& file() {
  static const std::vector<std::uint8_t> bytes =
      augur::tools_test::packed(*augur::tools_test::small_dien());
  return bytes;
}

augur::Model open() {
  augur::ErrorInfo error;
  augur::Model model = augur::Model::open_buffer(file().data(), file().size(), &error);
  REQUIRE_MESSAGE(model, error.message);
  CHECK(error.status == Status::kOk);
  return model;
}

const Ids kItems = {1, 2, 3};
const Ids kCategories = {3, 2, 1};
const Ids kOffers = {4, 5, 6, 7};
const Ids kKinds = {0, 1, 2, 3};

augur::Columns events(std::vector<augur::Column>& storage) {
  storage = {column("item", kItems), column("category", kCategories)};
  return storage;
}

TEST_CASE("a model that failed to open is false, and the error says why") {
  augur::ErrorInfo error;
  const augur::Model model = augur::Model::open_file("no-such-file.augur", &error);
  CHECK_FALSE(model);
  CHECK(error.status == Status::kNotFound);
  CHECK(std::strstr(error.message, "no-such-file.augur") != nullptr);
  CHECK(std::string(name(error.status)) == "not found");
  CHECK_FALSE(augur::Model::open_file("no-such-file.augur"));
  CHECK_FALSE(augur::Model::open_fd(-1, 0, 0, &error));
  CHECK(error.status != Status::kOk);
}

TEST_CASE("an empty handle refuses every call") {
  augur::Session session;
  float score = 0;
  std::size_t count = 0;
  CHECK_FALSE(session);
  CHECK(session.set_feature("user", 1) == Status::kInvalidArgument);
  CHECK(session.set_history({}, 0) == Status::kInvalidArgument);
  CHECK(session.append({}, 0) == Status::kInvalidArgument);
  CHECK(session.clear() == Status::kInvalidArgument);
  CHECK(session.rank({}, 0, &score) == Status::kInvalidArgument);
  CHECK(session.save(nullptr, &count) == Status::kInvalidArgument);
  CHECK(session.history_length() == 0);
  CHECK(std::string(session.error()).empty());
  const augur::Model model;
  CHECK(model.info().name == nullptr);
  CHECK(augur::Session::bytes(model) == 0);
  augur::ErrorInfo error;
  CHECK_FALSE(augur::Session::create(model, &error));
  CHECK(error.status == Status::kInvalidArgument);
}

TEST_CASE("a handle that was moved from is false, whether or not the other one held something") {
  augur::Model a = open();
  augur::Model b = open();
  const augur_model* second = b.get();
  a = std::move(b);
  CHECK_FALSE(b);  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(a.get() == second);
  CHECK(b.info().name == nullptr);
  augur::Session s = augur::Session::create(a);
  augur::Session t = augur::Session::create(a);
  REQUIRE(t);
  s = std::move(t);
  CHECK_FALSE(t);  // NOLINT(bugprone-use-after-move)
  CHECK(t.clear() == Status::kInvalidArgument);
  REQUIRE(s);
  CHECK(s.clear() == Status::kOk);
  augur::Session& same = s;
  s = std::move(same);
  CHECK(s);
}

TEST_CASE("a copied model outlives its buffer") {
  std::vector<std::uint8_t> bytes = file();
  augur::ErrorInfo error;
  const augur::Model model =
      augur::Model::open_buffer(bytes.data(), bytes.size(), &error, {}, augur::Load::kCopy);
  REQUIRE_MESSAGE(model, error.message);
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  CHECK(std::string(model.info().name) == "small dien");
  augur::TableSource nowhere;
  nowhere.path = "no-such-file.augurt";
  augur::Model again = open();
  CHECK(again.attach_table("items", nowhere, &error) == Status::kInvalidArgument);
}

TEST_CASE("a model reports what its file declares") {
  const augur::Model model = open();
  CHECK(std::string(model.info().name) == "small dien");
  CHECK(model.info().stack_count == 1);
  CHECK(std::string(model.feature(0).name) == "user");
  CHECK(model.feature(0).table_rows == 5);
  CHECK(model.feature(1).name == nullptr);
  CHECK(std::string(model.candidate_field(1).name) == "category");
  CHECK(std::string(model.stack(0).name) == "clicks");
  CHECK(model.stack(0).max_history == 4);
  CHECK(std::string(model.stack_field(0, 0).table) == "items");
  CHECK(std::string(model.note(0)) == "made for tests");
  CHECK(model.note(1) == nullptr);
  CHECK(model.info().table_count == 3);
  CHECK(std::string(model.table(1).name) == "items");
  CHECK(model.table(1).rows == 10);
  CHECK(model.table(1).width == 3);
  CHECK(model.table(1).origin == AUGUR_ROWS_INSIDE);
  CHECK(model.table(3).name == nullptr);
}

TEST_CASE("a session in the caller's block ranks like the C API") {
  const augur::Model model = open();
  std::vector<std::byte> block(augur::Session::bytes(model));
  augur::ErrorInfo error;
  CHECK_FALSE(augur::Session::create(model, &error, {block.data(), 16}));
  CHECK(error.status == Status::kOutOfMemory);
  CHECK(error.required_bytes > 16);

  augur::Session session = augur::Session::create(model, &error, {block.data(), block.size()});
  REQUIRE_MESSAGE(session, error.message);
  std::vector<augur::Column> storage;
  REQUIRE(session.set_feature("user", 2) == Status::kOk);
  REQUIRE(session.set_history(events(storage), 3) == Status::kOk);
  CHECK(session.history_length() == 3);
  CHECK(session.history_length("clicks") == 3);
  std::array<float, 4> scores{};
  std::array<float, 4> logits{};
  REQUIRE(session.rank({column("category", kKinds), column("item", kOffers)}, 4, scores.data(),
                       logits.data()) == Status::kOk);

  augur_session* plain = nullptr;
  REQUIRE(augur_session_create(model.get(), nullptr, nullptr, 0, &plain, nullptr) == AUGUR_OK);
  const std::int64_t user = 2;
  const augur_column feature = {sizeof feature, "user", &user, nullptr, nullptr, 1, nullptr, 0, 0};
  REQUIRE(augur_session_set_feature(plain, &feature) == AUGUR_OK);
  REQUIRE(augur_session_set_history(plain, "clicks", storage.data(), 2, 3) == AUGUR_OK);
  const augur_column offers[] = {
      {sizeof feature, "item", kOffers.data(), nullptr, nullptr, 4, nullptr, 0, 0},
      {sizeof feature, "category", kKinds.data(), nullptr, nullptr, 4, nullptr, 0, 0}};
  std::array<float, 4> expected{};
  REQUIRE(augur_rank(plain, offers, 2, 4, nullptr, expected.data()) == AUGUR_OK);
  CHECK(logits == expected);
  augur_session_destroy(plain);

  SUBCASE("top k") {
    std::array<std::size_t, 2> best{};
    std::array<float, 2> best_scores{};
    std::size_t count = 0;
    REQUIRE(session.rank_top_k({column("item", kOffers), column("category", kKinds)}, 4, 2,
                               best.data(), best_scores.data(), &count) == Status::kOk);
    CHECK(count == 2);
    CHECK(best_scores[0] == scores[best[0]]);
    CHECK(best_scores[0] >= best_scores[1]);
  }
  SUBCASE("explain") {
    std::array<float, 4> weights{};
    std::size_t count = 0;
    REQUIRE(session.explain({column("item", kOffers), column("category", kKinds)}, 4, 1,
                            weights.data(), weights.size(), &count) == Status::kOk);
    CHECK(count == 3);
    CHECK(weights[0] + weights[1] + weights[2] == doctest::Approx(1));
  }
  SUBCASE("append in pieces equals setting the whole history") {
    REQUIRE(session.clear() == Status::kOk);
    REQUIRE(session.set_feature("user", std::int64_t{2}) == Status::kOk);
    const std::int64_t first[] = {1};
    const std::int64_t first_kind[] = {3};
    REQUIRE(session.append({column("item", first), column("category", first_kind)}, 1) ==
            Status::kOk);
    const std::array<std::int64_t, 2> rest = {2, 3};
    const std::array<std::int64_t, 2> rest_kinds = {2, 1};
    REQUIRE(session.append({column("item", rest), column("category", rest_kinds)}, 2, "clicks") ==
            Status::kOk);
    std::array<float, 4> again{};
    REQUIRE(session.rank({column("category", kKinds), column("item", kOffers)}, 4, nullptr,
                         again.data()) == Status::kOk);
    for (std::size_t i = 0; i < again.size(); ++i) {
      CHECK(again[i] == doctest::Approx(logits[i]).epsilon(1e-6));
    }
  }
  SUBCASE("save and restore") {
    std::size_t size = 0;
    REQUIRE(session.save(nullptr, &size) == Status::kOk);
    std::vector<std::byte> state(size);
    REQUIRE(session.save(state.data(), &size) == Status::kOk);
    augur::Session other = augur::Session::create(model);
    REQUIRE(other.restore(state.data(), size) == Status::kOk);
    CHECK(other.history_length() == 3);
    CHECK(other.restore(state.data(), size - 1) != Status::kOk);
    CHECK_FALSE(std::string(other.error()).empty());
  }
  SUBCASE("a failure gives a status and a message") {
    const Ids far = {4, 5, 6, 70};
    const Status status =
        session.rank({column("item", far), column("category", kKinds)}, 4, scores.data());
    CHECK(status == Status::kOutOfRange);
    CHECK_FALSE(ok(status));
    CHECK(std::strstr(session.error(), "70") != nullptr);
  }
  SUBCASE("moving transfers the session") {
    augur::Session taken = std::move(session);
    CHECK(taken);
    CHECK(taken.history_length() == 3);
    augur::Session third;
    third = std::move(taken);
    CHECK(third.history_length() == 3);
    session = std::move(third);
  }
}

TEST_CASE("options reach the session") {
  const augur::Model model = open();
  augur::SessionOptions options;
  options.max_history = 2;
  CHECK(augur::Session::bytes(model, options) < augur::Session::bytes(model));
  augur::Session session = augur::Session::create(model, nullptr, {}, options);
  REQUIRE(session);
  std::vector<augur::Column> storage;
  REQUIRE(session.set_history(events(storage), 3) == Status::kOk);
  CHECK(session.history_length() == 2);
  const std::size_t on_one = augur::Session::bytes(model, options);
  options.threads = 2;
  CHECK(augur::Session::bytes(model, options) > on_one);
  CHECK(augur::Session::create(model, nullptr, {}, options));

  // The pool is called for a ranking that is large enough for two threads.
  std::size_t tasks = 0;
  options.parallel_for_context = &tasks;
  options.parallel_for = [](void* context, augur_task task, void* task_context, size_t count) {
    *static_cast<std::size_t*>(context) += count;
    for (std::size_t i = 0; i < count; ++i)
      task(task_context, i);
  };
  session = augur::Session::create(model, nullptr, {}, options);
  REQUIRE(session);
  const Ids offers(1000, 4);
  const Ids kinds(1000, 2);
  std::vector<float> scores(offers.size());
  REQUIRE(session.rank({column("item", offers), column("category", kinds)}, offers.size(),
                       scores.data()) == Status::kOk);
  CHECK(tasks == 2);
  options.threads = 65;
  CHECK(augur::Session::bytes(model, options) == 0);
}

TEST_CASE("columns of every kind") {
  const auto bytes = augur::tools_test::packed(*augur::tools_test::every_kind());
  const augur::Model model = augur::Model::open_buffer(bytes.data(), bytes.size());
  REQUIRE(model);
  augur::Session session = augur::Session::create(model);
  // An integer is an id, and the age is not one.
  CHECK(session.set_feature("age", 31) == Status::kInvalidArgument);
  CHECK(std::string(session.error()) == "features: field 'age' has no values");
  REQUIRE(session.set_feature("age", 31.0f) == Status::kOk);
  const Ids tags = {5, 1, 2};
  const std::array<std::uint32_t, 2> counts = {1, 2};
  const std::array<std::uint32_t, 1> all = {3};
  const std::array<float, 3> face = {0.5f, -1, 0.25f};
  REQUIRE(session.set_feature(column("tags", tags, all)) == Status::kOk);
  REQUIRE(session.set_feature(column("face", face)) == Status::kOk);
  const std::array<float, 2> prices = {0.5f, 2};
  const std::array<float, 4> looks = {1, 2, 3, 4};
  const Ids items = {3, 4};
  REQUIRE(session.set_history({column("item", items)}, 2, "clicks") == Status::kOk);
  REQUIRE(session.set_history(
              {column("tags", tags, counts), column("price", prices), column("look", looks)}, 2,
              "skips") == Status::kOk);
  CHECK(session.history_length("skips") == 2);
  CHECK(session.set_history({column("item", items)}, 2) == Status::kNotFound);  // of two stacks
  std::array<float, 2> scores{};
  REQUIRE(session.rank({column("item", items), column("tags", tags, counts),
                        column("price", prices), column("look", looks)},
                       2, scores.data()) == Status::kOk);
  CHECK(scores[0] > 0);
  CHECK(scores[0] != scores[1]);
  // Counts whose sum wraps around in 32 bits belong to no column.
  const std::array<std::uint32_t, 2> wrapping = {0xffffffffu, 4};
  CHECK(session.set_history(
            {column("tags", tags, wrapping), column("price", prices), column("look", looks)}, 2,
            "skips") == Status::kShapeMismatch);
  CHECK(session.history_length("skips") == 2);
}

}  // namespace
