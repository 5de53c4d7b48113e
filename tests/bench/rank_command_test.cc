// augur-rank, run as a person runs it: answers, labels, threads.
#include <nlohmann/json.hpp>
#include <sstream>

#include "requests/answer.h"
#include "requests/request.h"
#include "support/commands.h"
#include "support/open_model.h"

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

std::vector<Json> parse_lines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(Json::parse(line));
  return lines;
}

TEST_CASE("answers equal those of the C API, in the requests' order") {
  const Workplace place;
  const Result result = augur_rank({place.model, "--requests", place.requests});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  const std::vector<Json> answers = parse_lines(result.out);
  REQUIRE(answers.size() == 3);

  const auto flatbuffer = small_dien();
  const TestModel model(*flatbuffer);
  requests::RequestReader reader(place.requests, model.fields());
  requests::Request request(model.fields());
  for (const Json& answer : answers) {
    REQUIRE(reader.next(request));
    // A new session for each request: the command's is used again and again.
    requests::RequestRanker scorer(model.get(), model.fields());
    requests::Answer expected;
    scorer.rank(request, expected);
    CHECK(answer["id"] == request.id);
    CHECK(answer["scores"].get<std::vector<float>>() == expected.scores);
    CHECK(answer["logits"].get<std::vector<float>>() == expected.logits);
    CHECK(answer.size() == 3);
  }
  CHECK(answers[0]["scores"].size() == 3);
  CHECK(answers[0]["scores"][0] == answers[0]["scores"][2]);  // the same candidate twice
  CHECK(answers[0]["scores"][0] != answers[0]["scores"][1]);
}

TEST_CASE("a file, standard input and threads give the same answers") {
  const Workplace place;
  std::string many;
  for (int i = 0; i < 700; ++i)
    many += kThreeRequests;
  const std::string file = place.folder.write("many.jsonl", many);
  const Result one = augur_rank({place.model, "--requests", file});
  REQUIRE(one.status == 0);
  const Result piped = augur_rank({place.model, "--requests", "-"}, many);
  CHECK(piped.status == 0);
  CHECK(piped.out == one.out);
  const Result threads =
      augur_rank({place.model, "--requests", file, "--threads", "4", "--out", place.out});
  CHECK(threads.status == 0);
  CHECK(threads.out.empty());
  CHECK(read_file(place.out) == one.out);
}

TEST_CASE("on several threads, the error is that of the first line that fails") {
  const Workplace place;
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += kThreeRequests;
  many += "{}\n" + kThreeRequests + "nonsense\n";
  const std::string file = place.folder.write("many.jsonl", many);
  const Result result =
      augur_rank({place.model, "--requests", file, "--threads", "3", "--out", place.out});
  CHECK(result.status == 1);
  CHECK(contains(result.err, "many.jsonl:601: 'id' is missing"));
  CHECK(place.has_no_output());
}

TEST_CASE("--top keeps the best, with their indices") {
  const Workplace place;
  const std::vector<Json> all =
      parse_lines(augur_rank({place.model, "--requests", place.requests}).out);
  const Result result = augur_rank({place.model, "--requests", place.requests, "--top", "2"});
  REQUIRE(result.status == 0);
  const std::vector<Json> best = parse_lines(result.out);
  REQUIRE(best.size() == 3);
  CHECK(best[1]["indices"].size() == 1);
  for (size_t i = 0; i < best.size(); ++i) {
    const auto logits = all[i]["logits"].get<std::vector<float>>();
    for (size_t rank = 0; rank < best[i]["indices"].size(); ++rank) {
      const size_t index = best[i]["indices"][rank];
      CHECK(best[i]["logits"][rank] == all[i]["logits"][index]);
      CHECK(best[i]["scores"][rank] == all[i]["scores"][index]);
      size_t better = 0;
      for (size_t j = 0; j < logits.size(); ++j) {
        if (logits[j] > logits[index] || (logits[j] == logits[index] && j < index)) ++better;
      }
      CHECK(better == rank);
    }
  }
}

TEST_CASE("--explain adds each candidate's attention") {
  const Workplace place;
  for (const bool top : {false, true}) {
    std::vector<std::string> arguments = {place.model, "--requests", place.requests, "--explain"};
    if (top) arguments.insert(arguments.end(), {"--top", "3"});
    const Result result = augur_rank(arguments);
    REQUIRE(result.status == 0);
    const std::vector<Json> answers = parse_lines(result.out);
    const Json& last = answers[2]["attention"]["clicks"];
    REQUIRE(last.size() == (top ? 3 : 7));
    for (const Json& weights : last) {
      REQUIRE(weights.size() == 4);  // of six events the model keeps the newest four
      double sum = 0;
      for (const Json& weight : weights)
        sum += weight.get<double>();
      CHECK(sum == doctest::Approx(1).epsilon(1e-5));
    }
    CHECK(answers[1]["attention"]["clicks"][0].empty());
    CHECK(last[0] != last[1]);
  }
}

TEST_CASE("--explain with --top gives each candidate the attention that it has without --top") {
  const Workplace place;
  const std::vector<Json> all =
      parse_lines(augur_rank({place.model, "--requests", place.requests, "--explain"}).out);
  const std::vector<Json> best = parse_lines(
      augur_rank({place.model, "--requests", place.requests, "--explain", "--top", "7"}).out);
  for (size_t rank = 0; rank < 7; ++rank) {
    const size_t index = best[2]["indices"][rank];
    for (size_t event = 0; event < 4; ++event) {
      CHECK(
          best[2]["attention"]["clicks"][rank][event].get<double>() ==
          doctest::Approx(all[2]["attention"]["clicks"][index][event].get<double>()).epsilon(1e-5));
    }
  }
}

