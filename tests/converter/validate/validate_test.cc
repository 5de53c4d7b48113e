// augur-convert --validate: what it compares, prints and reports, and that nothing is written when
// the answers are not those expected.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "converter/support/command.h"
#include "requests/answer.h"
#include "requests/measures.h"
#include "validate/run_model.h"
#include "validate/validation.h"

namespace augur::convert::testing {
namespace {

// The converted model's own answers.
std::vector<requests::Answer> answers_of(const Workshop& shop, const std::string& requests) {
  const std::string text = read_text(shop.out);
  const std::vector<uint8_t> file(text.begin(), text.end());
  const LoadedModel model(file, shop.out);
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

  explicit Scored(const Json& description = small_description(),
                  const TensorSet& tensors = small_tensors())
      : shop(description, tensors) {
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
    const std::string proof = std::to_string(9 * keys.size()) +
                              " expected values of 3 requests, largest difference 0, tolerance "
                              "1e-05";
    CHECK(has(run_inspect({scored.shop.out}).out, {proof}));
    const Json inspected = Json::parse(run_inspect({scored.shop.out, "--json"}).out);
    CHECK(Json::parse(read_text(report))["proof"] == inspected["proof"]);
    CHECK(inspected["proof"]["state"] == "proven");
    CHECK(inspected["proof"]["values"] == 9 * keys.size());
    CHECK(inspected["proof"]["requests"] == 3);
    CHECK(inspected["proof"]["tolerance"] == 1e-5);
    CHECK(inspected["id_matches_content"] == true);
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
  CHECK(has(ran.err, {"requests differ: '", "softmax in the attention of sequence '",
                      "they agree within", "use_attention_softmax"}));
  CHECK(wrong.has_no_output());
}

// A model that is converted as `wrong` while the scores are those of `right`: the message says what
// to look at.
void check_cause(const Json& right, const Json& wrong, const std::string& cause,
                 const TensorSet& tensors = small_tensors()) {
  CAPTURE(cause);
  const Scored scored(right, tensors);
  const Workshop shop(wrong, tensors);
  const Ran ran = shop.convert(
      {"--validate", scored.requests, "--expect", scored.expected({"scores", "logits"})});
  CAPTURE(ran.err);
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {"requests differ: '", "\n" + cause + " they agree within"}));
  CHECK(shop.has_no_output());
}

TEST_CASE("answers of another recurrence: the kind, the form and the reset are found") {
  // Of two biases the file tells the reset; of one it does not.
  const Json base = with(small_description(), "/stacks/0/extractor/0/bias",
                         {{"input", "gru.bi"}, {"recurrent", nullptr}});
  const std::string evolution = "/stacks/0/evolution";
  const auto of_kind = [&](const char* kind) {
    return without(with(base, evolution + "/kind", kind), evolution + "/form");
  };
  const Json agru = without(of_kind("agru"), evolution + "/update_gate");
  const Json lift = with(base, evolution + "/form", "lift");
  const std::string as = " as the evolution of sequence 'clicks'";
  check_cause(lift, base, "with AUGRU in the form of the authors' code" + as);
  check_cause(base, lift, "with AUGRU in the paper's form" + as);
  check_cause(agru, base, "with AGRU" + as);
  check_cause(agru, lift, "with AGRU" + as);
  check_cause(of_kind("aigru"), base, "with AIGRU" + as);
  check_cause(base, agru, "with AUGRU in the paper's form" + as);
  check_cause(lift, agru, "with AUGRU in the form of the authors' code" + as);
  const Json plain = with(of_kind("gru"), "/stacks/0/attention", nullptr);
  check_cause(plain, base, "with a plain GRU without attention" + as);
  check_cause(base, of_kind("aigru"), "with AUGRU in the paper's form" + as);
  // Libraries' kind "GRU": a second GRU, then attention pooling.
  Json two = base;
  Json& stack = two["stacks"][0];
  stack["extractor"].push_back(without(stack["evolution"], "/kind"));
  stack["extractor"][1].erase("form");
  stack["result"] = "attention_pool";
  stack["evolution"] = nullptr;
  check_cause(
      two, of_kind("aigru"),
      "with a second GRU and attention pooling in place of the evolution of sequence 'clicks'");
  check_cause(of_kind("aigru"), two, "with AIGRU" + as);
  check_cause(lift, two, "with AUGRU in the form of the authors' code" + as);
  check_cause(agru, two, "with AGRU" + as);
  const Json before = with(base, evolution + "/reset", "before_product");
  const std::string in_evolution = " the product in the evolution of sequence 'clicks'";
  check_cause(before, base, "with the reset before" + in_evolution);
  check_cause(base, before, "with the reset after" + in_evolution);
  const Json first = with(base, "/stacks/0/extractor/0/reset", "before_product");
  check_cause(first, base,
              "with the reset before the product in layer 1 of the extractor of sequence 'clicks'");
}

TEST_CASE("answers of another activation: the head's and the attention's are found") {
  const auto head = [](Json description, const Json& activation) {
    description["head"]["layers"][0]["activation"] = activation;
    description["head"]["layers"][1]["activation"] = activation;
    return description;
  };
  const Json base = small_description();
  for (const char* activation : {"relu", "sigmoid", "tanh", "gelu", "silu", "elu", "none"}) {
    const std::string cause = "with '" + std::string(activation) + "' in the head's hidden layers";
    check_cause(head(base, activation),
                head(base, std::string(activation) == "relu" ? "none" : "relu"), cause);
  }
  // One layer's Dice stays as the file has it.
  Json mixed = head(base, "relu");
  Json other = head(base, "sigmoid");
  mixed["head"]["layers"][1] = other["head"]["layers"][1] = base["head"]["layers"][1];
  check_cause(other, mixed, "with 'sigmoid' in the head's hidden layers");

  const auto attention = [&base](const Json& first, const Json& second) {
    Json json = base;
    json["stacks"][0]["attention"] = {
        {"kind", "mlp"},
        {"query_projection", {{"weight", "project.w"}, {"bias", nullptr}, {"activation", "none"}}},
        {"input", {"q", "k", "q-k", "q*k"}},
        {"layers",
         {{{"weight", "att1.w"}, {"bias", nullptr}, {"activation", first}},
          {{"weight", "att2.w"}, {"bias", nullptr}, {"activation", second}},
          {{"weight", "att3.w"}, {"bias", nullptr}, {"activation", "none"}}}},
        {"score_scale", 1},
        {"softmax", true}};
    return json;
  };
  TensorSet tensors = small_tensors();
  tensors.random("project.w", {4, 5}, 1.0).random("att1.w", {3, 16}, 1.0);
  tensors.random("att2.w", {2, 3}, 2.0).random("att3.w", {1, 2}, 2.0);
  const std::string in_attention = " in the hidden layers of the attention of sequence 'clicks'";
  for (const char* activation : {"sigmoid", "none", "tanh"}) {
    check_cause(attention(activation, activation), attention("relu", "relu"),
                "with '" + std::string(activation) + "'" + in_attention, tensors);
  }
  check_cause(attention("relu", "relu"), attention("none", "none"), "with 'relu'" + in_attention,
              tensors);
}

TEST_CASE("answers of a regression: that the score is the logit is found, and the reverse") {
  const Json base = small_description();
  const Json regression = with(base, "/output", {{"kind", "identity"}});
  check_cause(regression, base, "with the logit itself as the score");
  check_cause(base, regression, "with the logit's sigmoid as the score");
}

TEST_CASE("answers that no single change explains have no cause") {
  const Scored scored;
  Json wrong = small_description();
  wrong["stacks"][0]["attention"]["softmax"] = false;
  wrong["stacks"][0]["evolution"]["form"] = "lift";
  const Workshop shop(wrong);
  const Ran ran = shop.convert(
      {"--validate", scored.requests, "--expect", scored.expected({"scores", "logits"})});
  CHECK(ran.status == 1);
  CHECK(ran.err.find("they agree within") == std::string::npos);
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
  requests::TopAgreement agreement(2);
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
