// augur-inspect --trace: intermediate values in float64, of models in every form.
#include "validate/trace.h"

#include <doctest/doctest.h>

#include <cmath>

#include "converter/support/command.h"
#include "reference/generator.h"
#include "reference/network.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "support/keyed_models.h"
#include "support/models.h"
#include "validate/run_model.h"
#include "write/model_file.h"

namespace augur::convert::testing {
namespace {

std::vector<uint8_t> file_of(std::unique_ptr<fb::ModelT> model) {
  return pack_model(*model, "test", "1");
}

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(Json::parse(line));
  return lines;
}

std::vector<Json> trace(const std::vector<std::string>& arguments) {
  const Ran ran = run_inspect(arguments);
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  return lines_of(ran.out);
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

// How far the traces' logits are from the runtime's.
double distance(const std::vector<Json>& traces, const std::string& model,
                const std::string& requests, const std::vector<Sidecar>& sidecars = {}) {
  const std::string text = read_text(model);
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  const LoadedModel opened(bytes, model, sidecars);
  double largest = 0;
  size_t line = 0;
  score_file(opened.get(), requests,
             [&](const requests::Request& request, const requests::Answer& answer) {
               const Json& one = traces.at(line++);
               CHECK(one["id"] == request.id);
               std::vector<double> logits;
               for (const Json& candidate : one["candidates"])
                 logits.push_back(candidate["logit"].get<double>());
               largest = std::max(largest,
                                  difference(logits, {answer.logits.begin(), answer.logits.end()}));
             });
  CHECK(line == traces.size());
  return largest;
}

TEST_CASE("a trace has every stage, one by one what the network computes") {
  const Workshop shop;
  REQUIRE(shop.convert().status == 0);
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const std::vector<Json> traces = trace({shop.out, "--trace", requests});
  REQUIRE(traces.size() == 3);
  CHECK(distance(traces, shop.out, requests) < 1e-5);

  const std::string bytes = read_text(shop.out);
  const std::unique_ptr<fb::ModelT> model(fb::GetModel(bytes.data())->UnPack());
  const Json& first = traces[0]["candidates"][1];
  const std::string name = model->stacks[0]->name;
  const Json& stack = first["stacks"][name];
  CHECK(stack["behaviours"].size() == 3);
  CHECK(stack["behaviours"][0].size() == 5);  // item 3, category 2
  CHECK(stack["interests"][2].size() == 4);
  CHECK(stack["attention"].size() == 3);
  CHECK(stack["query"].size() == 5);
  CHECK(stack["result"].size() == 4);
  double sum = 0;
  for (const Json& weight : stack["attention"])
    sum += weight.get<double>();
  CHECK(std::fabs(sum - 1) < 1e-12);  // a softmax in float64, not in float32
  const auto logit = first["logit"].get<double>();
  CHECK(std::fabs(first["score"].get<double>() - 1 / (1 + std::exp(-logit))) < 1e-12);
  // An item's row of the table, beside its category's.
  const fb::TensorT& items = *model->tables[1]->weights;
  for (size_t k = 0; k < 3; ++k)
    CHECK(stack["behaviours"][0][k].get<double>() == reference::value(items, 1, k));
  // No event: nothing to weigh, and a state of zeros.
  const Json& empty = traces[2]["candidates"][0]["stacks"][name];
  CHECK(empty["behaviours"] == Json::array());
  CHECK(empty["attention"] == Json::array());
  CHECK(empty["result"].get<std::vector<double>>() == std::vector<double>(4, 0.0));
}

TEST_CASE("keys are looked up as the runtime does; a model with rows gives the same") {
  const TempFolder folder;
  const auto write = [&](const std::string& name, const std::vector<uint8_t>& bytes) {
    return folder.write(name, bytes);
  };
  const std::string keyed = write("keyed.augur", file_of(tools_test::keyed_dien()));
  const std::string plain = write("plain.augur", file_of(tools_test::small_dien()));
  const auto lines = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path(name), std::ios::binary) << text;
    return folder.path(name);
  };
  const std::string by_keys = lines(
      "keys.jsonl",
      R"({"id": "a", "features": {"user": 9007199254740993}, "history": {"item": ["tents-104", "",)"
      R"( "zelt \u00e4"], "category": [3, 2, 1]}, "candidates": {"item": ["sleeping-bags-17",)"
      R"( "tents-99"], "category": [0, 1]}})");
  const std::string by_rows = lines(
      "rows.jsonl",
      R"({"id": "a", "features": {"user": 4}, "history": {"item": [9, 4, 1], "category": [3, 2, 1]},)"
      R"( "candidates": {"item": [6, 3], "category": [0, 1]}})");
  const std::vector<Json> keys = trace({keyed, "--trace", by_keys});
  CHECK(keys == trace({plain, "--trace", by_rows}));
  CHECK(distance(keys, keyed, by_keys) < 1e-5);

  const std::string unknown =
      lines("unknown.jsonl",
            R"({"id": "b", "features": {"user": 1}, "history": {"item": [], "category": []},)"
            R"( "candidates": {"item": ["nothing"], "category": [1]}})");
  const Ran ran = run_inspect({keyed, "--trace", unknown});
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {unknown + ":1: request 'b': id nothing is not in table item"}));
}

