// augur-convert --delta and augur-inspect on what it writes: a day of a catalogue, key files in
// several forms, and what is refused.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/vocabulary.h"
#include "converter/support/command.h"
#include "reference/build.h"
#include "vocabulary/build.h"
#include "write/model_file.h"

namespace augur::convert::testing {
namespace {

using Keys = std::vector<std::pair<std::string, uint32_t>>;

// A sidecar of `rows` rows of 3 values, of which those in `other` differ from the rest.
struct Side {
  uint32_t rows = 4;
  std::vector<uint32_t> other;
  Keys keys;  // none: no vocabulary
  fb::KeyType key_type = fb::KeyType::String;
  uint8_t model_id = 1;
  std::string table = "item";
  uint32_t dim = 3;

  std::vector<uint8_t> file() const {
    fb::ModelT model;
    model.id.assign(32, model_id);
    std::vector<float> values(size_t{rows} * dim, 0.5f);
    for (const uint32_t row : other)
      values[size_t{row} * dim] = -1;
    std::unique_ptr<fb::VocabularyT> vocabulary;
    if (!keys.empty()) {
      std::vector<VocabularyEntry> entries;
      for (const auto& [key, row] : keys) {
        entries.push_back({key_type == fb::KeyType::String ? hash_string(key.data(), key.size())
                                                           : hash_integer(std::stoll(key)),
                           row, key});
      }
      vocabulary = std::make_unique<fb::VocabularyT>(build_vocabulary(entries, key_type, 8));
    }
    return pack_table(model, table, reference::make_tensor(rows, dim, values),
                      std::move(vocabulary));
  }
};

struct Days {
  augur::testing::TempFolder folder;
  std::string old_file = folder.path("old.augurt");
  std::string new_file = folder.path("new.augurt");
  std::string out = folder.path("day2.augurd");