TEST_CASE("every field kind, two stacks: the one without attention explains nothing") {
  const TempFolder folder;
  const std::string model = folder.write("kinds.augur", packed(*every_kind()));
  const std::string request =
      R"({"id": "r", "features": {"age": 31, "face": [0.5, -1, 0.2], "tags": [5, 1]},)"
      R"( "history": {"skips": {"tags": [[1], []], "price": [1, 2.5], "look": [[1, 2], [3, 4]]},)"
      R"( "clicks": {"item": [9, 3, 1]}}, "candidates": {"item": [1, 2, 3], "tags": [[], [4], []],)"
      R"( "price": [0.1, 7, 0.1], "look": [[0.5, 1.5], [2, 3], [0.5, 1.5]]}})";
  const Result result = augur_rank({model, "--requests", "-", "--explain"}, request);
  REQUIRE_MESSAGE(result.status == 0, result.err);
  const Json answer = parse_lines(result.out)[0];
  CHECK(answer["attention"].size() == 1);
  CHECK(answer["attention"]["clicks"][2].size() == 3);
  CHECK(answer["scores"].size() == 3);
}

TEST_CASE("--labels prints the AUC, and --stats prints counts") {
  const Workplace place;
  const std::vector<Json> answers =
      parse_lines(augur_rank({place.model, "--requests", place.requests}).out);
  // The better of the first two candidates is clicked, and the worst of the last seven.
  const auto first = answers[0]["logits"].get<std::vector<double>>();
  const auto last = answers[2]["logits"].get<std::vector<double>>();
  Json a = {{"id", "a"}, {"labels", {0, 0, 0}}};
  a["labels"][first[0] > first[1] ? 0 : 1] = 1;
  Json c = {{"id", "c"}, {"labels", {0, 0, 0, 0, 0, 0, 0}}};
  c["labels"][static_cast<size_t>(std::min_element(last.begin(), last.end()) - last.begin())] = 1;
  const std::string b = R"({"id": "b", "labels": [0]})";
  const std::string labels =
      place.folder.write("labels.jsonl", c.dump() + "\n" + b + "\n" + a.dump() + "\n");
  const Result result = augur_rank({place.model, "--requests", place.requests, "--labels", labels,
                                    "--stats", "--out", place.out});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  CHECK(contains(result.err, "(11 candidates, 2 clicked)"));
  // Of request a every pair is in order or tied, of request c none.
  const double of_a = first[0] > first[1] ? 0.75 : 1;
  char grouped[80];
  std::snprintf(grouped, sizeof grouped, "AUC within requests %.6f (2 requests", of_a * 3 / 10);
  CHECK(contains(result.err, grouped));
  CHECK(contains(result.err, "3 requests, 11 candidates; "));
  CHECK(contains(result.err, "1 thread\n"));

  const std::string none =
      place.folder.write("none.jsonl", "{\"id\": \"a\", \"labels\": [0, 0, 0]}\n" + b + "\n" +
                                           "{\"id\": \"c\", \"labels\": [0, 0, 0, 0, 0, 0, 0]}\n");
  CHECK(contains(augur_rank({place.model, "--requests", place.requests, "--labels", none}).err,
                 "AUC is not defined: 0 of 11 candidates were clicked"));
}

TEST_CASE(
    "table rows other than those of the conversion give a warning, and --strict refuses them") {
  const Workplace place;
  const auto rank = [&](uint8_t model_states, uint8_t table_states, bool strict) {
    const PartedModel parts = parted_dien(model_states, table_states);
    const std::string model = place.folder.write("parted.augur", parts.model);
    const std::string table = place.folder.write("items.augurtable", parts.table);
    std::vector<std::string> arguments = {model, "--requests", place.requests, "--table",
                                          "items=" + table};
    if (strict) arguments.emplace_back("--strict");
    return augur_rank(arguments);
  };
  const std::string whole = augur_rank({place.model, "--requests", place.requests}).out;
  for (const bool strict : {false, true}) {
    const Result same = rank(0xab, 0xab, strict);
    CHECK(same.status == 0);
    CHECK(same.err.empty());
    CHECK(same.out == whole);
  }
  const Result other = rank(0xab, 0xcd, false);
  CHECK(other.status == 0);
  CHECK(other.out == whole);
  CHECK(contains(other.err, "augur-rank: warning: table 'items': the rows of " +
                                place.folder.path("items.augurtable") +
                                " (hash cdcdcdcdcdcd...) are not those that the model was "
                                "converted with (hash abababababab...)\n"));
  const Result refused = rank(0xab, 0xcd, true);
  CHECK(refused.status == 1);
  CHECK(refused.out.empty());
  CHECK(contains(refused.err, "augur-rank: table 'items': the rows of "));
  CHECK(contains(refused.err, "hash cdcdcdcdcdcd..."));
  CHECK(contains(refused.err, "hash abababababab..."));
  CHECK(contains(refused.err, "leave out --strict"));

  // Files of version 0.1 tell nothing.
  CHECK(rank(0, 0xcd, false).err.empty());
  CHECK(contains(rank(0, 0xcd, true).err, "the model, of version 0.1, states no hash"));
  CHECK(contains(rank(0xab, 0, true).err, "the file, of version 0.1, states no hash"));
  CHECK(rank(0xab, 0, true).status == 1);

  const std::string table = "items=" + place.folder.path("items.augurtable");
  const std::string model = place.folder.path("parted.augur");
  const Result twice =
      augur_rank({model, "--requests", place.requests, "--table", table, "--table", table});
  CHECK(twice.status == 1);
  CHECK(contains(twice.err, "table 'items' are given twice"));
  CHECK(augur_rank({model, "--requests", place.requests, "--strict"}).status == 2);
}

}  // namespace
}  // namespace augur::tools_test
