// Reading of ranking requests: every field kind, every form, every mistake.
#include "requests/request.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "error.h"
#include "support/open_model.h"
#include "support/temp_folder.h"

namespace augur::requests {
namespace {

using testing::TempFolder;
using tools_test::every_kind;
using tools_test::small_dien;
using tools_test::TestModel;

using Ids = std::vector<int64_t>;
using Numbers = std::vector<float>;
using Counts = std::vector<uint32_t>;

constexpr const char* kSound = R"({"id": "r1", "features": {"user": 3},)"
                               R"( "history": {"item": [1, 2, 3], "category": [3, 2, 1]},)"
                               R"( "candidates": {"item": [4, 5], "category": [0, 1]}})";

// kSound with one part of it replaced.
std::string with(const std::string& part, const std::string& replacement) {
  std::string line = kSound;
  const size_t at = line.find(part);
  REQUIRE(at != std::string::npos);
  return line.replace(at, part.size(), replacement);
}

std::string error_of(const TestModel& model, const std::string& line) {
  Request request(model.fields());
  try {
    parse_request(line, "f.jsonl:7", model.fields(), request);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a request becomes columns") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  Request request(model.fields());
  parse_request(kSound, "f.jsonl:1", model.fields(), request);
  CHECK(request.id == "r1");
  CHECK(request.where == "f.jsonl:1");
  REQUIRE(request.features.columns().size() == 1);
  CHECK(request.features.values(0).ids == Ids{3});
  REQUIRE(request.histories.size() == 1);
  CHECK(request.histories[0].row_count() == 3);
  CHECK(request.histories[0].values(0).ids == Ids{1, 2, 3});
  CHECK(request.candidates.row_count() == 2);
  const augur_column& category = request.candidates.columns()[1];
  CHECK(std::string(category.name) == "category");
  CHECK(category.struct_size == sizeof(augur_column));
  CHECK(category.length == 2);
  CHECK(category.ids[1] == 1);

  SUBCASE("and the next one takes its place") {
    parse_request(R"({"candidates": {"category": [], "item": []}, "id": "r2",)"
                  R"( "features": {"user": 0}, "history": {}})",
                  "f.jsonl:2", model.fields(), request);
    CHECK(request.id == "r2");
    CHECK(request.candidates.row_count() == 0);
    CHECK(request.histories[0].row_count() == 0);
    CHECK(request.features.values(0).ids == Ids{0});
  }
}

TEST_CASE("one sequence may be named, and an empty history may be given in any form") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  Request request(model.fields());
  const std::string history = R"({"item": [1, 2, 3], "category": [3, 2, 1]})";
  parse_request(with(history, R"({"clicks": )" + history + "}"), "f", model.fields(), request);
  CHECK(request.histories[0].values(1).ids == Ids{3, 2, 1});
  for (const char* empty : {"{}", R"({"clicks": {}})", R"({"item": [], "category": []})"}) {
    parse_request(with(history, empty), "f", model.fields(), request);
    CHECK(request.histories[0].row_count() == 0);
  }
}

TEST_CASE("a request with every kind of field and several stacks becomes columns") {
  const auto flatbuffer = every_kind();
  const TestModel model(*flatbuffer);
  Request request(model.fields());
  parse_request(R"({"id": "", "features": {"age": 31, "face": [0.5, -1, 2e-1], "tags": [5, 1]},)"
                R"( "history": {"skips": {"tags": [[1], [], [2, 3]], "price": [1, 2.5, -0],)"
                R"( "look": [[1, 2], [3, 4], [5, 6]]}, "clicks": {"item": [9]}},)"
                R"( "candidates": {"item": [1, 2], "tags": [[], [4]], "price": [0.1, 7],)"
                R"( "look": [[0.5, 1.5], [2, 3]]}})",
                "f", model.fields(), request);
  CHECK(request.features.values(0).values == Numbers{31});
  CHECK(request.features.values(1).ids == Ids{5, 1});
  CHECK(request.features.values(1).counts == Counts{2});
  CHECK(request.features.values(2).values == Numbers{0.5f, -1, 0.2f});
  CHECK(request.histories[0].values(0).ids == Ids{9});
  const RequestColumns& skips = request.histories[1];
  CHECK(skips.row_count() == 3);
  CHECK(skips.values(0).ids == Ids{1, 2, 3});
  CHECK(skips.values(0).counts == Counts{1, 0, 2});
  CHECK(skips.columns()[0].length == 3);
  CHECK(skips.values(1).values == Numbers{1, 2.5f, 0});
  CHECK(skips.values(2).values == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(skips.columns()[2].length == 6);

  SUBCASE("row by row") {
    RowCursor cursor(skips);
    cursor.move_to(2);
    CHECK(cursor.columns()[0].ids[0] == 2);
    CHECK(cursor.columns()[0].length == 2);
    CHECK(*cursor.columns()[0].counts == 2);
    CHECK(cursor.columns()[1].values[0] == 0);
    CHECK(cursor.columns()[2].values[1] == 6);
    CHECK(cursor.columns()[2].length == 2);
    cursor.move_to(1);
    CHECK(cursor.columns()[0].length == 0);
    cursor.move_to(0);
    CHECK(cursor.columns()[0].ids[0] == 1);
  }
}

TEST_CASE("the largest ids fit, larger ones do not") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  Request request(model.fields());
  parse_request(with("[4, 5]", "[9223372036854775807, -9223372036854775808]"), "f", model.fields(),
                request);
  CHECK(request.candidates.values(0).ids == Ids{INT64_MAX, INT64_MIN});
  for (const char* id : {"9223372036854775808", "-9223372036854775809", "18446744073709551616"}) {
    const std::string error = error_of(model, with("[4, 5]", std::string("[4, ") + id + "]"));
    CHECK(error ==
          "f.jsonl:7: candidates: field 'item': expected an array of integer ids, one for each "
          "candidate; came " +
              std::string(id) + ", which does not fit into 64 bits with a sign, at index 1");
  }
}

TEST_CASE("errors name the wrong part of a request") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  REQUIRE(error_of(model, kSound).empty());
  const auto check = [&](const std::string& line, const std::string& expected) {
    CHECK(error_of(model, line) == "f.jsonl:7: " + expected);
  };
  const std::string ids_of_events =
      "history: field 'item': expected an array of integer ids, one for each event; came ";
  check(with("\"user\"", "\"usr\""), "features: the model has no field 'usr' there; it has 'user'");
  check(with("\"category\": [0", "\"colour\": [0"),
        "candidates: the model has no field 'colour' there; it has 'item', 'category'");
  check(with("{\"user\": 3}", "{}"), "features: field 'user' is missing");
  check(with("\"features\": {\"user\": 3},", ""), "features: field 'user' is missing");
  check(with(", \"category\": [0, 1]", ""), "candidates: field 'category' is missing");
  check(with(", \"category\": [3, 2, 1]", ""), "history: field 'category' is missing");
  check(with("[0, 1]", "[0, 1, 2]"),
        "candidates: field 'category' has 3 values, but 'item' has 2; every field needs one for "
        "each candidate");
  check(with("[3, 2, 1]", "[3]"),
        "history: field 'category' has 1 value, but 'item' has 3; every field needs one for each "
        "event");
  check(with("[1, 2, 3]", "[1, 2.0, 3]"),
        ids_of_events + "2.0, which is not written as an integer, at index 1");
  check(with("[1, 2, 3]", "[1, \"two\", 3]"), ids_of_events + "the text 'two', at index 1");
  check(with("[1, 2, 3]", "[null]"), ids_of_events + "null, at index 0");
  check(with("[1, 2, 3]", "[true]"), ids_of_events + "true, at index 0");
  check(with("[1, 2, 3]", "[[1]]"), ids_of_events + "an array, at index 0");
  check(with("[1, 2, 3]", "[{}]"), ids_of_events + "an object, at index 0");
  check(with("[1, 2, 3]", "7"), ids_of_events + "the number 7");
  check(with("[1, 2, 3]", "{}"), ids_of_events + "an object");
  check(with("\"user\": 3", "\"user\": [3]"),
        "features: field 'user': expected an integer id; came an array");
  check(with("\"user\": 3", "\"user\": 3, \"user\": 4"), "features: field 'user' is given twice");
  check(with("\"id\": \"r1\"", "\"id\": 5"), "'id': expected a text; came the number 5");
  check(with("\"id\": \"r1\", ", ""), "'id' is missing");
  check(with("{\"user\": 3}", "[3]"), "'features': expected an object of fields; came an array");
  check(with("\"candidates\"", "\"candidate\""),
        "unknown key 'candidate'; a request has 'id', 'features', 'history' and 'candidates'");
  check(with("{\"item\": [4, 5], \"category\": [0, 1]}", "null"),
        "'candidates': expected an object of fields; came null");
  check(R"({"id": "r", "features": {"user": 3}, "candidates": {"item": [], "category": []}})",
        "'history' is missing");
  check(R"({"id": "r", "features": {"user": 3}, "history": {}})", "'candidates' is missing");
  check(with("{\"item\": [1", "{\"views\": {}, \"item\": [1"),
        "history: the model has no sequence 'views'; it has 'clicks'");
  check(with("\"id\": \"r1\"", "\"id\": \"r1\", \"id\": \"r2\""), "'id' is given twice");
  check("[1]", "expected a request, which is an object; came an array");
  check("\"r1\"", "expected a request, which is an object; came the text 'r1'");
}

TEST_CASE("errors name wrong numbers, lists and stacks") {
  const auto flatbuffer = every_kind();
  const TestModel model(*flatbuffer);
  const std::string start = R"({"id": "r", "features": {"age": 31, "tags": [5], "face": [1,2,3]},)";
  const auto with_features = [](const std::string& features) {
    return R"({"id": "r", "features": )" + features + "}";
  };
  const auto check = [&](const std::string& line, const std::string& expected) {
    CHECK(error_of(model, line) == "f.jsonl:7: " + expected);
  };
  check(with_features(R"({"age": "old"})"),
        "features: field 'age': expected a number; came the text 'old'");
  check(with_features(R"({"age": 1e39})"),
        "features: field 'age': expected a number; came 1e39, which is too large for 32 bits");
  check(with_features(R"({"tags": 5})"),
        "features: field 'tags': expected an array of integer ids; came the number 5");
  check(with_features(R"({"face": [1, 2]})"),
        "features: field 'face': expected an array of 3 numbers; came 2 numbers");
  check(with_features(R"({"face": [1, 2, 3, 4]})"),
        "features: field 'face': expected an array of 3 numbers; came 4 numbers");
  check(start + R"("history": {"item": [1]}})",
        "history: 'item' is a list, but the model has the sequences 'clicks', 'skips': write "
        "{\"<sequence>\": {\"<field>\": [...]}}");
  check(start + R"("history": {"clicks": {"item": [1]}}, "candidates": {}})",
        "history: the sequence 'skips' is missing; {} stands for no events");
  check(start + R"("history": {"clicks": {}, "clicks": {}}})",
        "history: sequence 'clicks' is given twice");
  check(start + R"("history": {"skips": {"tags": [[1], 2]}}})",
        "history 'skips': field 'tags': expected an array of arrays of integer ids, one for each "
        "event; came the number 2, at index 1");
  check(start + R"("history": {"skips": {"look": [[1, 2], [3]]}}})",
        "history 'skips': field 'look': expected an array of arrays of 2 numbers, one for each "
        "event; came 1 number, at index 1");
  check(start + R"("history": {"skips": {"look": [1, 2]}}})",
        "history 'skips': field 'look': expected an array of arrays of 2 numbers, one for each "
        "event; came the number 1, at index 0");
}

TEST_CASE("malformed JSON is reported with its column, without the parser's codes") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  const std::string sound = kSound;
  for (const std::string& line :
       {std::string("{"), std::string("nonsense"), sound + "}", sound.substr(0, sound.size() - 1),
        with("3,", "NaN,"), with("[1, 2, 3]", "[1 2]"), with("r1", "r\x01"), with("r1", "\xff"),
        with("\"r1\"", "\"" + std::string(100000, 'x')), with("[1, 2", "[1, 1e999")}) {
    const std::string error = error_of(model, line);
    CAPTURE(error);
    CHECK(error.rfind("f.jsonl:7: not valid JSON: ", 0) == 0);
    CHECK(error.find("json.exception") == std::string::npos);
    CHECK(error.size() < 400);
  }
  CHECK(error_of(model, "{]").find("not valid JSON: column 2: ") != std::string::npos);
  // Deep nesting ends at the first bracket that does not belong there.
  CHECK(error_of(model, std::string(1000000, '[')).find("came an array") != std::string::npos);
}

