// Requests whose ids are strings: reading them, the columns that come of them, every mistake.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "error.h"
#include "requests/answer.h"
#include "requests/request.h"
#include "support/keyed_models.h"
#include "support/open_model.h"

namespace augur::requests {
namespace {

using tools_test::TestModel;
using tools_test::two_fields_one_column;
using Texts = std::vector<std::string>;

// Fields with string keys, with integer keys and with rows.
ModelFields shop() {
  const DeclaredField item = {"item", AUGUR_ID, 3, AUGUR_KEY_STRING};
  const DeclaredField tags = {"tags", AUGUR_IDS, 2, AUGUR_KEY_STRING};
  const DeclaredField brand = {"brand", AUGUR_ID, 2, AUGUR_KEY_INTEGER};
  const DeclaredField price = {"price", AUGUR_NUMBER, 1, AUGUR_KEY_ROW};
  ModelFields fields;
  fields.features = {"features", "feature", {{"user", AUGUR_ID, 2, AUGUR_KEY_STRING}, tags}};
  fields.candidates = {"candidates", "candidate", {item, tags, brand, price}};
  fields.sequence_names = {"clicks"};
  fields.sequences = {{"history", "event", {item, brand}}};
  return fields;
}

constexpr const char* kSound =
    R"({"id": "r1", "features": {"user": "u-7", "tags": ["new", ""]},)"
    R"( "history": {"item": ["sku-1", "a\u0000\u00e4", ""], "brand": [5, 6, -7]},)"
    R"( "candidates": {"item": ["x", "yy"], "tags": [["a", "bc"], []], "brand": [1, 2],)"
    R"( "price": [0.5, 2]}})";

std::string with(const std::string& part, const std::string& replacement) {
  std::string line = kSound;
  const size_t at = line.find(part);
  REQUIRE(at != std::string::npos);
  return line.replace(at, part.size(), replacement);
}

std::string error_of(const std::string& line) {
  const ModelFields fields = shop();
  Request request(fields);
  try {
    parse_request(line, "f:7", fields, request);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Texts texts_of(const augur_column& column) {
  Texts texts;
  for (size_t i = 0; i < column.length; ++i)
    texts.emplace_back(column.strings[i].data, column.strings[i].length);
  return texts;
}

TEST_CASE("strings become columns of strings") {
  const ModelFields fields = shop();
  Request request(fields);
  parse_request(kSound, "f:1", fields, request);
  CHECK(texts_of(request.features.columns()[0]) == Texts{"u-7"});
  CHECK(texts_of(request.features.columns()[1]) == Texts{"new", ""});
  CHECK(request.features.columns()[1].counts[0] == 2);
  const RequestColumns& history = request.histories[0];
  CHECK(history.row_count() == 3);
  CHECK(texts_of(history.columns()[0]) ==
        Texts{"sku-1", std::string("a\0\xc3\xa4", 4), std::string()});
  CHECK(history.columns()[0].id_form == AUGUR_IDS_BY_FIELD);
  CHECK(history.columns()[1].strings == nullptr);
  CHECK(history.columns()[1].ids[2] == -7);
  CHECK(history.values(0).id_text(0) == "sku-1");
  CHECK(history.values(1).id_text(2) == "-7");
  const std::vector<augur_column>& candidates = request.candidates.columns();
  CHECK(texts_of(candidates[0]) == Texts{"x", "yy"});
  CHECK(texts_of(candidates[1]) == Texts{"a", "bc"});
  CHECK(candidates[1].counts[1] == 0);
  CHECK(candidates[3].values[1] == 2);

  SUBCASE("and the next request takes their place") {
    parse_request(with(R"(["x", "yy"])", R"(["longer than the one before", "z"])"), "f:2", fields,
                  request);
    CHECK(texts_of(request.candidates.columns()[0]) == Texts{"longer than the one before", "z"});
  }
  SUBCASE("row by row") {
    RowCursor cursor(request.candidates);
    cursor.move_to(1);
    CHECK(texts_of(cursor.columns()[0]) == Texts{"yy"});
    CHECK(cursor.columns()[1].length == 0);
    CHECK(cursor.columns()[2].ids[0] == 2);
    cursor.move_to(0);
    CHECK(texts_of(cursor.columns()[0]) == Texts{"x"});
    CHECK(texts_of(cursor.columns()[1]) == Texts{"a", "bc"});
  }
}

TEST_CASE("a number for a string key, and a string for an integer, are errors") {
  REQUIRE(error_of(kSound).empty());
  const std::string items =
      "f:7: candidates: field 'item': expected an array of string ids, one "
      "for each candidate; came ";
  CHECK(error_of(with(R"(["x", "yy"])", R"(["x", 7])")) ==
        items + "the number 7 (the ids of this catalogue are strings: write \"7\"), at index 1");
  CHECK(error_of(with(R"(["x", "yy"])", "[1.5]")) ==
        items +
            "the number 1.5 (the ids of this catalogue are strings: write \"1.5\"), at index 0");
  CHECK(error_of(with(R"(["x", "yy"])", "[null]")) == items + "null, at index 0");
  CHECK(error_of(with(R"(["x", "yy"])", R"([["x"]])")) == items + "an array, at index 0");
  CHECK(error_of(with(R"(["x", "yy"])", R"("x")")) == items + "the text 'x'");
  CHECK(error_of(with(R"(["x", "yy"])", "7")) == items + "the number 7");
  CHECK(error_of(with(R"("u-7")", "18446744073709551615")) ==
        "f:7: features: field 'user': expected a string id; came the number 18446744073709551615 "
        "(the ids of this catalogue are strings: write \"18446744073709551615\")");
  CHECK(error_of(with(R"(["new", ""])", R"("new")")) ==
        "f:7: features: field 'tags': expected an array of string ids; came the text 'new'");
  CHECK(error_of(with(R"(["a", "bc"])", R"("a")")) ==
        "f:7: candidates: field 'tags': expected an array of arrays of string ids, one for each "
        "candidate; came the text 'a', at index 0");
  CHECK(error_of(with(R"("bc")", "5")) ==
        "f:7: candidates: field 'tags': expected an array of arrays of string ids, one for each "
        "candidate; came the number 5 (the ids of this catalogue are strings: write \"5\"), at "
        "index 0");
  const std::string brands =
      "f:7: history: field 'brand': expected an array of integer ids, one "
      "for each event; came the text ";
  CHECK(error_of(with("[5, 6, -7]", R"([5, "-6", 7])")) ==
        brands + "'-6' (write it without quotes), at index 1");
  CHECK(error_of(with("[5, 6, -7]", R"(["6x"])")) == brands + "'6x', at index 0");
  // Quoted keys are escaped and cut.
  CHECK(error_of(with("[5, 6, -7]", R"(["a\nb\u001b"])")) ==
        brands + R"('a\x0ab\x1b', at index 0)");
  const std::string error = error_of(with("[5, 6, -7]", "[\"" + std::string(5000, 'k') + "\"]"));
  CHECK(error == brands + "'" + std::string(200, 'k') + "...', at index 0");
  CHECK(error_of(with("[5, 6, -7]", "[5, 6]")) ==
        "f:7: history: field 'brand' has 2 values, but 'item' has 3; every field needs one for "
        "each event");
}

TEST_CASE("a request names a column once, whichever fields read it") {
  const TestModel model(*two_fields_one_column(fb::FieldKind::Id, "items"));
  CHECK(model.fields().candidates.names() == "'item', 'category'");
  CHECK(model.fields().candidates.fields[0].has_string_keys());
  CHECK(model.fields().candidates.fields[1].keys == AUGUR_KEY_ROW);
  CHECK(model.fields().features.fields[0].keys == AUGUR_KEY_INTEGER);
  Request request(model.fields());
  const std::string line =
      R"({"id": "r", "features": {"user": 1}, "history": {}, "candidates": {"item": ["tents-6"],)"
      R"( "category": [1]}})";
  parse_request(line, "f:1", model.fields(), request);
  RequestRanker ranker(model.get(), model.fields());
  Answer answer;
  ranker.rank(request, answer);
  const TestModel plain(*tools_test::keyed_dien());
  RequestRanker other(plain.get(), plain.fields());
  Answer expected;
  other.rank(request, expected);
  CHECK(answer.logits == expected.logits);
}

TEST_CASE("a column whose fields want different kinds of values is an error") {
  const auto error_with = [](fb::FieldKind kind, const std::string& table) -> std::string {
    try {
      const TestModel model(*two_fields_one_column(kind, table));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string expected =
      "the model's candidates: field 'again' and another field read the column 'item', but want "
      "values of different kinds; expected one kind for each column";
  CHECK(error_with(fb::FieldKind::Ids, "items") == expected);
  CHECK(error_with(fb::FieldKind::Id, "users") == expected);
}

TEST_CASE("a candidate list of many strings is read in one pass") {
  const ModelFields fields = shop();
  Request request(fields);
  std::string items, tags, brands, prices;
  constexpr size_t kCount = 100000;
  for (size_t i = 0; i < kCount; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    items += comma + "\"sku-" + std::to_string(i) + "\"";
    tags += comma + "[]";
    brands += comma + "1";
    prices += comma + "0";
  }
  parse_request(R"({"id": "r", "features": {"user": "u", "tags": []}, "history": {},)"
                R"( "candidates": {"item": [)" +
                    items + R"(], "tags": [)" + tags + R"(], "brand": [)" + brands +
                    R"(], "price": [)" + prices + "]}}",
                "f:1", fields, request);
  const augur_column& column = request.candidates.columns()[0];
  REQUIRE(column.length == kCount);
  const augur_string& last = column.strings[kCount - 1];
  CHECK(std::string(last.data, last.length) == "sku-99999");
  // One buffer: each string begins where the one before ends.
  CHECK(column.strings[1].data == column.strings[0].data + column.strings[0].length);
}

}  // namespace
}  // namespace augur::requests
