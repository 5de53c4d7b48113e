// Model files of earlier releases still open and score as they did. README.md here says more.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "requests/answer.h"
#include "runtime/support/handles.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

struct Golden {
  const char* prefix;
  std::uint32_t format;
  const char* id;
  // Inputs of int8 layers are rounded, and a difference of one step changes the logit.
  double tolerance;
  augur_output_kind output = AUGUR_OUTPUT_SIGMOID;
};
constexpr Golden kGolden[] = {
    {"format1", 1, "4bdc04b9b9706c3e0670ed5a54c02951601dbcf477ea9e8ec96f158694a25101", 2e-5},
    {"format2", 2, "8875d1992e2fc2b5368f648ec51bc586bb80ce65be01a96fe74089e0bbb0af57", 2e-3},
    {"format3", 3, "759889f9ce36b8b70af6513a3d840cfdc8a7d375a6c9a9900c28cb378f92a778", 2e-5},
    {"format3_functions", 3, "49d9036211aee3f41021b4c28c9bb23bfc2d45316178d8fd3d76a7d5d8168c39",
     2e-5, AUGUR_OUTPUT_IDENTITY},
    {"format4", 4, "ae51e881cfa1576754a4aabb68b82dfa4dda43f050d593812ab0b0ea9efd870a", 2e-5},
};

std::string hex(const std::uint8_t* bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("golden model files open and score as they did") {
  for (const Golden& golden : kGolden) {
    const std::string prefix = golden.prefix;
    CAPTURE(prefix);
    const std::vector<std::uint8_t> file = read_file(prefix + ".augur");
    augur_error error = empty_error();
    augur_model* opened = nullptr;
    REQUIRE(augur_model_open_file((prefix + ".augur").c_str(), nullptr, &opened, &error) ==
            AUGUR_OK);
    const ModelHandle model(opened);
    augur_model_info info = {};
    info.struct_size = sizeof(info);
    REQUIRE(augur_model_get_info(opened, &info) == AUGUR_OK);
    CHECK(info.format == golden.format);
    CHECK(hex(info.id, sizeof(info.id)) == std::string(golden.id));
    CHECK(info.file_bytes == file.size());
    CHECK(std::string(info.name) == "golden");
    CHECK(info.output == golden.output);

    const requests::ModelFields fields = requests::declared_fields(*opened);
    requests::RequestReader reader(prefix + ".request.jsonl", fields);
    requests::Request request(fields);
    REQUIRE(reader.next(request));
    requests::RequestRanker scorer(*opened, fields);
    requests::Answer answer;
    scorer.rank(request, answer);
    const auto expected = requests::read_expected(prefix + ".expected.jsonl");
    requests::Differences differences;
    requests::compare(answer, requests::expected_of(expected, "golden", 8, request.where),
                      differences);
    CHECK(differences.values == 8);
    if (golden.output == AUGUR_OUTPUT_IDENTITY) CHECK(answer.scores == answer.logits);
    CAPTURE(differences.place);
    CHECK(differences.largest <= golden.tolerance);
  }
}

TEST_CASE("the id of a golden file matches its content") {
  // Recomputed by today's writer: fields that the schema gains are absent here and take no bytes.
  for (const Golden& golden : kGolden) {
    CAPTURE(std::string(golden.prefix));
    const std::vector<std::uint8_t> file = read_file(std::string(golden.prefix) + ".augur");
    REQUIRE_FALSE(file.empty());
    const auto parts = fb::UnPackModel(file.data());
    const Digest id = convert::compute_model_id(*parts);
    CHECK(hex(id.data(), id.size()) == std::string(golden.id));
  }
}

}  // namespace augur::testing
