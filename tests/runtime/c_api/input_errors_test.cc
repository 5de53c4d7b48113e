// What the app can get wrong in a session's calls: each gives the documented status and a message
// that names the wrong argument, and leaves the session unchanged.
#include <doctest/doctest.h>

#include <limits>

#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

augur_status set_history(const Fixture& f, const char* stack, const ColumnSet& columns) {
  return augur_session_set_history(f.get(), stack, columns.data(), columns.size(), columns.rows());
}

augur_status rank_columns(const Fixture& f, const ColumnSet& columns) {
  std::vector<float> scores(columns.rows());
  return augur_rank(f.get(), columns.data(), columns.size(), columns.rows(), scores.data(),
                    nullptr);
}

}  // namespace

TEST_CASE("null pointers are refused") {
  const Fixture f;
  const ColumnSet candidates = f.candidates();
  std::size_t count = 0;
  std::size_t index = 0;
  float value = 0.0f;
  f.check_failed(augur_session_set_feature(f.get(), nullptr), AUGUR_INVALID_ARGUMENT,
                 {"feature", "NULL"});
  f.check_failed(augur_session_set_history(f.get(), "s0", nullptr, 3, 2), AUGUR_INVALID_ARGUMENT,
                 {"columns", "NULL"});
  f.check_failed(augur_session_append(f.get(), "s0", nullptr, 3, 2), AUGUR_INVALID_ARGUMENT,
                 {"columns", "NULL"});
  f.check_failed(augur_rank(f.get(), nullptr, 1, 1, &value, nullptr), AUGUR_INVALID_ARGUMENT,
                 {"columns", "NULL"});
  f.check_failed(augur_rank_top_k(f.get(), candidates.data(), candidates.size(), 10, 1, nullptr,
                                  &value, &count),
                 AUGUR_INVALID_ARGUMENT, {"indices", "NULL"});
  f.check_failed(augur_rank_top_k(f.get(), candidates.data(), candidates.size(), 10, 1, &index,
                                  nullptr, &count),
                 AUGUR_INVALID_ARGUMENT, {"scores", "NULL"});
  f.check_failed(augur_rank_top_k(f.get(), candidates.data(), candidates.size(), 10, 1, &index,
                                  &value, nullptr),
                 AUGUR_INVALID_ARGUMENT, {"count", "NULL"});
  f.check_failed(
      augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 0, &value, 1, nullptr),
      AUGUR_INVALID_ARGUMENT, {"count", "NULL"});
  f.check_failed(augur_session_save(f.get(), nullptr, nullptr), AUGUR_INVALID_ARGUMENT,
                 {"bytes", "NULL"});
  f.check_failed(augur_session_restore(f.get(), nullptr, 100), AUGUR_INVALID_ARGUMENT,
                 {"memory", "NULL"});

  CHECK(augur_session_set_feature(nullptr, nullptr) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_set_history(nullptr, nullptr, nullptr, 0, 0) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_append(nullptr, nullptr, nullptr, 0, 0) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_clear(nullptr) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_history_length(nullptr, nullptr) == 0);
  CHECK(augur_session_save(nullptr, nullptr, &count) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_restore(nullptr, &value, 4) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_rank(nullptr, nullptr, 0, 0, nullptr, nullptr) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_rank_top_k(nullptr, nullptr, 0, 0, 0, nullptr, nullptr, &count) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(augur_explain(nullptr, nullptr, nullptr, 0, 0, 0, nullptr, 0, &count) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(augur_session_error(nullptr)).empty());
  augur_session_destroy(nullptr);
  augur_model_close(nullptr);
}