TEST_CASE("what stands behind a zero byte is not ignored") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  CHECK(error_of(model, kSound + std::string("\0 more", 6)).find("is 0") != std::string::npos);
}

TEST_CASE("a request cut short anywhere is an error") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  const std::string sound = kSound;
  for (size_t length = 0; length < sound.size(); ++length) {
    CHECK_FALSE(error_of(model, sound.substr(0, length)).empty());
  }
}

TEST_CASE("files are read line by line") {
  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  const TempFolder folder;
  const std::string sound = kSound;
  // A mark of byte order, blank lines, carriage returns, no line feed at the end.
  const std::string path =
      folder.write("f.jsonl", "\xef\xbb\xbf" + sound + "\r\n\n  \n" + with("r1", "r2"));
  RequestReader reader(path, model.fields());
  Request request(model.fields());
  CHECK(reader.next(request));
  CHECK(request.id == "r1");
  CHECK(request.where == path + ":1");
  CHECK(reader.next(request));
  CHECK(request.id == "r2");
  CHECK(request.where == path + ":4");
  CHECK_FALSE(reader.next(request));

  RequestReader empty(folder.write("empty", std::string()), model.fields());
  CHECK_FALSE(empty.next(request));
  const std::string missing = folder.path("missing.jsonl");
  CHECK_THROWS_WITH_AS(RequestReader(missing, model.fields()),
                       (missing + ": cannot be opened: No such file or directory").c_str(), Error);
  const std::string here = folder.path(".");
  CHECK_THROWS_WITH_AS(RequestReader(here, model.fields()),
                       (here + ": is a folder, not a file of JSON lines").c_str(), Error);
}

}  // namespace
}  // namespace augur::requests
