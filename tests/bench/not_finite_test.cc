// Every command ends where a model's numbers overflow, with status 1, and names the request.
#include "support/commands.h"

namespace augur::tools_test {
namespace {

// A request for every_kind() whose numbers overflow in the head; the second candidate's first.
const std::string kOverflowing =
    R"({"id": "sound", "features": {"age": 0, "tags": [], "face": [0, 0, 0]},)"
    R"( "history": {"clicks": {"item": []}, "skips": {"tags": [], "price": [], "look": []}},)"
    R"( "candidates": {"item": [1], "tags": [[1]], "price": [0.5], "look": [[0, 0]]}})"
    "\n"
    R"({"id": "r", "features": {"age": 0, "tags": [], "face": [0, 0, 0]},)"
    R"( "history": {"clicks": {"item": []}, "skips": {"tags": [], "price": [], "look": []}},)"
    R"( "candidates": {"item": [1, 2], "tags": [[1], [1]], "price": [0.5, 3e38],)"
    R"( "look": [[0, 0], [3e38, 3e38]]}})"
    "\n";

struct Overflow {
  TempFolder folder;
  std::string model;
  std::string requests = folder.write("requests.jsonl", kOverflowing);
  std::string labels =
      folder.write("labels.jsonl", std::string("{\"id\": \"sound\", \"labels\": [1]}\n"
                                               "{\"id\": \"r\", \"labels\": [1, 0]}\n"));
  std::string out = folder.path("out.jsonl");

  Overflow() {
    const auto parts = every_kind();
    parts->calibration = std::make_unique<fb::CalibrationT>();
    parts->calibration->scale = 1e6f;
    model = folder.write("model.augur", packed(*parts));
  }
};

}  // namespace

TEST_CASE("augur-rank ends at a logit that is not finite, with --top, --labels and --explain too") {
  const Overflow place;
  const std::vector<std::vector<std::string>> choices = {{},
                                                         {"--top", "1"},
                                                         {"--top", "1", "--labels", place.labels},
                                                         {"--labels", place.labels, "--stats"},
                                                         {"--explain"},
                                                         {"--threads", "3"}};
  for (const std::vector<std::string>& choice : choices) {
    std::vector<std::string> arguments = {place.model, "--requests", place.requests, "--out",
                                          place.out};
    arguments.insert(arguments.end(), choice.begin(), choice.end());
    const Result result = augur_rank(arguments);
    CAPTURE(result.err);
    CHECK(result.status == 1);
    CHECK(contains(result.err, "requests.jsonl:2: request 'r': candidate 1: "));
    CHECK(contains(result.err, "(not finite)"));
  }
  for (const std::string& name : place.folder.files())
    CHECK(name.rfind("out", 0) != 0);
}

TEST_CASE("augur-bench ends at a logit that is not finite, and names the request") {
  TempFolder folder;
  const auto parts = small_dien();
  for (float* value = reinterpret_cast<float*>(parts->head->layers.back()->bias->data.data());
       value != nullptr; value = nullptr)
    *value = 3e38f;
  parts->calibration = std::make_unique<fb::CalibrationT>();
  parts->calibration->scale = 1e6f;
  const std::string model = folder.write("model.augur", packed(*parts));
  const Result result = augur_bench({model, "--candidates", "5", "--history", "2"});
  CAPTURE(result.err);
  CHECK(result.status == 1);
  CHECK(contains(result.err, "a history of 2 and 5 candidates (seed 1)"));
  CHECK(contains(result.err, "candidate 0: its logit is not finite"));
}

}  // namespace augur::tools_test
