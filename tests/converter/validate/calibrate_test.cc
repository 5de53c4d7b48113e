// augur-convert --calibrate: Dice by batch statistics, compared with the definition computed from
// the float64 reference's layers.
#include <doctest/doctest.h>

#include <cmath>

#include "common/sha256.h"
#include "converter/support/command.h"
#include "reference/build.h"
#include "reference/network.h"
#include "text/text.h"
#include "validate/calibration.h"

namespace augur::convert::testing {
namespace {

constexpr double kEpsilon = 1e-3;
constexpr double kOutside = 1e-2;

Json batch_dice(const Json& alpha) {
  return {{"kind", "dice_batch_statistics"},
          {"epsilon", kEpsilon},
          {"epsilon_outside", kOutside},
          {"alpha", alpha}};
}

// Dice by batch statistics wherever one can stand: the query's projection, both layers of the
// attention's MLP, both of the head.
Json description() {
  Json json = small_description();
  json["stacks"][0]["attention"] = {
      {"kind", "mlp"},
      {"query_projection",
       {{"weight", "project.w"}, {"bias", "project.b"}, {"activation", batch_dice(0.25)}}},
      {"input", {"q", "k", "q-k", "q*k"}},
      {"layers",
       {{{"weight", "att1.w"}, {"bias", "att1.b"}, {"activation", batch_dice(0.5)}},
        {{"weight", "att2.w"}, {"bias", nullptr}, {"activation", batch_dice("att2.alpha")}},
        {{"weight", "att3.w"}, {"bias", nullptr}, {"activation", "none"}}}},
      {"score_scale", 0.5},
      {"softmax", true}};
  json["head"]["layers"][0]["activation"] = batch_dice("act1.alpha");
  json["head"]["layers"][1]["activation"] = batch_dice("act2.alpha");
  return json;
}

TensorSet tensors() {
  TensorSet set = small_tensors();
  set.random("project.w", {4, 5}, 1.0).random("project.b", {4});
  set.random("att1.w", {3, 16}, 1.0).random("att1.b", {3});
  set.random("att2.w", {2, 3}, 2.0).random("att2.alpha", {2}).random("att3.w", {1, 2}, 2.0);
  set.remove("att.w").remove("act1.mean").remove("act1.var");
  return set;
}

reference::Rows rows(const Json& columns) {
  reference::Rows rows;
  for (const auto& [name, values] : columns.items()) {
    rows.count = values.size();
    for (const Json& value : values)
      rows.columns[name].push_back({{value.get<int64_t>()}, {}});
  }
  return rows;
}

std::vector<reference::Request> reference_requests() {
  std::vector<reference::Request> requests;
  std::istringstream lines(kRequests);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    reference::Request request;
    request.features = rows({{"user", {json["features"]["user"]}}});
    request.histories["clicks"] = rows(json["history"]);
    request.candidates = rows(json["candidates"]);
    requests.push_back(std::move(request));
  }
  return requests;
}

// The values of one layer before its activation: a row for each candidate, or for each pair of a
// candidate and an event.
using Values = std::vector<reference::Vector>;

void check_dice(const fb::ActivationT& dice, const Values& values) {
  const reference::Vector scale = reference::vector(dice.scale.get());
  const reference::Vector shift = reference::vector(dice.shift.get());
  REQUIRE(values.size() > 1);
  REQUIRE(scale.size() == values[0].size());
  const auto count = static_cast<double>(values.size());
  for (size_t unit = 0; unit < scale.size(); ++unit) {
    double mean = 0;
    for (const reference::Vector& row : values)
      mean += row[unit] / count;
    double variance = 0;
    for (const reference::Vector& row : values)
      variance += (row[unit] - mean) * (row[unit] - mean) / count;
    const double expected = 1 / (std::sqrt(variance + kEpsilon) + kOutside);
    CHECK(variance > 1e-4);
    CHECK(scale[unit] == doctest::Approx(expected).epsilon(1e-5));
    CHECK(shift[unit] == doctest::Approx(-mean * expected).epsilon(1e-4));
  }
}

// weight x + bias
reference::Vector affine(const fb::DenseT& dense, const reference::Vector& x) {
  reference::Vector y = reference::product(reference::matrix(dense.weight.get()), x);
  if (dense.bias) reference::add(y, reference::vector(dense.bias.get()));
  return y;
}

TEST_CASE("a layer behind GELU is measured, in a regression too") {
  Json json = description();
  json["stacks"][0]["attention"]["layers"][0]["activation"] = "silu";
  json["head"]["layers"][0]["activation"] = "gelu";
  json["output"] = {{"kind", "identity"}};
  const Workshop shop(json, tensors().remove("act1.alpha"));
  const Ran ran = shop.convert({"--calibrate", shop.write("requests.jsonl", kRequests)});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  const std::string text = read_text(shop.out);
  const auto model = reference::unpack({text.begin(), text.end()});
  CHECK(model->output == fb::OutputKind::Identity);
  const reference::Network network(*model);
  Values second;
  for (const reference::Request& request : reference_requests()) {
    for (const reference::Trace& trace : network.score(request))
      second.push_back(affine(*model->head->layers[1], trace.head_layers[0]));
  }
  check_dice(*model->head->layers[1]->activation, second);
}

TEST_CASE("every layer is measured with the earlier ones frozen") {
  const Workshop shop(description(), tensors());
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const Ran ran = shop.convert({"--calibrate", requests, "--report", shop.path("report.json")});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);