TEST_CASE("columns that do not match their field are refused") {
  const Fixture f;
  SUBCASE("too short") {
    ColumnSet columns = f.candidates();
    columns["c0"].length = 9;
    f.check_failed(rank_columns(f, columns), AUGUR_SHAPE_MISMATCH,
                   {"candidates", "'c0'", "9 ids", "expected 10"});
  }
  SUBCASE("too long") {
    ColumnSet columns = f.candidates();
    columns["c2"].length = 21;
    f.check_failed(rank_columns(f, columns), AUGUR_SHAPE_MISMATCH, {"'c2'", "21", "expected 20"});
  }
  SUBCASE("ids that do not add up to their counts") {
    ColumnSet columns = f.candidates();
    columns["c3"].length += 1;
    f.check_failed(rank_columns(f, columns), AUGUR_SHAPE_MISMATCH, {"'c3'"});
  }
  SUBCASE("counts that overflow when they are added up") {
    ColumnSet columns = f.candidates();
    std::vector<std::uint32_t> counts(10, 0);
    counts[0] = std::numeric_limits<std::uint32_t>::max();
    counts[1] = 2;
    columns["c3"].counts = counts.data();
    columns["c3"].length = 1;
    f.check_failed(rank_columns(f, columns), AUGUR_SHAPE_MISMATCH, {"'c3'"});
  }
  SUBCASE("numbers") {
    ColumnSet columns = f.candidates();
    columns["c4"].length = 0;
    f.check_failed(rank_columns(f, columns), AUGUR_SHAPE_MISMATCH, {"'c4'", "0 values"});
  }
  SUBCASE("more rows than memory can hold") {
    const ColumnSet columns = f.candidates();
    const std::size_t huge = std::numeric_limits<std::size_t>::max() / 2 + 5;
    f.check_failed(augur_rank(f.get(), columns.data(), columns.size(), huge, nullptr, nullptr),
                   AUGUR_SHAPE_MISMATCH, {"'c0'"});
  }
  SUBCASE("a missing field of the candidates, of a history") {
    f.check_failed(
        rank_columns(f, ColumnSet(f.parts().candidate, without(f.request.candidates, "s0_q1"))),
        AUGUR_SHAPE_MISMATCH, {"candidates", "'s0_q1'", "missing"});
    f.check_failed(
        set_history(f, "s0",
                    ColumnSet(f.stack_fields(0), without(f.request.histories.at("s0"), "s0_f2"))),
        AUGUR_SHAPE_MISMATCH, {"stack 's0'", "'s0_f2'", "missing"});
  }
  SUBCASE("an unknown field") {
    ColumnSet columns = f.candidates();
    columns["c0"].name = "c9";
    f.check_failed(rank_columns(f, columns), AUGUR_NOT_FOUND, {"candidates", "'c9'"});
    ColumnSet feature = f.feature("f1");
    feature[0].name = "age";
    f.check_failed(augur_session_set_feature(f.get(), feature.data()), AUGUR_NOT_FOUND,
                   {"features", "'age'"});
  }
  SUBCASE("a field twice") {
    ColumnSet columns = f.candidates();
    columns["c0"].name = "c1";
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"'c1'", "twice"});
  }
  SUBCASE("a column without a name, or of another version") {
    ColumnSet columns = f.candidates();
    columns["c0"].name = nullptr;
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"candidates", "no name"});
    ColumnSet old = f.candidates();
    old["c1"].struct_size = 8;
    f.check_failed(rank_columns(f, old), AUGUR_INVALID_ARGUMENT, {"struct_size 8"});
  }
  SUBCASE("the member that the kind needs is missing") {
    ColumnSet columns = f.candidates();
    columns["c0"].ids = nullptr;
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"'c0'", "no ids"});
    columns = f.candidates();
    columns["c2"].values = nullptr;
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"'c2'", "no values"});
    columns = f.candidates();
    columns["c3"].counts = nullptr;
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"'c3'", "no counts"});
    columns = f.candidates();
    columns["c3"].ids = nullptr;
    f.check_failed(rank_columns(f, columns), AUGUR_INVALID_ARGUMENT, {"'c3'", "no ids"});
  }
  SUBCASE("a feature with two rows") {
    ColumnSet feature = f.feature("f1");
    feature[0].length = 2;
    f.check_failed(augur_session_set_feature(f.get(), feature.data()), AUGUR_SHAPE_MISMATCH,
                   {"features", "'f1'"});
  }
}

