// Columns of keys: a catalogue in which no key is its row.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "reference/random_model.h"
#include "runtime/support/fixture.h"
#include "runtime/support/keyed_columns.h"
#include "support/keyed_models.h"

namespace augur::testing {
namespace {

constexpr std::size_t kCandidates = 40;
constexpr fb::KeyType kKeyTypes[] = {fb::KeyType::Integer, fb::KeyType::String};

std::unique_ptr<fb::ModelT> parts_with(fb::OutOfTable rule, fb::MaskRule mask) {
  auto parts = reference::random_model(everything_spec());
  for (const auto& table : parts->tables) {
    table->out_of_table = rule;
    table->hash.reset();
    table->unknown_row = 4;
  }
  parts->stacks[0]->mask = mask;
  return parts;
}

// A model whose ids are rows, the same with keys, and a request in rows.
struct Pair {
  Pair(fb::OutOfTable rule, fb::MaskRule mask, fb::KeyType type)
      : plain(parts_with(rule, mask)), keyed(keyed_parts(rule, mask, type)) {
    reference::Generator generator(17);
    request = reference::random_request(plain.parts(), generator, 20, kCandidates);
  }
  static std::unique_ptr<fb::ModelT> keyed_parts(fb::OutOfTable rule, fb::MaskRule mask,
                                                 fb::KeyType type) {
    auto parts = parts_with(rule, mask);
    give_keys(*parts, type);
    return parts;
  }
  TestModel plain;
  TestModel keyed;
  reference::Request request;
};

}  // namespace

TEST_CASE("keys give the bits of their rows, unknown ones those of ids outside, by every rule") {
  for (const fb::KeyType type : kKeyTypes) {
    for (const fb::OutOfTable rule : {fb::OutOfTable::Error, fb::OutOfTable::PaddingRow,
                                      fb::OutOfTable::PaddingId, fb::OutOfTable::UnknownRow}) {
      for (const fb::MaskRule mask :
           {fb::MaskRule::Length, fb::MaskRule::NonZero, fb::MaskRule::NotPadding}) {
        CAPTURE(fb::EnumNameOutOfTable(rule));
        CAPTURE(fb::EnumNameMaskRule(mask));
        const Pair pair(rule, mask, type);
        const SessionHandle rows = pair.plain.session(0, 8, 2);
        set_user(rows.get(), pair.plain.parts(), pair.request);
        const std::vector<float> expected =
            rank(rows.get(), pair.plain.parts(), pair.request.candidates);
        const SessionHandle keys = pair.keyed.session(0, 8, 2);
        set_keyed_user(keys.get(), pair.keyed.parts(), pair.request, type);
        CHECK(rank_keyed(keys.get(), pair.keyed.parts(), pair.request.candidates, type) ==
              expected);
        for (const auto& stack : pair.plain.parts().stacks) {
          CHECK(augur_session_history_length(keys.get(), stack->name.c_str()) ==
                augur_session_history_length(rows.get(), stack->name.c_str()));
        }
        // Restored, appended to, and ranked again.
        const std::vector<std::uint8_t> state = saved(keys.get());
        const SessionHandle restored = pair.keyed.session();
        REQUIRE(augur_session_restore(restored.get(), state.data(), state.size()) == AUGUR_OK);
        CHECK(saved(restored.get()) == state);
        CHECK(rank_keyed(restored.get(), pair.keyed.parts(), pair.request.candidates, type) ==
              rank(rows.get(), pair.plain.parts(), pair.request.candidates));
      }
    }
  }
}

TEST_CASE("a column says whether its integers are rows or keys, and rows mix with keys") {
  for (const fb::KeyType type : kKeyTypes) {
    const Pair pair(fb::OutOfTable::Error, fb::MaskRule::Length, type);
    const SessionHandle rows = pair.plain.session();
    set_user(rows.get(), pair.plain.parts(), pair.request);
    const std::vector<float> expected =
        rank(rows.get(), pair.plain.parts(), pair.request.candidates);

    const SessionHandle mixed = pair.keyed.session();
    set_keyed_user(mixed.get(), pair.keyed.parts(), pair.request, type);
    ColumnSet history(pair.keyed.parts().stacks[0]->fields, pair.request.histories.at("s0"));
    for (std::size_t i = 0; i < history.size(); ++i)
      history[i].id_form = AUGUR_IDS_ROWS;
    REQUIRE(augur_session_set_history(mixed.get(), "s0", history.data(), history.size(),
                                      history.rows()) == AUGUR_OK);
    CHECK(rank_keyed(mixed.get(), pair.keyed.parts(), pair.request.candidates, type) == expected);
    ColumnSet candidates(pair.keyed.parts().candidate, pair.request.candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      candidates[i].id_form = AUGUR_IDS_ROWS;
    std::vector<float> logits(kCandidates);
    REQUIRE(augur_rank(mixed.get(), candidates.data(), candidates.size(), kCandidates, nullptr,
                       logits.data()) == AUGUR_OK);
    CHECK(logits == expected);
  }
}

TEST_CASE("a new session of a model with keys has the padding id in every feature") {
  const Pair pair(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::String);
  const SessionHandle fresh = pair.keyed.session();
  reference::Request given = pair.request;
  for (auto& [name, cells] : given.features.columns) {
    for (const auto& table : pair.plain.parts().tables) {
      if (table->name == name && cells[0].ids.size() == 1) cells[0].ids = {table->padding_row};
    }
    if (cells[0].ids.size() > 1) cells[0].ids.clear();
    std::fill(cells[0].values.begin(), cells[0].values.end(), 0.0f);
  }
  // f3 holds several ids; a new session has none.
  given.features.columns.at("f3")[0].ids.clear();
  given.histories.clear();
  const SessionHandle rows = pair.plain.session();
  set_user(rows.get(), pair.plain.parts(), given);
  CHECK(rank_keyed(fresh.get(), pair.keyed.parts(), pair.request.candidates, fb::KeyType::String) ==
        rank(rows.get(), pair.plain.parts(), pair.request.candidates));
}

TEST_CASE("columns of the wrong form are refused by name") {
  const Pair strings(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::String);
  const Pair integers(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::Integer);
  const std::int64_t id = 1;
  const augur_string text = {"1", 1};
  const augur_string null = {nullptr, 1};
  const auto check = [](const TestModel& model, const augur_column& column,
                        const std::vector<std::string>& parts) {
    const SessionHandle session = model.session();
    CHECK(augur_session_set_feature(session.get(), &column) == AUGUR_INVALID_ARGUMENT);
    const std::string message = augur_session_error(session.get());
    CAPTURE(message);
    for (const std::string& part : parts)
      CHECK(message.find(part) != std::string::npos);
  };
  augur_column column = {sizeof(column), "f0", &id, nullptr, nullptr, 1, nullptr, 0, 0};
  check(strings.keyed, column, {"'f0' has integers", "expected strings", "table 'f0'"});
  column.id_form = AUGUR_IDS_KEYS;
  check(strings.keyed, column, {"'f0' has integers", "expected strings"});
  check(strings.plain, column, {"'f0' has keys", "expected rows"});
  column.id_form = 3;
  check(strings.keyed, column, {"id_form is 3"});
  column.id_form = AUGUR_IDS_BY_FIELD;
  column.ids = nullptr;
  check(strings.keyed, column, {"'f0' has no strings"});
  check(integers.keyed, column, {"'f0' has no ids"});
  column.strings = &text;
  check(integers.keyed, column, {"'f0' has strings", "expected integer keys"});
  check(strings.plain, column, {"'f0' has strings", "expected rows"});
  column.id_form = AUGUR_IDS_ROWS;
  check(strings.keyed, column, {"'f0' has strings", "id_form AUGUR_IDS_ROWS"});
  column.id_form = AUGUR_IDS_BY_FIELD;
  column.strings = &null;
  check(strings.keyed, column, {"'f0'", "index 0 is NULL"});
}

TEST_CASE("an unknown key is named in the message, escaped and cut") {
  const Pair strings(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::String);
  const SessionHandle session = strings.keyed.session();
  const auto refuse = [&](const std::string& key, const std::string& part) {
    const augur_string text = {key.data(), key.size()};
    const augur_column column = {sizeof(column), "f0", nullptr, nullptr, nullptr, 1, &text, 0, 0};
    CHECK(augur_session_set_feature(session.get(), &column) == AUGUR_OUT_OF_RANGE);
    const std::string message = augur_session_error(session.get());
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
    CHECK(message.find("table 'f0': its vocabulary does not have it") != std::string::npos);
  };
  refuse("sku-9", "field 'f0' has key 'sku-9' at index 0");
  refuse("", "field 'f0' has key '' at index 0");
  refuse("a\nb\xff", "has key 'a\\x0ab\\xff' at index 0");
  refuse(std::string(5000, 'k'), "has key '" + std::string(60, 'k') + "' (cut) at index 0");
  refuse(std::string("a\0b", 3), "has key 'a\\x00b' at index 0");
  // A character of two bytes is not cut.
  refuse(std::string(59, 'k') + "\xc3\xa4",
         "has key '" + std::string(59, 'k') + "' (cut) at index 0");
  const Pair integers(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::Integer);
  const SessionHandle numbers = integers.keyed.session();
  const std::int64_t key = -9007199254740993;
  const augur_column column = {sizeof(column), "f0", &key, nullptr, nullptr, 1, nullptr, 0, 0};
  CHECK(augur_session_set_feature(numbers.get(), &column) == AUGUR_OUT_OF_RANGE);
  CHECK(std::string(augur_session_error(numbers.get())).find("has key -9007199254740993") !=
        std::string::npos);
}

TEST_CASE("rows outside a table whose keys are hashed are refused") {
  auto parts = reference::random_model(reference::ModelSpec{});
  for (const auto& table : parts->tables) {
    table->key_type = fb::KeyType::Integer;
    table->out_of_table = fb::OutOfTable::Hash;
    table->hash = std::make_unique<fb::HashT>();
    table->hash->kind = fb::HashKind::Farm64;
    table->hash->buckets = table->weights->shape[0];
  }
  parts->format = 4;
  const TestModel model(std::move(parts));
  const std::int64_t rows[] = {1, 1000000, -7};
  for (const std::uint32_t streaming : {0u, 1u}) {
    augur_session_options options = session_options(0, 0);
    options.streaming = streaming;
    const SessionHandle session = model.session(options);
    std::vector<augur_column> columns;
    for (const auto& field : model.parts().stacks[0]->fields) {
      columns.push_back({sizeof(augur_column), field->name.c_str(), rows, nullptr, nullptr, 3,
                         nullptr, AUGUR_IDS_ROWS, 0});
    }
    CHECK(augur_session_set_history(session.get(), nullptr, columns.data(), columns.size(), 3) ==
          AUGUR_OUT_OF_RANGE);
    CHECK(std::string(augur_session_error(session.get())).find("id 1000000 at index 1") !=
          std::string::npos);
    CHECK(augur_session_history_length(session.get(), nullptr) == 0);
    for (augur_column& column : columns)
      column.id_form = AUGUR_IDS_KEYS;
    CHECK(augur_session_set_history(session.get(), nullptr, columns.data(), columns.size(), 3) ==
          AUGUR_OK);
    const std::vector<std::uint8_t> state = saved(session.get());
    CHECK(augur_session_restore(session.get(), state.data(), state.size()) == AUGUR_OK);
  }
}

TEST_CASE("a column's reserved member must be 0, and no struct ends inside a member") {
  const Pair pair(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::Integer);
  const SessionHandle session = pair.plain.session();
  const std::int64_t id = 1;
  augur_column column = {sizeof(column), "f0", &id, nullptr, nullptr, 1, nullptr, 0, 5};
  CHECK(augur_session_set_feature(session.get(), &column) == AUGUR_UNSUPPORTED);
  column.reserved = 0;
  column.struct_size = offsetof(augur_column, strings) + 3;
  CHECK(augur_session_set_feature(session.get(), &column) == AUGUR_INVALID_ARGUMENT);
  column.struct_size = offsetof(augur_column, strings);
  CHECK(augur_session_set_feature(session.get(), &column) == AUGUR_OK);

  std::size_t count = 77;
  const augur_each_options wrong = {1, nullptr};
  const ColumnSet candidates(pair.plain.parts().candidate, pair.request.candidates);
  CHECK(augur_rank_top_k_each(session.get(), candidates.data(), candidates.size(), kCandidates, 0,
                              nullptr, nullptr, &count, &wrong) == AUGUR_INVALID_ARGUMENT);
  CHECK(count == 0);
}

TEST_CASE("a session's memory does not grow with the vocabulary, and counts the kept keys") {
  std::size_t bytes[2] = {};
  for (const std::uint32_t rows : {20u, 20000u}) {
    auto parts = reference::random_model(reference::ModelSpec{});
    for (const auto& table : parts->tables) {
      const std::uint32_t dim = table->weights->shape[1];
      table->weights->shape = {rows, dim};
      table->weights->data.assign(std::size_t{rows} * dim * sizeof(float), 0);
    }
    give_keys(*parts, fb::KeyType::String);
    const TestModel model(std::move(parts));
    bytes[rows == 20 ? 0 : 1] = augur_session_bytes(model.get(), nullptr);
  }
  CHECK(bytes[0] == bytes[1]);

  const Pair pair(fb::OutOfTable::Error, fb::MaskRule::Length, fb::KeyType::String);
  augur_session_options few = session_options(0, 0);
  augur_session_options many = few;
  few.max_ids_per_event = 16;
  many.max_ids_per_event = 32;
  // A key takes 24 bytes in each row of an AUGUR_IDS field: of the feature f3, and of 12 events.
  const std::size_t difference =
      augur_session_bytes(pair.keyed.get(), &many) - augur_session_bytes(pair.keyed.get(), &few);
  CHECK(difference >= std::size_t{16} * 24 * 13);
  CHECK(difference < std::size_t{16} * 24 * 13 + 256);
}

TEST_CASE("the vocabulary can be asked for a key's row") {
  const Pair strings(fb::OutOfTable::PaddingId, fb::MaskRule::Length, fb::KeyType::String);
  const augur_model* model = strings.keyed.get();
  std::uint32_t row = 99;
  const std::string key = string_key(7);
  CHECK(augur_model_find_string(model, "f0", key.data(), key.size(), &row) == AUGUR_OK);
  CHECK(row == 7);
  row = 99;
  CHECK(augur_model_find_string(model, "f0", "no", 2, &row) == AUGUR_NOT_FOUND);
  CHECK(row == 99);
  CHECK(augur_model_find_integer(model, "f0", 7, &row) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_find_string(model, "nothing", "no", 2, &row) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_find_string(model, "f0", nullptr, 2, &row) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_find_string(strings.plain.get(), "f0", "1", 1, &row) == AUGUR_INVALID_ARGUMENT);
  const Pair integers(fb::OutOfTable::PaddingId, fb::MaskRule::Length, fb::KeyType::Integer);
  CHECK(augur_model_find_integer(integers.keyed.get(), "f0", integer_key(3), &row) == AUGUR_OK);
  CHECK(row == 3);

  augur_field_info field = {};
  field.struct_size = sizeof(field);
  REQUIRE(augur_model_get_feature(model, 0, &field) == AUGUR_OK);
  CHECK(field.key_type == AUGUR_KEY_STRING);
  CHECK(std::string(field.column) == "f0");
}

}  // namespace augur::testing
