// augur.hpp: string keys, rows in the place of keys, lists with unusable candidates, and sessions
// that are restored into a later model.
#include <doctest/doctest.h>
#include <augur/augur.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/keyed_models.h"
#include "support/models.h"

namespace {

using augur::column;
using augur::key;
using augur::Status;
using augur::String;
using Ids = std::vector<std::int64_t>;

static_assert(std::is_same_v<String, augur_string>);

// A model and the bytes that it is read from.
struct Opened {
  explicit Opened(const augur::fb::ModelT& parts) : bytes(augur::tools_test::packed(parts)) {
    augur::ErrorInfo error;
    model = augur::Model::open_buffer(bytes.data(), bytes.size(), augur::ModelOptions(), &error);
    REQUIRE_MESSAGE(model, error.message);
  }
  std::vector<std::uint8_t> bytes;
  augur::Model model;
};

const Ids kKinds = {0, 1, 2};

std::string text_of(String string) {
  return {string.data, string.length};
}

TEST_CASE("keys come from literals, strings and containers of them, and are not copied") {
  CHECK(text_of(key("tents-104")) == "tents-104");
  CHECK(key("").length == 0);
  CHECK(key(std::string_view("a\0b", 3)).length == 3);
  const std::vector<std::string> texts = {"x", "yy"};
  std::array<String, 2> made{};
  augur::keys(texts, made.data());
  CHECK(made[0].data == texts[0].data());
  CHECK(text_of(made[1]) == "yy");
  const char* const literals[] = {"l", "m"};
  augur::keys(literals, made.data());
  CHECK(text_of(made[1]) == "m");
  const augur::Column strings = column("item", made);
  CHECK(strings.strings == made.data());
  CHECK(strings.ids == nullptr);
  CHECK(strings.length == 2);
  CHECK(strings.id_form == AUGUR_IDS_BY_FIELD);
  const std::array<std::uint32_t, 1> counts = {2};
  CHECK(column("tags", made, counts).counts == counts.data());
  const Ids ids = {1};
  CHECK(augur::as_rows(column("item", ids)).id_form == AUGUR_IDS_ROWS);
  CHECK(augur::as_keys(column("item", ids)).id_form == AUGUR_IDS_KEYS);
}

TEST_CASE("keys and rows give the same scores, and a vocabulary tells a key's row") {
  const Opened keyed(*augur::tools_test::keyed_dien());
  const augur::Model& model = keyed.model;
  CHECK(model.candidate_field(0).key_type == AUGUR_KEY_STRING);
  CHECK(std::string(model.candidate_field(0).column) == "item");
  CHECK(model.feature(0).key_type == AUGUR_KEY_INTEGER);
  CHECK(model.candidate_field(1).key_type == AUGUR_KEY_ROW);
  CHECK(model.table(1).keys == 9);
  std::uint32_t row = 0;
  REQUIRE(model.find_string("items", "tents-6", &row) == Status::kOk);
  CHECK(row == 8);
  CHECK(model.find_string("items", std::string("tents-7"), &row) == Status::kNotFound);
  REQUIRE(model.find_integer("users", -5, &row) == Status::kOk);
  CHECK(row == 3);
  CHECK(model.find_integer("items", 1, &row) == Status::kInvalidArgument);

  augur::Session session = augur::Session::create(model);
  REQUIRE(session);
  const String clicked[] = {key("tents-104"), key("tents-6"), key("")};
  const String offers[] = {key("tents-99"), key("tents-21"), key("zelt \xc3\xa4")};
  REQUIRE(session.set_feature("user", -5) == Status::kOk);
  REQUIRE(session.set_history({column("item", clicked), column("category", kKinds)}, 3) ==
          Status::kOk);
  std::array<float, 3> by_keys{};
  REQUIRE(session.rank({column("item", offers), column("category", kKinds)}, 3, by_keys.data()) ==
          Status::kOk);

  const Ids clicked_rows = {9, 8, 4}, offer_rows = {3, 5, 1};
  std::array<float, 3> by_rows{};
  REQUIRE(session.set_history(
              {augur::as_rows(column("item", clicked_rows)), column("category", kKinds)}, 3) ==
          Status::kOk);
  REQUIRE(session.rank({augur::as_rows(column("item", offer_rows)), column("category", kKinds)}, 3,
                       by_rows.data()) == Status::kOk);
  CHECK(by_keys == by_rows);

  // The form is never guessed.
  CHECK(session.rank({column("item", offer_rows), column("category", kKinds)}, 3, by_rows.data()) ==
        Status::kInvalidArgument);
  CHECK(std::strstr(session.error(), "item") != nullptr);
  CHECK(session.rank({column("item", offers), augur::as_keys(column("category", kKinds))}, 3,
                     by_rows.data()) == Status::kInvalidArgument);
  CHECK(session.set_feature("user", "text") == Status::kInvalidArgument);
}

TEST_CASE("an unusable candidate has a status, and the others their scores") {
  const Opened keyed(*augur::tools_test::keyed_dien());
  augur::Session session = augur::Session::create(keyed.model);
  REQUIRE(session);
  const String offers[] = {key("tents-99"), key("no such tent"), key("tents-6")};
  const augur::Column columns[] = {column("item", offers), column("category", kKinds)};
  std::array<float, 3> scores{}, logits{};
  std::array<augur_status, 3> statuses{};
  CHECK(session.rank(columns, 3, scores.data()) == Status::kOutOfRange);
  CHECK(std::strstr(session.error(), "no such tent") != nullptr);
  REQUIRE(session.rank_each(columns, 3, scores.data(), logits.data(), statuses.data()) ==
          Status::kOk);
  CHECK(static_cast<Status>(statuses[1]) == Status::kOutOfRange);
  CHECK(statuses[0] == AUGUR_OK);
  CHECK(std::isnan(scores[1]));
  CHECK(std::isnan(logits[1]));
  CHECK(std::isfinite(scores[2]));
  CHECK(session.rank_each(columns, 3, scores.data()) == Status::kOk);
  std::array<std::size_t, 3> best{};
  std::array<float, 3> best_scores{};
  std::size_t found = 0;
  REQUIRE(session.rank_top_k_each(columns, 3, 3, best.data(), best_scores.data(), &found,
                                  statuses.data()) == Status::kOk);
  CHECK(found == 2);
  CHECK(best_scores[0] == scores[best[0]]);
}

TEST_CASE("a session's memory does not grow with the vocabulary") {
  const Opened small(*augur::tools_test::keyed_dien());
  auto parts = augur::tools_test::keyed_dien();
  std::vector<std::string> keys = augur::tools_test::kItemKeys;
  while (keys.size() < 5000)
    keys.push_back("another name " + std::to_string(keys.size()));
  augur::tools_test::add_vocabulary(*parts->tables[1], keys,
                                    std::vector<std::uint32_t>(keys.size(), 1));
  const Opened large(*parts);
  CHECK(large.model.table(1).keys == 5000);
  CHECK(large.bytes.size() > small.bytes.size() + std::size_t{9} * 4900);
  CHECK(augur::Session::bytes(large.model) == augur::Session::bytes(small.model));
  CHECK(large.model.info().arena_used_bytes == small.model.info().arena_used_bytes);
}

// keyed_dien() after the next training: the first two items have exchanged their rows, and the last
// one has gone.
std::unique_ptr<augur::fb::ModelT> next_release(augur::fb::OutOfTable rule) {
  auto parts = augur::tools_test::keyed_dien();
  parts->id.assign(32, 9);
  augur::fb::EmbeddingTableT& items = *parts->tables[1];
  std::vector<std::string> keys = augur::tools_test::kItemKeys;
  keys.pop_back();
  augur::tools_test::add_vocabulary(items, keys, {8, 9, 7, 6, 5, 4, 3, 2});
  items.out_of_table = rule;
  const auto row = [&items](std::ptrdiff_t index) {
    return items.weights->data.begin() + index * 3 * static_cast<std::ptrdiff_t>(sizeof(float));
  };
  std::swap_ranges(row(8), row(9), row(9));
  return parts;
}

TEST_CASE("a session moves to a model of the next training, whose rows are others") {
  const Opened old(*augur::tools_test::keyed_dien());
  const Opened next(*next_release(augur::fb::OutOfTable::PaddingRow));
  CHECK(std::memcmp(old.model.info().id, next.model.info().id, 32) != 0);
  CHECK(std::memcmp(old.model.info().schema_id, next.model.info().schema_id, 32) == 0);

  const String offers[] = {key("tents-6"), key("tents-21"), key("tents-104")};
  const auto rank = [&](augur::Session& session) {
    std::array<float, 3> scores{};
    REQUIRE(session.rank({column("item", offers), column("category", kKinds)}, 3, scores.data()) ==
            Status::kOk);
    return scores;
  };
  const auto move = [&](const char* last, augur::RestoreReport& report) {
    const String clicked[] = {key("tents-104"), key("tents-6"), key(last)};
    augur::Session session = augur::Session::create(old.model);
    REQUIRE(session.set_feature("user", 1) == Status::kOk);
    REQUIRE(session.set_history({column("item", clicked), column("category", kKinds)}, 3) ==
            Status::kOk);
    std::size_t size = 0;
    REQUIRE(session.save(nullptr, &size) == Status::kOk);
    std::vector<std::byte> state(size);
    REQUIRE(session.save(state.data(), &size) == Status::kOk);
    augur::Session moved = augur::Session::create(next.model);
    REQUIRE_MESSAGE(moved.restore(state.data(), size, report) == Status::kOk, moved.error());
    CHECK(moved.history_length() == 3);
    return rank(moved) == rank(session);
  };
  augur::RestoreReport report;
  CHECK(move("tents-99", report));
  CHECK(report.by == AUGUR_RESTORED_BY_SCHEMA);
  CHECK(report.unknown_ids == 0);
  CHECK(report.dropped_events == 0);
  CHECK_FALSE(move("zelt \xc3\xa4", report));
  CHECK(report.unknown_ids == 1);
}

TEST_CASE(
    "a session with a key that the next model refuses is not restored, and the field is named") {
  const Opened old(*augur::tools_test::keyed_dien());
  const Opened next(*next_release(augur::fb::OutOfTable::Error));
  const String clicked[] = {key("tents-104"), key("zelt \xc3\xa4"), key("tents-6")};
  augur::Session session = augur::Session::create(old.model);
  REQUIRE(session.set_history({column("item", clicked), column("category", kKinds)}, 3) ==
          Status::kOk);
  std::size_t size = 0;
  REQUIRE(session.save(nullptr, &size) == Status::kOk);
  std::vector<std::byte> state(size);
  REQUIRE(session.save(state.data(), &size) == Status::kOk);
  augur::Session moved = augur::Session::create(next.model);
  augur::RestoreReport report;
  CHECK(moved.restore(state.data(), size, report) == Status::kOutOfRange);
  CHECK(report.by == AUGUR_RESTORED_BY_NOTHING);
  CHECK(std::strstr(moved.error(), "'item'") != nullptr);
  CHECK(moved.history_length() == 0);
}

}  // namespace
