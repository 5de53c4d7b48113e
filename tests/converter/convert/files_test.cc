// The files of one conversion are written together or not at all, and never to pipes or devices.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "converter/support/command.h"
#include "inspect/show.h"
#include "write/model_file.h"
#include "write/output_file.h"

namespace augur::convert::testing {
namespace {

std::vector<OutputFile> staged(const std::vector<std::string>& paths, const std::string& content) {
  std::vector<OutputFile> files;
  for (const std::string& path : paths) {
    files.emplace_back(path, OutputTo::kFile);
    files.back().write(content);
  }
  return files;
}

// Ends in a child process what `work` begins; returns the signal that ended it.
template <typename Work>
int signal_of(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_CASE("files of one run: a failure at the last gives the others back") {
  const TempFolder folder;
  for (const char* name : {"kept", "model"}) {
    std::vector<OutputFile> files = staged({folder.path(name)}, "before");
    finish_together(files);
  }
  std::vector<OutputFile> files =
      staged({folder.path("kept"), folder.path("fresh"), folder.path("model")}, "after");
  // The last cannot come into its place: it is a folder by now.
  std::filesystem::remove(folder.path("model"));
  std::filesystem::create_directory(folder.path("model"));
  CHECK(has(error_of([&] { finish_together(files); }), {"model", "cannot be put into its place"}));
  files.clear();
  CHECK(read_text(folder.path("kept")) == "before");
  std::filesystem::remove(folder.path("model"));
  CHECK(folder.files() == std::vector<std::string>{"kept"});
}

TEST_CASE("files of one run: what cannot be put back is kept, and it is said where") {
  const TempFolder folder;
  std::vector<OutputFile> files = staged({folder.path("first"), folder.path("model")}, "after");
  // Folders by now: the first makes room, but cannot come back onto the file in its place.
  for (const char* name : {"first", "model"})
    std::filesystem::create_directory(folder.path(name));
  std::ofstream(folder.path("first/content")) << "before";
  const std::string error = error_of([&] { finish_together(files); });
  files.clear();
  const std::string old = folder.path("first.old-");
  CHECK(has(error, {"model: cannot be put into its place", "what stood at " + folder.path("first"),
                    "could not be put back", " and is " + old}));
  const size_t at = error.find(old);
  REQUIRE(at != std::string::npos);
  CHECK(read_text(error.substr(at, old.size() + 6) + "/content") == "before");
}

TEST_CASE("files of one run: all come into their places, and nothing else stays") {
  const TempFolder folder;
  const std::vector<std::string> paths = {folder.path("a"), folder.path("b")};
  for (const char* content : {"one", "two"}) {
    std::vector<OutputFile> files = staged(paths, content);
    finish_together(files);
    CHECK(read_text(paths[0]) == content);
    CHECK(read_text(paths[1]) == content);
  }
  std::vector<std::string> names = folder.files();
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("new files are removed on signals") {
  const TempFolder folder;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGXCPU, SIGXFSZ}) {
    CHECK(signal_of([&] {
            std::signal(number, SIG_DFL);
            const std::vector<OutputFile> files = staged({folder.path("a"), folder.path("b")}, "x");
            raise(number);
          }) == number);
    CHECK(folder.files().empty());
  }
}

TEST_CASE("a killed run's files are named by the next run, and removed") {
  const Workshop shop;
  CHECK(signal_of([&] {
          const std::vector<OutputFile> files = staged({shop.out}, "x");
          raise(SIGKILL);
        }) == SIGKILL);
  REQUIRE(left_behind(shop.out).size() == 1);
  const std::string left = left_behind(shop.out)[0];
  const Ran ran = shop.convert();
  CHECK(ran.status == 0);
  CHECK(has(ran.err, {"an earlier run was killed", left}));
  CHECK(left_behind(shop.out).empty());
  // Killed between two renames: the old file has its second name still.
  shop.write("out.augur.old-abcdef", "before");
  const Ran again = shop.convert();
  CHECK(again.status == 0);
  CHECK(has(again.err,
            {"an earlier run was killed", "out.augur.old-abcdef", "may have been of two runs"}));
  CHECK(left_behind(shop.out).empty());
  // Those of a run at work are not.
  const std::vector<OutputFile> files = staged({shop.out}, "x");
  CHECK(left_behind(shop.out).empty());
}

TEST_CASE("a conversion writes only to regular files: pipes and devices are errors") {
  const Workshop shop;
  const std::string pipe = shop.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--out", pipe}, {"--out", "/dev/null"}}) {
    std::vector<std::string> arguments = {"--weights", shop.weights, "--model", shop.model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = run_convert(arguments);
    CHECK(ran.status == 1);
    CHECK(has(ran.err, {more[1], "is a pipe or a device"}));
  }
  CHECK(shop.convert({"--report", pipe}).status == 1);
  CHECK(shop.convert({"--sidecar", "item=" + pipe}).status == 1);
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(shop.has_no_output());
}

TEST_CASE("a conversion onto a link replaces the link's target") {
  const Workshop shop;
  shop.write("target", "before");
  std::filesystem::create_symlink("target", shop.out);
  REQUIRE(shop.convert().status == 0);
  CHECK(std::filesystem::is_symlink(shop.out));
  CHECK(read_text(shop.path("target")).substr(4, 4) == "AUGR");
}

TEST_CASE("--dry-run does everything but write") {
  const Workshop shop;
  const Ran ran = shop.convert({"--dry-run", "--report", shop.path("out.report")});
  CHECK(ran.status == 0);
  CHECK(has(ran.out, {"not written", "size"}));
  CHECK(shop.has_no_output());
}

TEST_CASE("a conversion without expected scores says that it is unproven") {
  const Workshop shop;
  const std::string report = shop.path("report");
  const std::string requests = shop.write("requests.jsonl", kRequests);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--validate", requests}}) {
    std::vector<std::string> arguments = {"--report", report};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = shop.convert(arguments);
    REQUIRE(ran.status == 0);
    CHECK(has(ran.out, {"unproven", "nothing shows that its scores", "--validate", "--expect"}));
    const Json unproven = {{"state", "unproven"}, {"to_prove", kToProve}};
    CHECK(Json::parse(read_text(report))["proof"] == unproven);
    const Ran text = run_inspect({shop.out});
    CHECK(text.status == 0);
    CHECK(has(text.out,
              {"proof", "unproven: nothing shows that its scores", "--validate", "--expect"}));
    CHECK(Json::parse(run_inspect({shop.out, "--json"}).out)["proof"] == unproven);
  }
}

TEST_CASE("a file that records no proof, as those of version 0.1, is of unknown proof") {
  const Workshop shop;
  REQUIRE(shop.convert().status == 0);
  const std::string bytes = read_text(shop.out);
  fb::ModelT model;
  fb::GetModel(bytes.data())->UnPackTo(&model);
  model.proof.reset();
  const std::vector<uint8_t> file = pack_again(model);
  const std::string old = shop.write("old.augur", std::string(file.begin(), file.end()));
  const Ran text = run_inspect({old});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"proof", "unknown: the file does not record"}));
  CHECK(Json::parse(run_inspect({old, "--json"}).out)["proof"]["state"] == "unknown");
}

