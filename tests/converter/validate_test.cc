// augur-convert --validate: what it compares, prints and reports, and that nothing is written when
// the answers are not those expected.
#include <doctest/doctest.h>

#include <cmath>

#include "requests/answer.h"
#include "support/command.h"
#include "validate/measures.h"
#include "validate/open_model.h"
#include "validate/score_file.h"
#include "validate/validation.h"

namespace augur::convert::testing {
namespace {

// The converted model's own answers.
std::vector<requests::Answer> answers_of(const Workshop& shop, const std::string& requests) {
  const std::string text = read_text(shop.out);
  const std::vector<uint8_t> file(text.begin(), text.end());
  const OpenModel model(file, shop.out);
  std::vector<requests::Answer> answers;
  double share = 0;
  score_file(
      model.get(), requests,
      [&answers](const requests::Request&, const requests::Answer& answer) {
        answers.push_back(answer);
      },
      [&share](double done) {
        CHECK(done > share);
        share = done;
      });
  CHECK(share == doctest::Approx(1));
  return answers;
}

// A shop with requests, and the answers that its conversion gives to them.
struct Scored {
  Workshop shop;
  std::string requests = shop.write("requests.jsonl", kRequests);
  std::vector<requests::Answer> answers;

  explicit Scored(const Json& description = small_description()) : shop(description) {
    REQUIRE(shop.convert().status == 0);
    answers = answers_of(shop, requests);
    std::remove(shop.out.c_str());
  }

  // An expected file of what `keys` says, "scores", "logits" or both.
  std::string expected(const std::vector<std::string>& keys) const {
    std::string text;
    for (const requests::Answer& answer : answers) {
      Json line = {{"id", answer.id}};
      for (const std::string& key : keys)
        line[key] = key == "scores" ? answer.scores : answer.logits;
      text += line.dump() + "\n";
    }
    return shop.write("answers.jsonl", text);
  }
};

TEST_CASE("answers that are as expected") {
  const Scored scored;
  const std::string report = scored.shop.path("out.report");
  for (const std::vector<std::string>& keys :
       {std::vector<std::string>{"scores"}, {"logits"}, {"scores", "logits"}}) {
    const Ran ran = scored.shop.convert(
        {"--validate", scored.requests, "--expect", scored.expected(keys), "--report", report});
    REQUIRE_MESSAGE(ran.status == 0, ran.err);
    CHECK(has(ran.out, {"3 requests, 9 candidates", "max 0, mean 0", "tolerance 1e-05"}));
    const Json json = Json::parse(read_text(report))["validation"];
    CHECK(json["requests"]["count"] == 3);
    CHECK(json["expected"]["values"] == 9 * keys.size());
    CHECK(json["expected"]["max"] == 0);
    CHECK_FALSE(json.contains("labels"));
  }
}

TEST_CASE("a regression's scores are compared in proportion to their size, as logits are") {
  Json description = with(small_description(), "/output", {{"kind", "identity"}});
  description["calibration"] = {{"scale", 1000.0}, {"offset", 5000.0}};
  Scored scored(description);
  CHECK(scored.answers[0].scores == scored.answers[0].logits);
  REQUIRE(scored.answers[0].scores[0] > 1000.0f);
  scored.answers[0].scores[0] *= 1.000004f;
  CHECK(
      scored.shop.convert({"--validate", scored.requests, "--expect", scored.expected({"scores"})})
          .status == 0);
  scored.answers[0].scores[0] *= 1.00004f;
  CHECK(
      scored.shop.convert({"--validate", scored.requests, "--expect", scored.expected({"scores"})})
          .status == 1);
}

TEST_CASE("answers that are not: the worst is named, and nothing is written") {
  Scored scored;
  const double came = static_cast<double>(scored.answers[1].logits[1]);
  scored.answers[0].logits[2] += 0.001f;
  scored.answers[1].logits[1] += 0.004f;
  const std::string expected = scored.expected({"logits"});
  const std::vector<std::string> validate = {"--validate", scored.requests, "--expect", expected};
  const auto with_tolerance = [&](const char* tolerance) {
    std::vector<std::string> arguments = validate;
    arguments.insert(arguments.end(),
                     {"--tolerance", tolerance, "--report", scored.shop.path("out.report")});
    return scored.shop.convert(arguments);
  };
  const Ran ran = with_tolerance("0.003");
  CHECK(ran.status == 1);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, {expected, "differ by 0.004", "tolerance is 0.003",
                      "request 'b', logits, index 1: expected", "Nothing was written"}));
  CHECK(scored.shop.has_no_output());
  CHECK(scored.shop.convert(validate).status == 1);  // 1e-5 if nothing is said
  CHECK(scored.shop.has_no_output());
  scored.shop.write("out.augur", "before");
  CHECK(scored.shop.convert(validate).status == 1);
  CHECK(read_text(scored.shop.out) == "before");

