// augur-rank when something is wrong: the message names the cause, the exit status is 1 (2 for
// wrong usage), and there is no output file.
#include <algorithm>

#include "support/commands.h"

namespace augur::tools_test {
namespace {

void check_fails(const Workplace& place, const Result& result, const std::string& message) {
  CAPTURE(result.err);
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(result.err.rfind("augur-rank: ", 0) == 0);
  CHECK(contains(result.err, message));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(place.has_no_output());
}

void check_model_fails(const Workplace& place, const std::string& model,
                       const std::string& message) {
  const Result result = augur_rank({model, "--requests", place.requests, "--out", place.out});
  check_fails(place, result, message);
  CHECK(contains(result.err, model));
}

TEST_CASE("a model that cannot be opened is an error") {
  const Workplace place;
  const std::vector<uint8_t> sound = packed(*small_dien());
  check_model_fails(place, place.folder.path("missing.augur"), "No such file or directory");
  check_model_fails(place, place.folder.write("empty.augur", std::string()), "bad model");
  check_model_fails(place, place.folder.write("text.augur", std::string(4000, 'x')), "bad model");
  for (const size_t kept :
       {size_t{1}, size_t{8}, sound.size() / 4, sound.size() / 2, sound.size() - 1}) {
    const std::vector<uint8_t> part(sound.begin(),
                                    sound.begin() + static_cast<std::ptrdiff_t>(kept));
    check_model_fails(place, place.folder.write("cut.augur", part), "bad model");
  }
  std::vector<uint8_t> other = sound;
  std::copy_n("TFL3", 4, other.begin() + 4);
  check_model_fails(place, place.folder.write("other.augur", other), "bad model");

  const auto newer = small_dien();
  newer->format = 1000;
  check_model_fails(place, place.folder.write("newer.augur", packed(*newer)), "newer model");
}

TEST_CASE("--labels is refused for a regression, whose scores are not probabilities") {
  const Workplace place;
  const auto regression = small_dien();
  regression->output = fb::OutputKind::Identity;
  const std::string model = place.folder.write("regression.augur", packed(*regression));
  const std::string labels =
      place.folder.write("labels.jsonl", std::string(R"({"id": "a", "labels": [1, 0, 0]})"));
  const Result result =
      augur_rank({model, "--requests", place.requests, "--labels", labels, "--out", place.out});
  check_fails(place, result, "regression.augur: the model's output is of kind \"identity\"");
  const Result sound = augur_rank({model, "--requests", place.requests});
  CHECK(sound.status == 0);
  CHECK(contains(sound.out, "\"scores\""));
}

// Address space for some threads' stacks, not for all. A sanitizer takes more for itself.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("threads that the system refuses are an error") {
  if (!std::string(AUGUR_EMULATOR).empty()) return;
  const Workplace place;
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += kThreeRequests;
  const std::string file = place.folder.write("many.jsonl", requests);
  const Result result =
      run("/bin/sh", {"-c", "ulimit -v 500000; exec \"$0\" \"$@\"", AUGUR_RANK_PROGRAM, place.model,
                      "--requests", file, "--out", place.out, "--threads", "250"});
  check_fails(place, result, "--threads 250: the system refuses the threads after ");
}
#endif

TEST_CASE("control characters of names are escaped in messages") {
  const Workplace place;
  const std::string name = "/no/\x1b[2J\xff.augur";
  const Result result = augur_rank({name, "--requests", place.requests});
  check_fails(place, result, "/no/\\x1b[2J\\xff.augur");
}

TEST_CASE("a request that cannot be answered is an error that names its line") {
  const Workplace place;
  const auto check = [&](const std::string& part, const std::string& replacement,
                         const std::string& message) {
    std::string text = kThreeRequests;
    text.replace(text.find(part), part.size(), replacement);
    const std::string file = place.folder.write("wrong.jsonl", text);
    const Result result = augur_rank({place.model, "--requests", file, "--out", place.out});
    check_fails(place, result, file + message);
  };
  // The first two requests are sound, so that answers had been written already.
  check("[1, 2, 3, 3, 2, 1, 0]", "[1, 2]",
        ":3: candidates: field 'category' has 2 values, but 'item' has 7; every field needs one "
        "for each candidate");
  check("[1, 2, 3, 4, 5, 6, 7]", "[1, 2, 3, 4, 5, 6, 10]",
        ":3: request 'c': candidates: field 'item' has id 10 at index 6; table 'items' holds the "
        "ids 0 to 9 "
        "(out of range)");
  check("[9, 8, 7, 6, 5, 4]", "[9, 8, -1, 6, 5, 4]",
        ":3: request 'c': history of stack 'clicks': field 'item' has id -1 at index 2; table "
        "'items' holds the "
        "ids 0 to 9 (out of range)");
  check("\"user\": 4", "\"user\": 5",
        ":3: request 'c': features: field 'user' has id 5 at index 0; table 'users' holds the ids "
        "0 to 4");
  check("\"user\": 4", "\"visitor\": 4",
        ":3: features: the model has no field 'visitor' there; it has 'user'");
  check("\"id\": \"c\"", "\"id\": \"c\",", ":3: not valid JSON: column 12: ");
  check("\"user\": 4}", "\"user\": 4.5}",
        ":3: features: field 'user': expected an integer id; came 4.5");
}

TEST_CASE("missing and unsuitable files are errors") {
  const Workplace place;
  const std::string missing = place.folder.path("missing.jsonl");
  check_fails(place, augur_rank({place.model, "--requests", missing, "--out", place.out}),
              missing + ": cannot be opened: No such file or directory");
  check_fails(place,
              augur_rank({place.model, "--requests", place.requests, "--labels", missing, "--out",
                          place.out}),
              missing + ": cannot be opened");
  const std::string labels =
      place.folder.write("labels.jsonl", std::string("{\"id\": \"a\", \"labels\": [1, 0, 1]}\n"));
  check_fails(place,
              augur_rank({place.model, "--requests", place.requests, "--labels", labels, "--out",
                          place.out}),
              place.requests + ":2: there are no labels for request 'b'");
  const std::string nowhere = place.folder.path("none/out.jsonl");
  check_fails(place, augur_rank({place.model, "--requests", place.requests, "--out", nowhere}),
              nowhere + ": a new file cannot be made beside it: No such file or directory");
  check_fails(place, augur_rank({place.model, "--requests", place.requests, "--out", "/dev/full"}),
              "/dev/full: cannot be written: No space left on device");
}

TEST_CASE("if ranking fails, an output file from before stays unchanged") {
  const Workplace place;
  place.folder.write("out.jsonl", std::string("before\n"));
  const Result result = augur_rank({place.model, "--requests", "-", "--out", place.out},
                                   kThreeRequests + "{\"id\": 5}\n");
  CHECK(result.status == 1);
  CHECK(contains(result.err, "standard input:4: 'id': expected a text; came the number 5"));
  CHECK(read_file(place.out) == "before\n");
  CHECK(place.folder.files() ==
        std::vector<std::string>{"model.augur", "out.jsonl", "requests.jsonl"});
}

TEST_CASE("wrong usage is status 2, help and version are status 0") {
  const Workplace place;
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {place.model},
      {"--requests", place.requests},
      {place.model, "--requests"},
      {place.model, "--requests", place.requests, "--no-such-flag"},
      {place.model, "--requests", place.requests, "--top", "0"},
      {place.model, "--requests", place.requests, "--top", "many"},
      {place.model, "--requests", place.requests, "--threads", "0"},
      {place.model, "--requests", place.requests, "one more"},
  };
  for (const std::vector<std::string>& arguments : wrong) {
    const Result result = augur_rank(arguments);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK_FALSE(result.err.empty());
  }
  const Result help = augur_rank({"--help"});
  CHECK(help.status == 0);
  for (const char* flag : {"--requests", "--out", "--top", "--threads", "--explain", "--labels"}) {
    CHECK(contains(help.out, flag));
  }
  const Result version = augur_rank({"--version"});
  CHECK(version.status == 0);
  CHECK(version.out.rfind("augur-rank 0.", 0) == 0);
}

}  // namespace
}  // namespace augur::tools_test