TEST_CASE("rows in a sidecar: augur-inspect says whether they are the rows of the conversion") {
  const Workshop shop;
  const std::string side = shop.path("item.augurt");
  REQUIRE(shop.convert({"--sidecar", "item=" + side}).status == 0);
  const std::string own = shop.write("own.augurt", read_text(side));
  const std::string bytes = read_text(side);
  // A newer catalogue: one value is another, and the hash is that of the rows.
  fb::TableFileT table;
  flatbuffers::GetRoot<fb::TableFile>(bytes.data())->UnPackTo(&table);
  table.weights->data[0] ^= 1;
  fb::ModelT model;
  model.id = table.model_id;
  const std::vector<uint8_t> newer = pack_table(model, "item", std::move(table.weights));
  const std::string other = shop.write("other.augurt", std::string(newer.begin(), newer.end()));
  const auto inspect = [&](const std::string& file, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {shop.out, "--table", "item=" + file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_inspect(arguments);
  };
  const auto attached = [](const Ran& ran) {
    const Json json = Json::parse(ran.out);
    for (const Json& one : json["tables"]) {
      if (one["name"] == "item") return one["attached"];
    }
    return Json();
  };
  CHECK(attached(run_inspect({shop.out, "--json"})).is_null());
  CHECK(inspect(own, {"--strict"}).status == 0);
  CHECK(has(inspect(own, {}).out, {"item: the 9 rows of " + own + " are those of the conversion"}));
  CHECK(attached(inspect(own, {"--json"}))["origin"] == "conversion");

  const Ran text = inspect(other, {});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"item: the 9 rows of " + other + " (hash ",
                       "are not those that the model was converted with (hash "}));
  const Json json = attached(inspect(other, {"--json"}));
  CHECK(json["origin"] == "other");
  CHECK(json["file"] == other);
  CHECK(json["rows_hash_matches"] == true);
  const Ran strict = inspect(other, {"--strict"});
  CHECK(strict.status == 1);
  CHECK(has(strict.err, {"augur-inspect: table 'item': the rows of " + other, "--strict"}));

  // The file of the conversion, changed afterwards: its hash is that of the conversion still.
  std::string changed = bytes;
  const auto* rows = flatbuffers::GetRoot<fb::TableFile>(bytes.data())->weights()->data();
  changed[static_cast<size_t>(reinterpret_cast<const char*>(rows->data()) - bytes.data())] ^= 1;
  const Ran ran = inspect(shop.write("changed.augurt", changed), {});
  CHECK(ran.status == 1);
  CHECK(has(ran.out, {"are not those of the hash that the file states"}));
  CHECK(has(ran.err, {"changed.augurt", "not those of its hash"}));

  CHECK(inspect(shop.path("missing"), {}).status == 1);
  CHECK(has(run_inspect({shop.out, "--table", "user=" + own}).err, {"user"}));
  CHECK(has(run_inspect({own, "--table", "item=" + own}).err, {"own.augurt", "--table"}));
  CHECK(run_inspect({shop.out, "--strict"}).status == 2);
}