  const Ran passing = with_tolerance("0.005");
  REQUIRE_MESSAGE(passing.status == 0, passing.err);
  CHECK(has(passing.out, {"max 0.004", "request 'b', logits, index 1"}));
  const Json json =
      Json::parse(read_text(scored.shop.path("out.report")))["validation"]["expected"];
  CHECK(json["max"].get<double>() == doctest::Approx(0.004).epsilon(1e-3));
  CHECK(json["mean"].get<double>() == doctest::Approx(0.005 / 9).epsilon(1e-3));
  CHECK(json["worst"]["id"] == "b");
  CHECK(json["worst"]["index"] == 1);
  CHECK(json["worst"]["came"].get<double>() == doctest::Approx(came));
}

TEST_CASE("answers of a model with another normalisation: the cause is found") {
  const Scored scored;
  const std::string expected = scored.expected({"scores", "logits"});
  Json description = small_description();
  description["stacks"][0]["attention"]["softmax"] = false;
  const Workshop wrong(description);
  const Ran ran = wrong.convert({"--validate", scored.requests, "--expect", expected});
  CHECK(ran.status == 1);
  CAPTURE(ran.err);
  CHECK(has(ran.err, {"requests differ: '", "softmax in the attention of stack '",
                      "they agree within", "use_attention_softmax"}));
  CHECK(wrong.has_no_output());
}

TEST_CASE("expected answers for no request are named") {
  const Scored scored;
  scored.expected({"scores"});
  const std::string path = scored.shop.path("answers.jsonl");
  const std::string more = scored.shop.write(
      "more.jsonl", read_text(path) + R"({"id": "elsewhere", "scores": [0.5]})" + "\n");
  const Ran ran = scored.shop.convert({"--validate", scored.requests, "--expect", more});
  CHECK(ran.status == 0);
  CHECK(has(ran.err, {"1 of its 4 lines are for no request", "more.jsonl:4"}));
}

TEST_CASE("files that do not fit the requests or the model") {
  const Scored scored;
  const auto check = [&scored](const std::vector<std::string>& more,
                               const std::vector<std::string>& parts) {
    const Ran ran = scored.shop.convert(more);
    CAPTURE(ran.err);
    CHECK(ran.status == 1);
    CHECK(has(ran.err, parts));
    CHECK(scored.shop.has_no_output());
  };
  const std::string& requests = scored.requests;
  const std::string missing = scored.shop.path("missing.jsonl");
  check({"--validate", missing}, {missing, "No such file"});
  check({"--validate", requests, "--expect", missing}, {missing, "No such file"});
  check({"--validate", scored.shop.write("none.jsonl", "\n")}, {"none.jsonl", "no requests"});
  check({"--validate",
         scored.shop.write("far.jsonl", R"({"id": "a", "features": {"user": 6}, "history": {},)"
                                        R"( "candidates": {"item": [1], "category": [1]}})")},
        {"far.jsonl:1", "'user' has id 6", "0 to 5"});
  check({"--validate",
         scored.shop.write("long.jsonl", R"({"id": "a", "features": {"user": 1}, "history": {},)"
                                         R"( "candidates": {"item": [1], "category": [1, 2]}})")},
        {"long.jsonl:1", "'category' has 2 values, but 'item' has 1"});
  const std::string few = scored.shop.write("few.jsonl", R"({"id": "a", "scores": [0.5, 0.5]})");
  check({"--validate", requests, "--expect", few}, {few + ":1", "'scores' has 2 values"});
  const std::string labels = scored.shop.write("labels.jsonl",
                                               "{\"id\": \"a\", \"labels\": [1, 0, 0, 0]}\n"
                                               "{\"id\": \"b\", \"labels\": [0, 1]}\n"
                                               "{\"id\": \"c\", \"labels\": [0, 0, 1]}\n");
  check({"--validate", requests, "--labels", labels, "--group-by", "usr"},
        {"--group-by usr", "'user'"});
}