  const std::string text = read_text(shop.out);
  const auto model = reference::unpack({text.begin(), text.end()});
  const fb::AttentionT& attention = *model->stacks[0]->attention;
  const reference::Network network(*model);
  const reference::Activation pair_activation(attention.pair->activation.get());
  Values projected, pairs, second, head[2];
  for (const reference::Request& request : reference_requests()) {
    const auto users = network.user_parts(request);
    for (const reference::Trace& trace : network.score(request)) {
      const reference::CandidatePart& part = trace.stacks[0];
      projected.push_back(affine(*attention.query_projection, part.embedding));
      for (const reference::Vector& key : users[0].interests) {
        const fb::PairDenseT& pair = *attention.pair;
        reference::Vector z = reference::product(reference::matrix(pair.query.get()), part.query);
        reference::add(z, reference::product(reference::matrix(pair.key.get()), key));
        reference::add(z, reference::product(reference::matrix(pair.product.get()),
                                             reference::times(part.query, key)));
        reference::add(z, reference::vector(pair.bias.get()));
        pairs.push_back(z);
        second.push_back(affine(*attention.layers[0], pair_activation(z)));
      }
      head[0].push_back(affine(*model->head->layers[0], trace.head_input));
      head[1].push_back(affine(*model->head->layers[1], trace.head_layers[0]));
    }
  }
  CHECK(pairs.size() == 4 * 3 + 2 * 1);
  check_dice(*attention.query_projection->activation, projected);
  check_dice(*attention.pair->activation, pairs);
  check_dice(*attention.layers[0]->activation, second);
  check_dice(*model->head->layers[0]->activation, head[0]);
  check_dice(*model->head->layers[1]->activation, head[1]);

  const std::string content = kRequests;
  const Digest digest = sha256(content.data(), content.size());
  const std::string note = "calibrated on 9 candidate rows of requests.jsonl (sha256 " +
                           hex_text(digest.data(), digest.size()) + ")";
  CHECK(model->notes == std::vector<std::string>{note});
  CHECK(has(ran.out, {note}));
  CHECK(has(run_inspect({shop.out}).out, {note}));
  const Json report = Json::parse(read_text(shop.path("report.json")))["calibration"];
  CHECK(report["candidate_rows"] == 9);
  CHECK(report["layers"] == 5);