TEST_CASE("quantised models and rows in sidecar files are read as they are stored") {
  const Workshop shop;
  const std::string requests = shop.write("requests.jsonl", kRequests), side = shop.path("item");
  for (const char* type : {"fp16", "int8", "int4"}) {
    CAPTURE(type);
    REQUIRE(shop.convert({"--weights-type", type, "--embeddings", type}).status == 0);
    const std::vector<Json> whole = trace({shop.out, "--trace", requests});
    CHECK(distance(whole, shop.out, requests) < 0.02);
    REQUIRE(
        shop.convert({"--weights-type", type, "--embeddings", type, "--sidecar", "item=" + side})
            .status == 0);
    const Ran without = run_inspect({shop.out, "--trace", requests});
    CHECK(without.status == 1);
    CHECK(has(without.err, {"rows of table 'item' are in a sidecar file", "--table item=FILE"}));
    CHECK(trace({shop.out, "--trace", requests, "--table", "item=" + side}) == whole);
  }
}

// A request of the random generator as JSON; histories by stack.
Json group_json(const reference::Rows& rows, const reference::Fields& fields, bool one_row) {
  Json group = Json::object();
  for (const auto& field : fields) {
    Json column = Json::array();
    for (size_t row = 0; row < std::max<size_t>(rows.count, one_row ? 1 : 0); ++row) {
      const reference::Cell cell = reference::cell_or_zero(*field, rows, row);
      Json value;
      if (field->kind == fb::FieldKind::Id) value = cell.ids.empty() ? 0 : cell.ids.at(0);
      if (field->kind == fb::FieldKind::Ids) value = cell.ids;
      if (field->kind == fb::FieldKind::Number) value = cell.values.at(0);
      if (field->kind == fb::FieldKind::Vector) value = cell.values;
      column.push_back(value);
    }
    group[reference::column_of(*field)] = one_row ? column.at(0) : column;
  }
  return group;
}

Json request_json(const fb::ModelT& model, const reference::Request& request, const char* id) {
  Json histories = Json::object();
  for (const auto& stack : model.stacks)
    histories[stack->name] = group_json(request.histories.at(stack->name), stack->fields, false);
  return {{"id", id},
          {"features", group_json(request.features, model.features, true)},
          {"history", histories},
          {"candidates", group_json(request.candidates, model.candidate, false)}};
}

TEST_CASE(
    "random members of the family: the runtime's logits, and a row for each event that counts") {
  const TempFolder folder;
  size_t windows = 0, masked = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const std::unique_ptr<fb::ModelT> model =
        reference::random_model(reference::random_padded_spec(seed));
    reference::Generator generator(seed);
    const reference::Request request = reference::random_request(*model, generator, 5, 3);
    const std::string file = folder.write("m.augur", pack_model(*model, "test", "1"));
    const std::string requests = folder.path("r.jsonl");
    std::ofstream(requests, std::ios::binary) << request_json(*model, request, "a").dump() << "\n";
    const std::vector<Json> traces = trace({file, "--trace", requests});
    CHECK(distance(traces, file, requests) < 1e-3);
    const reference::Network network(*model);
    const std::vector<reference::UserPart> users = network.user_parts(request);
    for (size_t s = 0; s < model->stacks.size(); ++s) {
      const Json& stack = traces[0]["candidates"][0]["stacks"][model->stacks[s]->name];
      const size_t events = users[s].behaviours.size();
      windows += model->stacks[s]->window != nullptr ? 1U : 0U;
      masked += events < 5 ? 1U : 0U;
      CHECK(stack["behaviours"].get<reference::VectorSequence>() == users[s].behaviours);
      // Each event's own row, wherever the window has it.
      const size_t padding = users[s].rows.size() - events;
      const bool is_before =
          padding > 0 && events > 0 && users[s].rows[padding] == users[s].behaviours[0];
      for (size_t t = 0; t < events; ++t) {
        CHECK(stack["interests"][t].get<reference::Vector>() ==
              users[s].interests[t + (is_before ? padding : 0)]);
      }
      CHECK(stack["interests"].size() == events);
      CHECK(stack.contains("attention") == (model->stacks[s]->attention != nullptr));
      if (stack.contains("attention")) CHECK(stack["attention"].size() == events);
    }
  }
  CHECK(windows > 5);
  CHECK(masked > 5);
}

TEST_CASE("what cannot be traced is refused: other files, other questions, bad requests") {
  const Workshop shop;
  const std::string side = shop.path("item");
  REQUIRE(shop.convert({"--sidecar", "item=" + side}).status == 0);
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const Ran sidecar = run_inspect({side, "--trace", requests});
  CHECK(sidecar.status == 1);
  CHECK(has(sidecar.err, {"--trace needs a model", "a sidecar file"}));
  CHECK(run_inspect({shop.out, "--trace", requests, "--memory"}).status == 2);
  CHECK(run_inspect({shop.out, "--trace", requests, "--json"}).status == 2);
  const std::string table = "item=" + side;
  const Ran missing = run_inspect({shop.out, "--table", table, "--trace", shop.path("none")});
  CHECK(missing.status == 1);
  CHECK(has(missing.err, {shop.path("none")}));
  const std::string bad = shop.write("bad.jsonl", "{\"id\": \"a\"}\n");
  const Ran ran = run_inspect({shop.out, "--table", table, "--trace", bad});
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {bad + ":1"}));
  // A file that was changed is not traced.
  std::string bytes = read_text(shop.out);
  fb::ModelT model;
  fb::GetModel(bytes.data())->UnPackTo(&model);
  model.notes.emplace_back("changed");
  const std::vector<uint8_t> changed = tools_test::packed(model);
  const Ran other = run_inspect({shop.write("changed.augur", {changed.begin(), changed.end()}),
                                 "--table", table, "--trace", requests});
  CHECK(other.status == 1);
  CHECK(other.out.empty());
}

}  // namespace
}  // namespace augur::convert::testing
