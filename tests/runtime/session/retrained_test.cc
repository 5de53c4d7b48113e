// Saved sessions in another model with the same inputs: after a retrain, with another catalogue,
// and those that older versions of the library saved.
#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/fixture.h"
#include "runtime/support/keyed_columns.h"
#include "runtime/support/saved_states.h"

namespace augur::testing {
namespace {

constexpr fb::KeyType kKeyTypes[] = {fb::KeyType::Integer, fb::KeyType::String};

augur_restore_report empty_report() {
  augur_restore_report report = {};
  report.struct_size = sizeof(report);
  return report;
}

// With the rule PaddingId, a mask drops padding.
std::unique_ptr<fb::ModelT> parts_with(fb::OutOfTable rule) {
  auto parts = reference::random_model(everything_spec());
  parts->stacks[0]->mask =
      rule == fb::OutOfTable::PaddingId ? fb::MaskRule::NotPadding : fb::MaskRule::Length;
  for (const auto& table : parts->tables) {
    table->out_of_table = rule;
    table->hash.reset();
    table->unknown_row = 4;
  }
  return parts;
}

// A retrained model: other weights, and a catalogue in another order. rows: how many rows are left
// of each table; 0: all.
std::unique_ptr<fb::ModelT> retrained(fb::OutOfTable rule, fb::KeyType type, std::uint32_t rows) {
  auto parts = parts_with(rule);
  parts->id.assign(32, 99);
  for (const auto& table : parts->tables) {
    auto* values = reinterpret_cast<float*>(table->weights->data.data());
    const std::uint32_t dim = table->weights->shape[1];
    for (std::size_t i = 0; i < table->weights->data.size() / sizeof(float); ++i)
      values[i] *= 0.75f;
    if (rows == 0) continue;
    table->weights->shape[0] = rows;
    table->weights->data.resize(std::size_t{rows} * dim * sizeof(float));
  }
  give_keys(*parts, type, 3);
  return parts;
}

// A model before and after a retrain, and a session of the model before, saved.
struct Retrain {
  Retrain(fb::OutOfTable rule, fb::KeyType type, std::uint32_t rows)
      : before(keyed_parts(rule, type)), after(retrained(rule, type, rows)) {
    reference::Generator generator(23);
    request = reference::random_request(before.parts(), generator, 20, 15);
    const SessionHandle session = before.session();
    set_keyed_user(session.get(), before.parts(), request, type);
    state = saved(session.get());
  }
  static std::unique_ptr<fb::ModelT> keyed_parts(fb::OutOfTable rule, fb::KeyType type) {
    auto parts = parts_with(rule);
    give_keys(*parts, type);
    return parts;
  }
  TestModel before;
  TestModel after;
  reference::Request request;
  std::vector<std::uint8_t> state;
};

void check_refused(augur_session* session, const std::vector<std::uint8_t>& state,
                   augur_status expected, const std::vector<std::string>& parts) {
  const std::vector<std::uint8_t> before = saved(session);
  augur_restore_report report = empty_report();
  CHECK(augur_session_restore_report(session, state.data(), state.size(), &report) == expected);
  const std::string message = augur_session_error(session);
  CAPTURE(message);
  for (const std::string& part : parts)
    CHECK(message.find(part) != std::string::npos);
  CHECK(report.by == AUGUR_RESTORED_BY_NOTHING);
  CHECK(saved(session) == before);
}

}  // namespace

TEST_CASE("a saved session outlives a retrain: keys find their new rows") {
  for (const fb::KeyType type : kKeyTypes) {
    for (const fb::OutOfTable rule : {fb::OutOfTable::PaddingRow, fb::OutOfTable::UnknownRow}) {
      const Retrain retrain(rule, type, 0);
      augur_model_info infos[2] = {};
      for (const int i : {0, 1}) {
        infos[i].struct_size = sizeof(infos[i]);
        const TestModel& model = i == 0 ? retrain.before : retrain.after;
        REQUIRE(augur_model_get_info(model.get(), &infos[i]) == AUGUR_OK);
      }
      CHECK(std::memcmp(infos[0].id, infos[1].id, 32) != 0);
      CHECK(std::memcmp(infos[0].schema_id, infos[1].schema_id, 32) == 0);

      const SessionHandle given = retrain.after.session();
      set_keyed_user(given.get(), retrain.after.parts(), retrain.request, type);
      const SessionHandle restored = retrain.after.session();
      augur_restore_report report = empty_report();
      REQUIRE(augur_session_restore_report(restored.get(), retrain.state.data(),
                                           retrain.state.size(), &report) == AUGUR_OK);
      CHECK(report.by == AUGUR_RESTORED_BY_SCHEMA);
      CHECK(rank_keyed(restored.get(), retrain.after.parts(), retrain.request.candidates, type) ==
            rank_keyed(given.get(), retrain.after.parts(), retrain.request.candidates, type));

      const SessionHandle same = retrain.before.session();
      REQUIRE(augur_session_restore_report(same.get(), retrain.state.data(), retrain.state.size(),
                                           &report) == AUGUR_OK);
      CHECK(report.by == AUGUR_RESTORED_BY_MODEL);
    }
  }
}

TEST_CASE("keys that the new catalogue lacks are counted, and treated by its rule") {
  for (const fb::KeyType type : kKeyTypes) {
    for (const fb::OutOfTable rule :
         {fb::OutOfTable::PaddingRow, fb::OutOfTable::PaddingId, fb::OutOfTable::UnknownRow}) {
      CAPTURE(fb::EnumNameOutOfTable(rule));
      const Retrain retrain(rule, type, 6);
      const SessionHandle given = retrain.after.session();
      set_keyed_user(given.get(), retrain.after.parts(), retrain.request, type);
      const SessionHandle restored = retrain.after.session();
      augur_restore_report report = empty_report();
      REQUIRE(augur_session_restore_report(restored.get(), retrain.state.data(),
                                           retrain.state.size(), &report) == AUGUR_OK);
      CHECK(report.by == AUGUR_RESTORED_BY_SCHEMA);
      CHECK(report.unknown_ids > 0);
      // Masked events leave the history. When the history was given, older ones would have taken
      // their place, so that the two cannot be compared.
      const std::size_t events = augur_session_history_length(restored.get(), "s0");
      if (rule == fb::OutOfTable::PaddingId) {
        CHECK(report.dropped_events > 0);
        CHECK(events + report.dropped_events == 12);
      } else {
        CHECK(report.dropped_events == 0);
        CHECK(rank_keyed(restored.get(), retrain.after.parts(), retrain.request.candidates, type) ==
              rank_keyed(given.get(), retrain.after.parts(), retrain.request.candidates, type));
      }
    }
    const Retrain strict(fb::OutOfTable::Error, type, 6);
    const SessionHandle session = strict.after.session();
    check_refused(session.get(), strict.state, AUGUR_OUT_OF_RANGE,
                  {"table '", "does not have", "refuse"});
  }
}

TEST_CASE("what means nothing in another model is refused: rows, and pooled embeddings") {
  const fb::KeyType type = fb::KeyType::String;
  const Retrain retrain(fb::OutOfTable::UnknownRow, type, 0);
  const std::int64_t row = 3;
  const SessionHandle with_row = retrain.before.session();
  const augur_column column = {sizeof(column), "f0",           &row, nullptr, nullptr, 1,
                               nullptr,        AUGUR_IDS_ROWS, 0};
  REQUIRE(augur_session_set_feature(with_row.get(), &column) == AUGUR_OK);
  std::vector<std::uint8_t> state = saved(with_row.get());
  const SessionHandle after = retrain.after.session();
  check_refused(after.get(), state, AUGUR_INVALID_ARGUMENT,
                {"rows of table 'f0'", "another model", "anew"});
  const SessionHandle before = retrain.before.session();
  CHECK(augur_session_restore(before.get(), state.data(), state.size()) == AUGUR_OK);

  augur_session_options one = session_options(0, 0);
  one.max_ids_per_event = 1;
  const SessionHandle pooled = retrain.before.session(one);
  std::vector<std::string> keys = {string_key(1), string_key(2)};
  const augur_string strings[] = {{keys[0].data(), keys[0].size()},
                                  {keys[1].data(), keys[1].size()}};
  const std::uint32_t count = 2;
  const augur_column several = {sizeof(several), "f3", nullptr, nullptr, &count, 2, strings, 0, 0};
  REQUIRE(augur_session_set_feature(pooled.get(), &several) == AUGUR_OK);
  state = saved(pooled.get());
  check_refused(after.get(), state, AUGUR_INVALID_ARGUMENT, {"'f3'", "max_ids_per_event", "anew"});
  CHECK(augur_session_restore(before.get(), state.data(), state.size()) == AUGUR_OK);
}

TEST_CASE("a model with other inputs refuses a saved session, and names the first difference") {
  const fb::KeyType type = fb::KeyType::Integer;
  const Retrain retrain(fb::OutOfTable::UnknownRow, type, 0);
  const auto check = [&](const std::function<void(fb::ModelT&)>& change, const std::string& theirs,
                         const std::string& ours) {
    auto parts = retrained(fb::OutOfTable::UnknownRow, type, 0);
    change(*parts);
    const TestModel other(std::move(parts));
    const SessionHandle session = other.session();
    check_refused(session.get(), retrain.state, AUGUR_INVALID_ARGUMENT,
                  {"it has \"" + theirs, "this model has \"" + ours});
  };
  check([](fb::ModelT& m) { give_keys(m, fb::KeyType::String); },
        "feature 'f0': an id, integer keys\"", "feature 'f0': an id, string keys\"");
  check([](fb::ModelT& m) { m.stacks[1]->max_history = 6; },
        "stack 's1': at most 5 events, the newest\"", "stack 's1': at most 6 events, the newest\"");
  check(
      [](fb::ModelT& m) {
        m.stacks[1]->name = "s1x";
        for (auto& slot : m.head->slots) {
          for (fb::SourceT* source : {slot->source.get(), slot->times.get()}) {
            if (source != nullptr && source->name == "s1") source->name = "s1x";
          }
        }
      },
      "stack 's1': ", "stack 's1x': ");
  // The last field of the last stack is another one.
  check([](fb::ModelT& m) { m.stacks.back()->fields.back()->name = "s1_other"; },
        "event field 's1_f0': an id, integer keys\"", "event field 's1_other': ");
}

TEST_CASE("states that 0.2 and 0.1 saved are restored into their own model") {
  reference::ModelSpec spec;
  spec.features = {{fb::FieldKind::Number}, {fb::FieldKind::Id, 5}, {fb::FieldKind::Ids, 3}};
  spec.stacks[0].fields = {{fb::FieldKind::Number}, {fb::FieldKind::Id, 6}, {fb::FieldKind::Id, 3}};
  const TestModel model(reference::random_model(spec));
  reference::Generator generator(29);
  const reference::Request request = reference::random_request(model.parts(), generator, 9, 12);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  const std::vector<float> expected = rank(session.get(), model.parts(), request.candidates);

  // Version 2: the same without the schema text.
  const std::vector<std::uint8_t> state = saved(session.get());
  std::uint32_t schema = 0;
  std::memcpy(&schema, state.data() + kSavedHeader, sizeof(schema));
  std::vector<std::uint8_t> second(state.begin(), state.begin() + kSavedHeader);
  const auto inputs = static_cast<std::ptrdiff_t>(kSavedHeader + sizeof(schema) + schema);
  second.insert(second.end(), state.begin() + inputs, state.end());
  second[kSavedVersion] = 2;
  seal(second);

  // Version 1: in each row first the ids, then numbers and pooled ids, then padding to 8 bytes.
  std::vector<std::uint8_t> first(state.begin(), state.begin() + kSavedHeader);
  first[kSavedVersion] = 1;
  const auto put = [&first](const void* from, std::size_t bytes) {
    const auto* begin = static_cast<const std::uint8_t*>(from);
    first.insert(first.end(), begin, begin + bytes);
  };
  const auto put_row = [&](const Fields& fields, const reference::Rows& rows, std::size_t row) {
    for (const bool ids : {true, false}) {
      for (const auto& field : fields) {
        if ((field->kind == fb::FieldKind::Id) != ids) continue;
        const reference::Cell& cell = rows.columns.at(field->name)[row];
        if (ids) {
          put(cell.ids.data(), sizeof(std::int64_t));
        } else if (field->kind == fb::FieldKind::Number) {
          put(cell.values.data(), sizeof(float));
        } else {
          for (const auto& table : model.parts().tables) {
            if (table->name != field->table) continue;
            const std::uint32_t dim = table->weights->shape[1];
            std::vector<float> sum(dim);
            for (const std::int64_t id : cell.ids) {
              const auto* values = reinterpret_cast<const float*>(table->weights->data.data());
              for (std::uint32_t k = 0; k < dim; ++k)
                sum[k] += values[static_cast<std::size_t>(id) * dim + k];
            }
            put(sum.data(), dim * sizeof(float));
          }
        }
      }
    }
    while ((first.size() - kSavedHeader) % 8 != 0)
      first.push_back(0);
  };
  put_row(model.parts().features, request.features, 0);
  const reference::Rows& history = request.histories.at("s0");
  const std::uint64_t events = history.count;
  put(&events, sizeof(events));
  for (std::size_t i = 0; i < history.count; ++i)
    put_row(model.parts().stacks[0]->fields, history, i);
  seal(first);

  auto other_parts = reference::random_model(spec);
  other_parts->id.assign(32, 77);
  const TestModel other(std::move(other_parts));
  for (const std::vector<std::uint8_t>& old : {first, second}) {
    CAPTURE(static_cast<int>(old[kSavedVersion]));
    const SessionHandle restored = model.session();
    augur_restore_report report = empty_report();
    REQUIRE(augur_session_restore_report(restored.get(), old.data(), old.size(), &report) ==
            AUGUR_OK);
    CHECK(report.by == AUGUR_RESTORED_BY_MODEL);
    CHECK(rank(restored.get(), model.parts(), request.candidates) == expected);
    const SessionHandle foreign = other.session();
    check_refused(foreign.get(), old, AUGUR_INVALID_ARGUMENT, {"another model"});
    for (std::size_t length = kSavedHeader; length < old.size(); length += 3) {
      std::vector<std::uint8_t> cut(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(length));
      seal(cut);
      CHECK(augur_session_restore(foreign.get(), cut.data(), cut.size()) != AUGUR_OK);
      CHECK(augur_session_restore(restored.get(), cut.data(), cut.size()) != AUGUR_OK);
    }
  }
}

}  // namespace augur::testing