  // What the probes borrowed is back in its place: the rest is as without them.
  Json plain = description();
  const Json zeros = {{"kind", "prelu"}, {"alpha", 0.5}};
  plain["stacks"][0]["attention"]["query_projection"]["activation"] = zeros;
  plain["stacks"][0]["attention"]["layers"][0]["activation"] = zeros;
  plain["stacks"][0]["attention"]["layers"][1]["activation"] = zeros;
  plain["head"]["layers"][0]["activation"] = zeros;
  plain["head"]["layers"][1]["activation"] = zeros;
  const Assembled other = assemble(plain, tensors());
  const fb::StackT& stack = *model->stacks[0];
  CHECK(stack.result == fb::ResultKind::Evolution);
  CHECK(floats(*stack.evolution->cell->input) ==
        floats(*other.model.stacks[0]->evolution->cell->input));
  CHECK(attention.score_scale == 0.5f);
  CHECK(attention.normalisation == fb::Normalisation::Softmax);
  REQUIRE(attention.layers.size() == 2);
  CHECK(floats(*attention.pair->key) == floats(*other.model.stacks[0]->attention->pair->key));
  REQUIRE(model->head->layers.size() == 3);
  CHECK(model->head->slots.size() == 4);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(floats(*model->head->layers[i]->weight) == floats(*other.model.head->layers[i]->weight));
  }
}

TEST_CASE("few rows are warned of with the number that is wanted, enough are not") {
  const Workshop shop(with(small_description(), "/head/layers/0/activation", batch_dice(0)));
  const auto warning = [&shop](int times) {
    std::string requests;
    for (int i = 0; i < times; ++i)
      requests += kRequests;
    const Ran ran = shop.convert({"--calibrate", shop.write("requests.jsonl", requests)});
    REQUIRE_MESSAGE(ran.status == 0, ran.err);
    return ran.err;
  };
  CHECK(has(warning(1), {"augur-convert: warning: " + shop.path("requests.jsonl"),
                         "statistics measured on 9 candidate rows are rough; 1000 or more are "
                         "wanted"}));
  CHECK(has(warning(111), {"measured on 999 candidate rows are rough"}));
  CHECK(warning(112).find("rough") == std::string::npos);
}

TEST_CASE("without requests it is refused, with a reason and a way out") {
  const Workshop shop(with(small_description(), "/head/layers/0/activation", batch_dice(0)));
  const Ran ran = shop.convert();
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {"model.json: head.layers[0].activation", "batch that is being scored",
                      "--calibrate"}));
  CHECK(shop.has_no_output());
}

TEST_CASE("what cannot be measured") {
  const Workshop plain;
  const std::string requests = plain.write("requests.jsonl", kRequests);
  const Ran nothing = plain.convert({"--calibrate", requests});
  CHECK(nothing.status == 2);
  CHECK(has(nothing.err, {"--calibrate", "nothing in this model"}));
  CHECK(plain.has_no_output());

  Json description = with(small_description(), "/head/layers/0/activation", batch_dice(0));
  const Workshop shop(description);
  const auto check = [&shop](const std::string& path, const std::vector<std::string>& parts) {
    const Ran ran = shop.convert({"--calibrate", path});
    CAPTURE(ran.err);
    CHECK(ran.status == 1);
    CHECK(has(ran.err, parts));
    CHECK(shop.has_no_output());
  };
  check(shop.path("missing.jsonl"), {"missing.jsonl", "cannot be"});
  check(shop.write("one.jsonl", R"({"id": "a", "features": {"user": 1}, "history": {},)"
                                R"( "candidates": {"item": [1], "category": [1]}})"),
        {"one.jsonl", "has 1 row", "head.layers[0].activation", "two at the least"});
  check(shop.write("bad.jsonl", "{"), {"bad.jsonl:1", "not valid JSON"});
  CHECK(shop.convert({"--calibrate", "-"}).status == 2);
  for (const char* key : {"epsilon", "epsilon_outside", "alpha"}) {
    Json incomplete = description;
    incomplete["head"]["layers"][0]["activation"].erase(key);
    const Workshop other(incomplete);
    const Ran ran = other.convert({"--calibrate", other.write("requests.jsonl", kRequests)});
    CHECK(ran.status == 1);
    CHECK(has(ran.err, {std::string("\"") + key + "\" is missing"}));
  }
}

TEST_CASE("moments keep their digits where the mean is large") {
  Moments moments;
  CHECK(moments.variance() == 0);
  for (int i = 0; i < 1000; ++i)
    moments.add(1e9 + (i % 2 == 0 ? 0.5 : -0.5));
  CHECK(moments.count() == 1000);
  CHECK(moments.mean() == doctest::Approx(1e9).epsilon(1e-15));
  CHECK(moments.variance() == doctest::Approx(0.25).epsilon(1e-6));
}

}  // namespace
}  // namespace augur::convert::testing
