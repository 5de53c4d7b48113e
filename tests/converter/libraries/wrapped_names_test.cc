// augur-convert with checkpoints whose names have something in front, or hold the model twice.
#include <doctest/doctest.h>

#include "checkpoint/safetensors.h"
#include "converter/support/command.h"

namespace augur::convert::testing {
namespace {

// small_tensors() under each of these prefixes.
TensorSet tensors_under(const std::vector<std::string>& prefixes) {
  const OpenTensorSet small(small_tensors());
  TensorSet all;
  for (const std::string& prefix : prefixes) {
    for (const checkpoint::TensorInfo& tensor : small.get().tensors())
      all.add(prefix + tensor.name, tensor.shape, small.get().read(tensor));
  }
  return all;
}

std::string converted_bytes(const Workshop& shop, const std::vector<std::string>& more = {}) {
  const Ran ran = shop.convert(more);
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  return read_text(shop.out);
}

TEST_CASE("a description's names are found behind a wrapper's prefix, and it is said") {
  const std::string plain = converted_bytes(Workshop());
  const Workshop shop(small_description(), tensors_under({"model._orig_mod.module."}));
  const std::string report = shop.path("report.json");
  const Ran ran = shop.convert({"--report", report});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  const std::string note = "taken off every tensor's name: 'model._orig_mod.module.'";
  CHECK(has(ran.err, {shop.weights + ": " + note}));
  const Json json = parse_json(read_text(report), report);
  CHECK(json["weights"]["names"] == note);
  CHECK(json["used"][0]["name_in_file"] == "model._orig_mod.module.act1.alpha");
  CHECK(read_text(shop.out) == plain);
}

TEST_CASE("names of a description are not searched under a prefix if one of them is in the file") {
  TensorSet tensors = tensors_under({"model."});
  tensors.random("item", {9, 3});
  const Ran ran = Workshop(small_description(), tensors).convert();
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {"tensor 'user' is not in"}));
}

TEST_CASE("--prefix picks one of two copies; without it both are named") {
  const Workshop shop(small_description(), tensors_under({"model.", "ema_model.module."}));
  const Ran ran = shop.convert();
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {"holds 2 copies of the model's tensors, under 'ema_model.module.' and "
                      "'model.'",
                      "--prefix ema_model.module., or --prefix model."}));
  CHECK(shop.has_no_output());
  const std::string plain = converted_bytes(Workshop());
  CHECK(converted_bytes(shop, {"--prefix", "model."}) == plain);
  CHECK(converted_bytes(shop, {"--prefix", "ema_model"}) == plain);  // "module." by itself
  const Ran wrong = shop.convert({"--prefix", "nothing."});
  CHECK(wrong.status == 1);
  CHECK(has(wrong.err, {"--prefix 'nothing.'", "'ema_model.', 'model.'"}));
  const Ran list = run_convert({"--weights", shop.weights, "--prefix", "model.", "--list-tensors"});
  CHECK(list.out.rfind("act1.alpha ", 0) == 0);
}

TEST_CASE("--suffix takes the averages that are stored with their tensors") {
  TensorSet tensors = small_tensors();
  TestTensor raw = tensors.at("fc1.w");
  tensors.add("fc1.w_ema", raw.shape, raw.values);
  raw.values[0] += 1;
  tensors.add("fc1.w", raw.shape, raw.values);
  const Workshop shop(small_description(), tensors);
  const std::string plain = converted_bytes(Workshop());
  CHECK(converted_bytes(shop) != plain);
  CHECK(converted_bytes(shop, {"--suffix", "_ema"}) == plain);
}

TEST_CASE("--list-tensors says which tensors are other names of one") {
  const Workshop shop;
  std::string header =
      R"({"__metadata__":{"b":"a"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const std::string file =
      shop.write("shared.safetensors", std::string(1, static_cast<char>(header.size())) +
                                           std::string(7, '\0') + header + "\0\0\0\0");
  std::string bytes = read_text(file);
  bytes.resize(8 + header.size());
  shop.write("shared.safetensors", bytes + std::string(4, '\0'));
  const Ran ran = run_convert({"--weights", file, "--list-tensors"});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK(has(ran.out, {"b  F32  [1]  (the same as 'a')"}));
}

}  // namespace
}  // namespace augur::convert::testing