TEST_CASE("ids outside their table are refused or accepted by the table's rule") {
  const Fixture f;
  const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  const std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  augur_field_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_stack_field(f.model.get(), 0, 0, &info) == AUGUR_OK);
  const std::int64_t rows = info.table_rows;
  const reference::Rows history = f.request.histories.at("s0");
  for (const std::int64_t id : {std::int64_t{-1}, rows, lowest, highest}) {
    CAPTURE(id);
    const std::string text = std::to_string(id);
    const ColumnSet bad_history(f.stack_fields(0), with_id(history, "s0_f0", 6, id));
    f.check_failed(set_history(f, "s0", bad_history), AUGUR_OUT_OF_RANGE,
                   {"history of stack 's0'", "'s0_f0'", text, std::to_string(rows - 1)});
    f.check_failed(augur_session_append(f.get(), "s0", bad_history.data(), bad_history.size(), 7),
                   AUGUR_OUT_OF_RANGE, {"'s0_f0'", text});
    f.check_failed(rank_columns(f, ColumnSet(f.parts().candidate,
                                             with_id(f.request.candidates, "s0_q0", 9, id))),
                   AUGUR_OUT_OF_RANGE, {"candidates", "'s0_q0'", text});
    for (const char* allowed : {"c0", "c1"}) {
      CHECK(rank_columns(f, ColumnSet(f.parts().candidate,
                                      with_id(f.request.candidates, allowed, 9, id))) == AUGUR_OK);
    }
  }
  f.check_failed(
      rank_columns(f, ColumnSet(f.parts().candidate, with_id(f.request.candidates, "c3", 2, 1000))),
      AUGUR_OUT_OF_RANGE, {"'c3'", "1000"});
  ColumnSet feature = f.feature("f0");
  const std::int64_t outside = -7;
  feature[0].ids = &outside;
  f.check_failed(augur_session_set_feature(f.get(), feature.data()), AUGUR_OUT_OF_RANGE,
                 {"features", "'f0'", "-7"});
}

TEST_CASE("numbers that are not finite are refused") {
  const Fixture f;
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    f.check_failed(rank_columns(f, ColumnSet(f.parts().candidate,
                                             with_value(f.request.candidates, "c2", 3, bad))),
                   AUGUR_INVALID_ARGUMENT, {"candidates", "'c2'", "finite", "row 3"});
    f.check_failed(set_history(f, "s0",
                               ColumnSet(f.stack_fields(0), with_value(f.request.histories.at("s0"),
                                                                       "s0_f2", 5, bad))),
                   AUGUR_INVALID_ARGUMENT, {"'s0_f2'", "finite", "row 5"});
    const ColumnSet feature(f.parts().features, with_value(f.request.features, "f2", 0, bad));
    f.check_failed(augur_session_set_feature(f.get(), feature.data() + 2), AUGUR_INVALID_ARGUMENT,
                   {"'f2'", "finite"});
  }
}

TEST_CASE("an unknown stack, and no stack name where there are several, are refused") {
  const Fixture f;
  const ColumnSet history = f.history(0);
  const ColumnSet candidates = f.candidates();
  float weights[12];
  std::size_t count = 0;
  f.check_failed(set_history(f, "clicks", history), AUGUR_NOT_FOUND, {"'clicks'"});
  f.check_failed(set_history(f, nullptr, history), AUGUR_NOT_FOUND, {"2 stacks"});
  f.check_failed(augur_session_append(f.get(), "clicks", history.data(), history.size(), 7),
                 AUGUR_NOT_FOUND, {"'clicks'"});
  f.check_failed(augur_explain(f.get(), "clicks", candidates.data(), candidates.size(), 10, 0,
                               weights, 12, &count),
                 AUGUR_NOT_FOUND, {"'clicks'"});
  f.check_failed(augur_explain(f.get(), "s1", candidates.data(), candidates.size(), 10, 0, weights,
                               12, &count),
                 AUGUR_NOT_FOUND, {"'s1'", "attention"});
  CHECK(augur_session_history_length(f.get(), "clicks") == 0);
  CHECK(augur_session_history_length(f.get(), nullptr) == 0);
}

TEST_CASE("explain refuses a candidate index out of range, and too little room") {
  const Fixture f;
  const ColumnSet candidates = f.candidates();
  float weights[12];
  std::size_t count = 0;
  const std::size_t events = augur_session_history_length(f.get(), "s0");
  REQUIRE(events > 1);
  f.check_failed(augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 10, weights,
                               12, &count),
                 AUGUR_INVALID_ARGUMENT, {"10"});
  f.check_failed(augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 0, weights,
                               events - 1, &count),
                 AUGUR_INVALID_ARGUMENT, {"room"});
  f.check_failed(augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 0, nullptr,
                               12, &count),
                 AUGUR_INVALID_ARGUMENT, {"room"});
}

}  // namespace augur::testing
