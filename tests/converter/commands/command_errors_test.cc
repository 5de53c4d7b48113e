// augur-convert and augur-inspect when something is wrong: the message names the culprit, the exit
// status is 1 (2 for wrong usage), and there is no output file.
#include <doctest/doctest.h>

#include "converter/support/command.h"
#include "write/model_file.h"

namespace augur::convert::testing {
namespace {

void check_failed(const Ran& ran, const std::string& command,
                  const std::vector<std::string>& parts) {
  CAPTURE(ran.err);
  CHECK(ran.status == 1);
  CHECK(ran.out.empty());
  CHECK(ran.err.rfind(command + ": ", 0) == 0);
  CHECK(ran.err.back() == '\n');
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(ran.err.find(part) != std::string::npos);
  }
}

void check_convert_failed(const Workshop& shop, const Ran& ran,
                          const std::vector<std::string>& parts) {
  check_failed(ran, "augur-convert", parts);
  CHECK(shop.has_no_output());
}

TEST_CASE("a sound conversion writes one file") {
  const Workshop shop;
  const Ran ran = shop.convert();
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK(ran.err.empty());
  CHECK(has(ran.out, {shop.out, "small", "tensors"}));
  CHECK(read_text(shop.out).substr(4, 4) == "AUGR");
}

TEST_CASE("files that are missing, cut short or of another kind") {
  const Workshop shop;
  const std::string missing = shop.path("missing.safetensors");
  check_convert_failed(
      shop, run_convert({"--weights", missing, "--model", shop.model, "--out", shop.out}),
      {missing, "No such file"});
  const std::string no_model = shop.path("missing.json");
  check_convert_failed(
      shop, run_convert({"--weights", shop.weights, "--model", no_model, "--out", shop.out}),
      {no_model, "No such file"});
  const std::string whole = read_text(shop.weights);
  for (const size_t kept :
       {size_t{0}, size_t{7}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    const std::string cut = shop.write("cut.safetensors", whole.substr(0, kept));
    check_convert_failed(
        shop, run_convert({"--weights", cut, "--model", shop.model, "--out", shop.out}), {cut});
  }
  const std::string words = shop.write("words.json", "{\"format\": 1, ");
  check_convert_failed(
      shop, run_convert({"--weights", shop.weights, "--model", words, "--out", shop.out}), {words});
  const std::string nowhere = shop.path("none/out.augur");
  check_convert_failed(
      shop, run_convert({"--weights", shop.weights, "--model", shop.model, "--out", nowhere}),
      {nowhere});
}

TEST_CASE("a tensor that is missing or shaped otherwise") {
  {
    TensorSet tensors = small_tensors();
    tensors.remove("fc1.w");
    const Workshop shop(small_description(), tensors);
    check_convert_failed(shop, shop.convert(),
                         {"model.json: head.layers[0].weight", "'fc1.w'", "weights.safetensors"});
  }
  TensorSet tensors = small_tensors();
  tensors.random("fc1.w", {7, 17});
  const Workshop shop(small_description(), tensors);
  check_convert_failed(shop, shop.convert(),
                       {"model.json: head.layers[0].weight", "'fc1.w'", "17", "18"});
}

TEST_CASE("an unknown key in the description") {
  const Workshop shop(with(small_description(), "/stacks/0/max_histroy", 3));
  check_convert_failed(shop, shop.convert(),
                       {"model.json: stacks[0]", "max_histroy", "did you mean 'max_history'"});
}

TEST_CASE("a file that was there stays as it was when the conversion fails") {
  const Workshop shop(without(small_description(), "/output"));
  shop.write("out.augur", "before");
  shop.write("out.report", "old report");
  const Ran ran = shop.convert({"--report", shop.path("out.report")});
  CHECK(ran.status == 1);
  CHECK(read_text(shop.out) == "before");
  CHECK(read_text(shop.path("out.report")) == "old report");
  const Workshop sound;
  sound.write("out.augur", "before");
  CHECK(sound.convert().status == 0);
  CHECK(read_text(sound.out).substr(4, 4) == "AUGR");
}

TEST_CASE("what is read is not written over, and outputs do not share a file") {
  const Workshop shop;
  const std::string weights = read_text(shop.weights);
  check_convert_failed(
      shop, run_convert({"--weights", shop.weights, "--model", shop.model, "--out", shop.weights}),
      {"--out: " + shop.weights + " is --weights too"});
  CHECK(read_text(shop.weights) == weights);
  check_convert_failed(shop,
                       run_convert({"--weights", shop.weights, "--model", shop.model, "--out",
                                    shop.path("./out2"), "--report", shop.path("out2")}),
                       {"--report: ", "is --out too"});
}

TEST_CASE("wrong usage is status 2") {
  const Workshop shop;
  const std::string& weights = shop.weights;
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"--weights", weights, "--model", shop.model},
      {"--weights", weights, "--out", shop.out},
      {"--model", shop.model, "--out", shop.out},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--no-such-flag"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--weights-type", "f31"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--expect", "e"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--labels", "e"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--validate", "-"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--tolerance", "1"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--validate", "r",
       "--expect", "e", "--tolerance", "-1"},
      {"--weights", weights, "--model", shop.model, "--out", shop.out, "--validate", "r",
       "--group-by", "user"},
      {"--list-tensors"},
  };
  for (const std::vector<std::string>& arguments : wrong) {
    const Ran ran = run_convert(arguments);
    CAPTURE(ran.err);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, {"augur-convert: ", "--help"}));
  }
  CHECK(shop.has_no_output());
  CHECK(run_convert({"--help"}).status == 0);
  CHECK(has(run_convert({"--version"}).out, {"augur-convert 0."}));
}