  Days(const Side& before, const Side& after) {
    folder.write("old.augurt", before.file());
    folder.write("new.augurt", after.file());
  }
  Ran convert(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"--delta", old_file, new_file, "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_convert(arguments);
  }
  void check_refused(const std::vector<std::string>& parts,
                     const std::vector<std::string>& more = {}) const {
    const Ran ran = convert(more);
    CHECK(ran.status == 1);
    CHECK_MESSAGE(has(ran.err, parts), ran.err);
    CHECK(!folder.exists("day2.augurd"));
    CHECK(ran.out.empty());
  }
};

TEST_CASE("a delta of rows is written, and shown") {
  Side after;
  after.rows = 6;
  after.other = {2, 5};
  const Days days({}, after);
  const Ran ran = days.convert();
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK(ran.err.empty());
  CHECK_MESSAGE(has(ran.out, {days.out, "item", "6 after 4: 2 new, 1 changed"}), ran.out);
  const std::string file = read_text(days.out);
  CHECK(file.substr(4, 4) == "AUGD");

  const Ran text = run_inspect({days.out});
  REQUIRE_MESSAGE(text.status == 0, text.err);
  CHECK_MESSAGE(has(text.out, {"delta of the table 'item'", "6 afterwards",
                               "3 of them changed or new", "keys", "unchanged"}),
                text.out);
  const Json delta = Json::parse(run_inspect({days.out, "--json"}).out);
  CHECK(delta["changed_rows"] == 3);
  CHECK(delta["rows"] == 6);
  CHECK(delta["content_hash"]["matches"] == true);
  const Json before = Json::parse(run_inspect({days.old_file, "--json"}).out);
  const Json made = Json::parse(run_inspect({days.new_file, "--json"}).out);
  CHECK(delta["base"] == before["state"]);
  CHECK(delta["result"] == made["state"]);
  CHECK(delta["base"] != delta["result"]);

  // The same files give the same bytes; a dry run writes none.
  REQUIRE(days.convert().status == 0);
  CHECK(read_text(days.out) == file);
  const Days again({}, after);
  const Ran dry = again.convert({"--dry-run"});
  CHECK(has(dry.out, {"not written: --dry-run"}));
  CHECK(!again.folder.exists("day2.augurd"));
}

TEST_CASE("augur-inspect finds a delta that was changed") {
  Side after;
  after.other = {1};
  const Days days({}, after);
  REQUIRE(days.convert().status == 0);
  std::string file = read_text(days.out);
  const auto* delta = flatbuffers::GetRoot<fb::TableDelta>(file.data());
  const auto at = reinterpret_cast<const char*>(delta->weights()->data()->data()) - file.data();
  file[static_cast<size_t>(at)] ^= 1;
  const std::string changed = days.folder.write("changed.augurd", file);
  const Ran ran = run_inspect({changed});
  CHECK(ran.status == 1);
  CHECK(has(ran.out, {"not that of the file!"}));
  CHECK(has(ran.err, {changed, "the file was changed"}));
  const std::string cut = days.folder.write("cut.augurd", file.substr(0, file.size() - 30));
  CHECK(has(run_inspect({cut}).err, {cut, "cut short"}));
  CHECK(has(run_inspect({days.out, "--memory"}).err, {days.out, "a delta"}));
}

TEST_CASE("a sidecar without rows, or with too few bytes, is refused") {
  Side after;
  after.other = {1};
  fb::TableFileT file;
  flatbuffers::GetRoot<fb::TableFile>(after.file().data())->UnPackTo(&file);
  for (const uint32_t rows : {0u, 7u}) {
    auto weights = std::make_unique<fb::TensorT>(*file.weights);
    weights->shape = {rows, 3};
    if (rows == 0) weights->data.clear();
    fb::ModelT model;
    model.id.assign(32, 1);
    const Days days({}, after);
    days.folder.write("new.augurt", pack_table(model, "item", std::move(weights), nullptr));
    days.check_refused({days.new_file, "its shape"});
  }
}

TEST_CASE("a list of keys is not overwritten, whatever its name") {
  Side before;
  before.keys = {{"a", 0}, {"b", 1}};
  Side after = before;
  after.keys = {{"a", 0}, {"c", 1}};
  const Days days(before, after);
  const std::string list = days.folder.write("k#2.txt", std::string("a\nc\n"));
  const Ran ran = run_convert({"--delta", days.old_file, days.new_file, "--keys-before",
                               days.folder.write("k1.txt", std::string("a\nb\n")), "--keys-after",
                               list, "--out", list});
  CHECK(ran.status != 0);
  CHECK(read_text(list) == "a\nc\n");
}

TEST_CASE("keys that are new, moved and removed") {
  Side before;
  before.keys = {{"a", 0}, {"b", 1}, {"c", 2}, {"d", 3}};
  Side after = before;
  after.rows = 5;
  after.keys = {{"a", 0}, {"b", 2}, {"d", 3}, {"e", 4}};
  const Days days(before, after);
  const std::string old_keys = days.folder.write("old.txt", std::string("a\nb\nc\nd\n"));
  const std::string new_keys =
      days.folder.write("new.json", std::string(R"({"item": {"a": 0, "b": 2, "d": 3, "e": 4}})"));
  const std::vector<std::string> lists = {"--keys-before", old_keys, "--keys-after",
                                          new_keys + "#item"};
  const Ran ran = days.convert(lists);
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK_MESSAGE(has(ran.out, {"1 new, 1 moved to another row, 1 removed"}), ran.out);
  const Ran shown = run_inspect({days.out});
  CHECK_MESSAGE(has(shown.out, {"2 new or moved, 1 removed", "string"}), shown.out);

  const Days missing(before, after);
  missing.check_refused({"--keys-after", "its keys are not those"});
  missing.check_refused({"it lacks 1 key of", "--keys-before"},
                        {"--keys-after", new_keys + "#item"});
  missing.check_refused({"old.txt:2: key 'b' has row 1 here", "has it at row 2"},
                        {"--keys-after", old_keys});
  const std::string fewer = days.folder.write("fewer.txt", std::string("a\t0\nb\t2\n"));
  missing.check_refused({"fewer.txt: it has 2 keys", "has 4"}, {"--keys-after", fewer});
}

TEST_CASE("the old list is not needed if no key was removed") {
  Side before;
  before.key_type = fb::KeyType::Integer;
  before.keys = {{"10", 0}, {"-11", 1}, {"12", 2}, {"13", 3}};
  Side after = before;
  after.rows = 5;
  after.keys.emplace_back("9000000000", 4);
  const Days days(before, after);
  const std::string keys =
      days.folder.write("new.txt", std::string("10\n-11\n12\n13\n9000000000\n"));
  const Ran ran = days.convert({"--keys-after", keys});
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK_MESSAGE(has(ran.out, {"1 new, 0 moved to another row, 0 removed"}), ran.out);
  const Days other(before, after);
  const std::string words = other.folder.write("words.txt", std::string("10\n-11\n12\n13\nx\n"));
  other.check_refused({"words.txt:5: 'x' is no integer"}, {"--keys-after", words});
}

TEST_CASE("a vocabulary that did not change needs no list") {
  Side before;
  before.keys = {{"a", 0}, {"b", 1}};
  Side after = before;
  after.other = {3};
  const Days days(before, after);
  CHECK(days.convert().status == 0);
  CHECK(has(run_inspect({days.out}).out, {"keys", "unchanged"}));
}

TEST_CASE("files that a delta cannot be made of are refused") {
  const Side before;
  const auto after = [](auto edit) {
    Side side;
    side.other = {1};
    edit(side);
    return side;
  };
  Days(before, before).check_refused({"same rows and keys", "nothing to write"});
  Days(before, after([](Side& side) { side.model_id = 2; })).check_refused({"two models"});
  Days(before, after([](Side& side) { side.table = "shop"; })).check_refused({"'item' and 'shop'"});
  Days(before, after([](Side& side) { side.rows = 3; })).check_refused({"fewer rows", "3 after 4"});
  Days(before, after([](Side& side) { side.dim = 4; })).check_refused({"3 and 4 values"});
  Days(before, after([](Side& side) {
         side.keys = {{"a", 0}};
       }))
      .check_refused({"old.augurt: it has no vocabulary"});
  const auto keyed = [&](fb::KeyType type) {
    return after([&](Side& side) {
      side.keys = {{"1", 0}};
      side.key_type = type;
    });
  };
  Days(keyed(fb::KeyType::Integer), keyed(fb::KeyType::String)).check_refused({"integers"});

  const Days days(before, after([](Side&) {}));
  const std::string keys = days.folder.write("keys.txt", std::string("a\n"));
  days.check_refused({"no vocabulary", "no list of keys"}, {"--keys-after", keys});
  std::vector<uint8_t> changed = after([](Side&) {}).file();
  changed.back() ^= 1;
  const std::string path = days.folder.write("new.augurt", changed);
  CHECK(days.convert().status == 1);
  days.folder.write("new.augurt", std::string("text"));
  days.check_refused({"not a sidecar file"});
}

TEST_CASE("wrong use of --delta is status 2, and outputs do not replace inputs") {
  Side after;
  after.other = {1};
  const Days days({}, after);
  CHECK(run_convert({"--delta", days.old_file, days.new_file}).status == 2);
  CHECK(run_convert({"--delta", days.old_file, "--out", days.out}).status == 2);
  CHECK(run_convert({"--keys-after", "x", "--out", days.out}).status == 2);
  const Ran both = days.convert({"--weights", "w"});
  CHECK(both.status == 2);
  CHECK(has(both.err, {"--delta", "--weights"}));
  const Ran over = run_convert({"--delta", days.old_file, days.new_file, "--out", days.new_file});
  CHECK(over.status == 1);
  CHECK(has(over.err, {"--out", "--delta too"}));
}

}  // namespace
}  // namespace augur::convert::testing
