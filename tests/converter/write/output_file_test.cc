// Output files, which appear complete or not at all.
#include "write/output_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "error.h"
#include "support/temp_folder.h"

namespace augur::requests {
namespace {

using testing::read_file;
using testing::TempFolder;

TEST_CASE("a file appears only when it is finished") {
  const TempFolder folder;
  const std::string path = folder.path("out");
  {
    OutputFile file(path);
    file.write("one\n");
    file.write("two\n");
    CHECK_FALSE(folder.exists("out"));
    file.finish();
    CHECK(read_file(path) == "one\ntwo\n");
  }
  CHECK(folder.files() == std::vector<std::string>{"out"});
  struct stat status;
  REQUIRE(stat(path.c_str(), &status) == 0);
  const mode_t mask = umask(0);
  umask(mask);
  CHECK((status.st_mode & 0777u) == (0666u & ~mask));
}

TEST_CASE("a file that is not finished leaves nothing behind, and an older file stays") {
  const TempFolder folder;
  folder.write("kept", std::string("before"));
  {
    OutputFile file(folder.path("out"));
    file.write("one\n");
    OutputFile over(folder.path("kept"));
    over.write("after");
  }
  CHECK(folder.files() == std::vector<std::string>{"kept"});
  CHECK(read_file(folder.path("kept")) == "before");
}

TEST_CASE("a link stays a link, a device is written directly") {
  const TempFolder folder;
  folder.write("target", std::string("before"));
  std::filesystem::create_symlink("target", folder.path("link"));
  OutputFile file(folder.path("link"));
  file.write("after");
  file.finish();
  CHECK(std::filesystem::is_symlink(folder.path("link")));
  CHECK(read_file(folder.path("target")) == "after");

  OutputFile null("/dev/null");
  null.write("text");
  null.finish();
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("errors name the path that cannot be written") {
  const TempFolder folder;
  const std::string nowhere = folder.path("none/out");
  CHECK_THROWS_WITH_AS(
      OutputFile{nowhere},
      (nowhere + ": a new file cannot be made beside it: No such file or directory").c_str(),
      Error);
  const std::string here = folder.path(".");
  CHECK_THROWS_WITH_AS(OutputFile{here}, (here + ": is a folder, not a file").c_str(), Error);
  if (std::filesystem::exists("/dev/full")) {
    OutputFile full("/dev/full");
    full.write("text");
    CHECK_THROWS_WITH_AS(full.finish(), "/dev/full: cannot be written: No space left on device",
                         Error);
  }
}

}  // namespace
}  // namespace augur::requests
