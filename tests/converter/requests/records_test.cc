// Labels and expected answers.
#include "requests/json_lines.h"

#include <doctest/doctest.h>

#include <string>

#include "error.h"
#include "support/temp_folder.h"

namespace augur::requests {
namespace {

using testing::TempFolder;

template <typename Read>
std::string error_of(Read read) {
  try {
    read();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("labels are joined by id") {
  const TempFolder folder;
  const std::string path = folder.write("l.jsonl",
                                        "{\"id\": \"a\", \"labels\": [1, 0, true, false]}\n"
                                        "{\"labels\": [], \"id\": \"b\", \"split\": \"test\"}\n");
  const ById<Labels> labels = read_labels(path);
  CHECK(labels.size() == 2);
  CHECK(labels_of(labels, "a", 4, "r.jsonl:1").clicked == std::vector<uint8_t>{1, 0, 1, 0});
  CHECK(labels_of(labels, "b", 0, "r.jsonl:2").clicked.empty());
  CHECK(error_of([&] { labels_of(labels, "c", 1, "r.jsonl:3"); }) ==
        "r.jsonl:3: there are no labels for request 'c'");
  CHECK(error_of([&] { labels_of(labels, "a", 3, "r.jsonl:1"); }) ==
        path + ":1: 'labels' has 4 values; the request at r.jsonl:1 has 3 candidates");
}

TEST_CASE("wrong labels are refused, and the message names them") {
  const TempFolder folder;
  const auto check = [&](const std::string& text, const std::string& expected) {
    const std::string path = folder.write("l.jsonl", text);
    CHECK(error_of([&] { read_labels(path); }) == path + expected);
  };
  check("{\"id\": \"a\", \"labels\": [0, 2]}", ":1: 'labels': expected 0 or 1; came 2, at index 1");
  check("{\"id\": \"a\", \"labels\": [\"1\"]}",
        ":1: 'labels': expected 0 or 1; came \"1\", at index 0");
  check("{\"id\": \"a\", \"labels\": 1}",
        ":1: 'labels': expected an array, one value a candidate; came number");
  check("{\"id\": \"a\"}", ":1: 'labels' is missing");
  check("{\"labels\": []}", ":1: 'id' is missing");
  check("{\"id\": 7, \"labels\": []}", ":1: 'id': expected a text; came number");
  check("[]", ":1: expected an object; came array");
  const std::string line = "{\"id\": \"a\", \"labels\": []}\n";
  check(line + "\n" + line, ":3: the id 'a' is already at " + folder.path("l.jsonl") + ":1");
  const std::string path = folder.write("l.jsonl", std::string("{\"id\": \"a\", \"labels\": [1}"));
  CHECK(error_of([&] { read_labels(path); }).rfind(path + ":1: not valid JSON: column 25: ", 0) ==
        0);
}

TEST_CASE("expected answers hold scores, logits or both") {
  const TempFolder folder;
  const std::string path = folder.write("e.jsonl",
                                        "{\"id\": \"a\", \"logits\": [0.5, -1]}\n"
                                        "{\"id\": \"b\", \"scores\": [0.25], \"logits\": [1e0]}\n");
  const ById<Expected> expected = read_expected(path);
  CHECK(expected_of(expected, "a", 2, "r:1").logits == std::vector<double>{0.5, -1});
  CHECK(expected_of(expected, "a", 2, "r:1").scores.empty());
  CHECK(expected_of(expected, "b", 1, "r:1").scores == std::vector<double>{0.25});
  CHECK(error_of([&] { expected_of(expected, "a", 1, "r:1"); }) ==
        path + ":1: 'logits' has 2 values; the request at r:1 has 1 candidate");

  const auto check = [&](const std::string& text, const std::string& message) {
    const std::string wrong = folder.write("w.jsonl", text);
    CHECK(error_of([&] { read_expected(wrong); }) == wrong + message);
  };
  check("{\"id\": \"a\"}", ":1: neither 'scores' nor 'logits' is there");
  check("{\"id\": \"a\", \"scores\": [null]}",
        ":1: 'scores': expected a number; came null, at index 0");
  check("{\"id\": \"a\", \"indices\": [0], \"scores\": [1]}",
        ":1: 'indices': these answers were written with --top, which leaves candidates out");
}

TEST_CASE("labels nested without end, or with a key twice, are refused") {
  const TempFolder folder;
  const std::string deep = folder.path("deep");
  folder.write("deep", std::string(53000, '['));
  CHECK_THROWS_WITH_AS(read_labels(deep), doctest::Contains("nested deeper than 64"), Error);
  folder.write("twice", std::string(R"({"id": "a", "labels": [1], "labels": [0]})"));
  CHECK_THROWS_WITH_AS(read_labels(folder.path("twice")),
                       doctest::Contains("'labels' stands twice in one object"), Error);
}

TEST_CASE("a line without end is refused") {
  CHECK_THROWS_WITH_AS(read_labels("/dev/zero"),
                       doctest::Contains("/dev/zero:1: the line is longer than 64 MiB"), Error);
}

TEST_CASE("lines longer than a chunk, empty lines and a last line without an end are read") {
  const TempFolder folder;
  const std::string first(200000, 'a');
  folder.write("lines", first + "\n\n  \nb\r\nc");
  LineReader lines(folder.path("lines"));
  std::string_view line;
  REQUIRE(lines.next(line));
  CHECK(line == first);
  REQUIRE(lines.next(line));
  CHECK(line == "b");
  REQUIRE(lines.next(line));
  CHECK(line == "c");
  CHECK(lines.where() == folder.path("lines") + ":5");
  CHECK_FALSE(lines.next(line));
}

TEST_CASE("labels without a request are reported") {
  ById<Labels> labels;
  labels["a"].where = "l:1";
  labels["b"].where = "l:2";
  CHECK(not_asked(labels, {"a", "b"}, "l", "r").empty());
  CHECK(not_asked(labels, {"a"}, "l", "r") ==
        "l: 1 of its 2 lines are for no request of r, such as l:2");
}

}  // namespace
}  // namespace augur::requests