TEST_CASE("a closed standard output changes neither the files nor the exit status") {
  const Workshop shop;
  for (const bool is_pipe : {false, true}) {
    std::remove(shop.out.c_str());
    const pid_t child = fork();
    if (child == 0) {
      int ends[2];
      if (is_pipe && (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0)) _exit(90);
      if (is_pipe) close(ends[0]);
      if (!is_pipe) close(STDOUT_FILENO);
      prepare_standard_streams();
      std::ostringstream err;
      const int status = run_augur_convert(
          {"--weights", shop.weights, "--model", shop.model, "--out", shop.out}, {std::cout, err});
      _exit(status);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(run_inspect({shop.out}).status == 0);
  }
}

TEST_CASE("inspect ends with 1 on a changed file") {
  const Workshop shop;
  const std::string side = shop.path("item.augurt");
  REQUIRE(shop.convert({"--sidecar", "item=" + side}).status == 0);
  CHECK(run_inspect({shop.out}).status == 0);
  CHECK(run_inspect({side}).status == 0);
  // A weight, and a row.
  std::string bytes = read_text(shop.out);
  const auto* weights = fb::GetModel(bytes.data())->head()->layers()->Get(0)->weight()->data();
  bytes[static_cast<size_t>(reinterpret_cast<const char*>(weights->data()) - bytes.data())] ^= 1;
  const Ran model = run_inspect({shop.write("changed.augur", bytes)});
  CHECK(model.status == 1);
  CHECK(has(model.err, {"changed.augur", "not that of its id"}));
  bytes = read_text(side);
  const auto* rows = flatbuffers::GetRoot<fb::TableFile>(bytes.data())->weights()->data();
  bytes[static_cast<size_t>(reinterpret_cast<const char*>(rows->data()) - bytes.data())] ^= 1;
  const Ran table = run_inspect({shop.write("changed.augurt", bytes)});
  CHECK(table.status == 1);
  CHECK(has(table.err, {"changed.augurt", "not those of its hash"}));
}

}  // namespace
}  // namespace augur::convert::testing