TEST_CASE("--labels gives the AUC, --group-by that within groups") {
  const Scored scored;
  const std::string labels = scored.shop.write("labels.jsonl",
                                               "{\"id\": \"c\", \"labels\": [0, 0, 1]}\n"
                                               "{\"id\": \"a\", \"labels\": [1, 0, 0, 0]}\n"
                                               "{\"id\": \"b\", \"labels\": [0, 1]}\n");
  const std::string report = scored.shop.path("out.report");
  const Ran ran = scored.shop.convert({"--validate", scored.requests, "--labels", labels,
                                       "--group-by", "user", "--report", report});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK(has(ran.out, {"AUC", "3 of 9 clicked", "GAUC", "by user; groups with both kinds: 2"}));
  // By the definition: user 1 made the requests a and c, user 5 the request b.
  const auto& answers = scored.answers;
  const auto pairs = [](const std::vector<float>& clicked, const std::vector<float>& others) {
    double won = 0;
    for (const float one : clicked) {
      for (const float other : others)
        won += one > other ? 1 : one == other ? 0.5 : 0;
    }
    return won / static_cast<double>(clicked.size() * others.size());
  };
  const auto& a = answers[0].logits;
  const auto& b = answers[1].logits;
  const auto& c = answers[2].logits;
  const double of_1 = pairs({a[0], c[2]}, {a[1], a[2], a[3], c[0], c[1]});
  const double of_5 = pairs({b[1]}, {b[0]});
  const Json json = Json::parse(read_text(report))["validation"]["labels"];
  CHECK(json["auc"].get<double>() ==
        doctest::Approx(pairs({a[0], b[1], c[2]}, {a[1], a[2], a[3], b[0], c[0], c[1]})));
  CHECK(json["gauc"].get<double>() == doctest::Approx((7 * of_1 + 2 * of_5) / 9));
  CHECK(json["groups"] == 2);
  CHECK(json["clicked"] == 3);
}

TEST_CASE("the best of two models agree or do not") {
  TopAgreement agreement(2);
  CHECK(agreement.requests() == 0);
  agreement.add({3, 2, 1}, {5, 4, 0});
  CHECK(agreement.mean() == 1);
  agreement.add({3, 2, 1}, {5, 0, 4});
  agreement.add({1}, {9});
  agreement.add({}, {});
  CHECK(agreement.requests() == 3);
  CHECK(agreement.mean() == doctest::Approx(2.5 / 3));
  CHECK(agreement.least() == 0.5);
}

}  // namespace
TEST_CASE("a model whose logits overflow does not pass validation, and nothing is written") {
  Json description = small_description();
  description["calibration"] = {{"scale", 3e38}, {"offset", 3.3e38}};
  const Workshop shop(description);
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const Ran ran = shop.convert({"--validate", requests});
  CAPTURE(ran.err);
  CHECK(ran.status == 1);
  CHECK(ran.err.find("requests.jsonl:") != std::string::npos);
  CHECK(ran.err.find(": request '") != std::string::npos);
  CHECK(ran.err.find("its logit is not finite") != std::string::npos);
  CHECK(ran.err.find("(not finite)") != std::string::npos);
  CHECK(!std::ifstream(shop.out));
}

}  // namespace augur::convert::testing