TEST_CASE("augur-inspect shows a model") {
  const Workshop shop;
  REQUIRE(shop.convert().status == 0);
  const Ran text = run_inspect({shop.out});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"small", "clicks", "AUGRU", "bilinear", "user"}));
  const Ran memory = run_inspect({shop.out, "--memory", "--max-history", "3"});
  CHECK(memory.status == 0);
  CHECK(memory.out.size() > text.out.size());

  const Ran json = run_inspect({shop.out, "--json", "--memory"});
  REQUIRE(json.status == 0);
  const Json parsed = Json::parse(json.out);
  CHECK(parsed["name"] == "small");
  CHECK(parsed["memory"]["session"] > 1000);
  CHECK_FALSE(Json::parse(run_inspect({shop.out, "--json"}).out).contains("memory"));
}

TEST_CASE("augur-inspect shows a sidecar file") {
  const Workshop shop;
  fb::ModelT model;
  model.id.assign(32, 0xab);
  auto rows = std::make_unique<fb::TensorT>();
  rows->shape = {5, 3};
  rows->data.resize(5 * 3 * sizeof(float));
  const std::vector<uint8_t> file = pack_table(model, "item", std::move(rows));
  const std::string whole(file.begin(), file.end());
  const std::string path = shop.write("item.augur", whole);
  const Ran text = run_inspect({path});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"table 'item'", "5 of 3 values", "f32", "abababab"}));
  const Json json = Json::parse(run_inspect({path, "--json"}).out);
  CHECK(json["table"] == "item");
  CHECK(json["rows"] == 5);
  CHECK(json["width"] == 3);
  CHECK(json["type"] == "f32");
  CHECK(json["model_id"].get<std::string>().size() == 64);
  const std::string cut = shop.write("cut.augur", whole.substr(0, whole.size() / 2));
  check_failed(run_inspect({cut}), "augur-inspect", {cut, "cut short"});
  check_failed(run_inspect({path, "--memory"}), "augur-inspect", {path, "sidecar", "--memory"});
}

TEST_CASE("augur-inspect names the file that it cannot show") {
  const Workshop shop;
  REQUIRE(shop.convert().status == 0);
  const std::string whole = read_text(shop.out);
  const auto check = [&shop](const std::string& name, const std::string& bytes,
                             const std::vector<std::string>& parts) {
    const std::string path = shop.write(name, bytes);
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--json"}}) {
      std::vector<std::string> arguments = {path};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const Ran ran = run_inspect(arguments);
      check_failed(ran, "augur-inspect", parts);
      CHECK(has(ran.err, {path}));
    }
  };
  check_failed(run_inspect({shop.path("missing.augur")}), "augur-inspect",
               {shop.path("missing.augur"), "No such file"});
  check("empty.augur", "", {"not a model file"});
  check("text.augur", std::string(1000, 'x'), {"not a model file", "AUGR"});
  check("cut.augur", whole.substr(0, whole.size() / 2),
        {"damaged, or cut short at " + std::to_string(whole.size() / 2)});
  std::string other = whole;
  other.replace(4, 4, "TFL3");
  check("other.augur", other, {"not a model file", "AUGR"});

  const std::unique_ptr<fb::ModelT> model(fb::GetModel(whole.data())->UnPack());
  model->format = 99;
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, model.get()));
  const auto* newer = reinterpret_cast<const char*>(builder.GetBufferPointer());
  check("newer.augur", std::string(newer, builder.GetSize()), {"format 99", "newer"});

  CHECK(run_inspect({}).status == 2);
  CHECK(run_inspect({shop.out, "--tile", "4"}).status == 2);
  check_failed(run_inspect({shop.out, "--memory", "--tile", "100000"}), "augur-inspect",
               {shop.out, "tile 100000"});
}

}  // namespace
}  // namespace augur::convert::testing
