// Zip archives: what they may hold, and how damaged ones are refused.
#include "checkpoint/zip.h"

#include <doctest/doctest.h>

#include "converter/checkpoint/bytes.h"
#include "converter/checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

constexpr char kLocal[] = "PK\3\4";
constexpr char kCentral[] = "PK\1\2";
// Where fields stand in a central header; in a local one 2 bytes earlier, up to the sizes.
constexpr size_t kMethod = 10;
constexpr size_t kCrc = 16;
constexpr size_t kStoredSize = 20;
constexpr size_t kSize = 24;

ZipArchive open(const Bytes& bytes) {
  return ZipArchive(view(bytes, "a.zip"));
}

Bytes text(std::string_view content) {
  return Bytes(content.begin(), content.end());
}

std::string content_of(const ZipArchive& archive, const ZipEntry& entry) {
  const auto stream = archive.open(entry);
  std::string out(static_cast<size_t>(entry.size), '\0');
  for (size_t i = 0; i < out.size(); ++i)
    stream->read(&out[i], 1);  // the smallest pieces
  stream->finish();
  return out;
}

std::string content_of(const Bytes& bytes, size_t entry) {
  const ZipArchive archive = open(bytes);
  return content_of(archive, archive.entries().at(entry));
}

Bytes two_files(const ZipOptions& options = {}) {
  return zip_bytes({{"one", text("hello hello hello hello"), true}, {"two", text("abc"), false}},
                   options);
}

// Where the n-th header of a kind begins.
size_t header(const Bytes& bytes, const char* mark, int n = 0) {
  size_t at = find(bytes, mark);
  for (; n > 0; --n)
    at = find(bytes, mark, at + 1);
  return at;
}

// A changed copy of two_files(): `value` in `width` bytes at `offset` of the n-th central header.
Bytes with_central(size_t offset, uint64_t value, unsigned width, int n = 0) {
  Bytes bytes = two_files();
  patch(&bytes, header(bytes, kCentral, n) + offset, value, width);
  return bytes;
}

// The same in both headers of the entry, which must agree.
Bytes with_both(size_t offset, uint64_t value, unsigned width, int n = 0) {
  Bytes bytes = with_central(offset, value, width, n);
  patch(&bytes, header(bytes, kLocal, n) + offset - 2, value, width);
  return bytes;
}

}  // namespace

TEST_CASE("zip: stored and deflated entries, with and without zip64 and comment") {
  for (const bool zip64 : {false, true}) {
    for (const char* comment : {"", "a comment"}) {
      const Bytes bytes = two_files({zip64, comment});
      const ZipArchive archive = open(bytes);
      REQUIRE(archive.entries().size() == 2);
      CHECK(archive.entries()[0].name == "one");
      CHECK(archive.entries()[0].size == 23);
      CHECK(archive.entries()[1].stored_size == 3);
      CHECK(content_of(archive, archive.entries()[0]) == "hello hello hello hello");
      CHECK(content_of(archive, archive.entries()[1]) == "abc");
    }
  }
  CHECK(open(zip_bytes({})).entries().empty());
}

TEST_CASE("zip: empty entries and folders") {
  const Bytes bytes = zip_bytes({{"folder/", {}, false}, {"none", {}, false}, {"non", {}, true}});
  REQUIRE(open(bytes).entries().size() == 2);
  CHECK(content_of(bytes, 0).empty());
  CHECK(content_of(bytes, 1).empty());
}

TEST_CASE("zip: two entries may be read at the same time") {
  const Bytes bytes = two_files();
  const ZipArchive archive = open(bytes);
  const auto one = archive.open(archive.entries()[0]);
  const auto two = archive.open(archive.entries()[1]);
  std::string first(23, '\0'), second(3, '\0');
  one->read(&first[0], 10);
  two->read(&second[0], 2);
  one->read(&first[10], 13);
  two->read(&second[2], 1);
  one->finish();
  two->finish();
  CHECK(first == "hello hello hello hello");
  CHECK(second == "abc");
}

TEST_CASE("zip: checksums and lengths are verified at an entry's end") {
  Bytes bytes = two_files();
  bytes[find(bytes, "abc")] = 'x';
  CHECK_REFUSED(content_of(bytes, 1), "a.zip: the data of entry 'two' does not match its CRC-32");
  CHECK_REFUSED(content_of(with_both(kCrc, 1, 4), 0), "does not match its CRC-32");
  CHECK_REFUSED(content_of(with_both(kSize, 22, 4), 0), "longer than the directory says");
  CHECK_REFUSED(content_of(with_both(kSize, 24, 4), 0), "a.zip: the data of entry 'one' ");
  CHECK_REFUSED(content_of(with_both(kStoredSize, 2, 4), 0), "a.zip: the data of entry 'one' ");
  bytes = two_files();
  bytes[header(bytes, kLocal) + 30 + 3] = 0xff;
  CHECK_REFUSED(content_of(bytes, 0), "is not valid deflate data");

  const Bytes sound = two_files();
  const ZipArchive archive = open(sound);
  CHECK_REFUSED(archive.open(archive.entries()[1])->finish(), "is longer than its array");
}

TEST_CASE("zip: what is not supported is refused by name") {
  CHECK_REFUSED(open(with_central(8, 1, 2)), "a.zip: entry 'one' is encrypted");
  CHECK_REFUSED(open(with_both(kMethod, 12, 2)), "a.zip: entry 'one' is compressed by method 12");
  Bytes split = two_files();
  patch(&split, split.size() - 22 + 4, 1, 2);
  CHECK_REFUSED(open(split), "split zip archive");
}

TEST_CASE("zip: sizes and offsets are checked before they are used") {
  CHECK_REFUSED(open(with_both(kStoredSize, 1000000, 4)), "a.zip: damaged zip file");
  CHECK_REFUSED(open(with_both(kSize, 0x7fffffff, 4)), "more than deflate can give");
  CHECK_REFUSED(open(with_both(kSize, 4, 4, 1)), "'two' is stored, but its two sizes differ");
  CHECK_REFUSED(open(with_central(42, 0x7fffffff, 4)), "a.zip: damaged zip file");
  CHECK_REFUSED(open(with_central(42, 1, 4)), "a.zip: damaged zip file");
  CHECK_REFUSED(open(with_central(46, 'O', 1)), "contradict each other");
  CHECK_REFUSED(open(with_central(kSize, 22, 4)), "contradict each other");
  CHECK_REFUSED(open(with_central(28, 60000, 2)), "a.zip: damaged zip file");
  CHECK_REFUSED(open(with_central(0, 0, 4)), "a.zip: damaged zip file");
}

TEST_CASE("zip: the end record must fit the directory") {
  const auto with_end = [](size_t offset, uint64_t value, unsigned width) {
    Bytes bytes = two_files();
    patch(&bytes, bytes.size() - 22 + offset, value, width);
    return bytes;
  };
  CHECK_REFUSED(open({}), "a.zip: damaged zip file: it is empty");
  CHECK_REFUSED(open(Bytes(100)), "a.zip: damaged zip file: its directory is missing");
  for (const size_t field : {size_t{12}, size_t{16}, size_t{20}}) {
    CAPTURE(field);
    CHECK_REFUSED(open(with_end(field, 5, 2)), "a.zip: damaged zip file");
  }
  Bytes fewer = with_end(8, 1, 2);
  patch(&fewer, fewer.size() - 22 + 10, 1, 2);
  CHECK_REFUSED(open(fewer), "a.zip: damaged zip file");
  Bytes more = with_end(8, 60000, 2);
  patch(&more, more.size() - 22 + 10, 60000, 2);
  CHECK_REFUSED(open(more), "a.zip: damaged zip file");
}

TEST_CASE("zip: entries that share bytes are refused") {
  // Both central entries point to the first local header.
  Bytes bytes = zip_bytes({{"one", text("abc"), false}, {"one", text("abc"), false}});
  patch(&bytes, header(bytes, kCentral, 1) + 42, 0, 4);
  CHECK_REFUSED(open(bytes), "two of its entries have one name");
}

TEST_CASE("zip: damaged zip64 records") {
  const ZipOptions zip64 = {true, ""};
  const size_t size = two_files(zip64).size();
  const size_t record = size - 22 - 20 - 56, locator = size - 22 - 20;
  const auto with = [&](size_t at, uint64_t value, unsigned width) {
    Bytes bytes = two_files(zip64);
    patch(&bytes, at, value, width);
    return bytes;
  };
  CHECK_REFUSED(open(with(locator + 8, ~uint64_t{0}, 8)), "a.zip: ");
  CHECK_REFUSED(open(with(locator + 8, 10, 8)), "a.zip: ");
  CHECK_REFUSED(open(with(record + 48, ~uint64_t{0}, 8)), "a.zip: ");
  CHECK_REFUSED(open(with(record + 40, ~uint64_t{0}, 8)), "a.zip: ");
  Bytes bytes = two_files(zip64);
  patch(&bytes, record + 24, uint64_t{1} << 60, 8);
  patch(&bytes, record + 32, uint64_t{1} << 60, 8);
  CHECK_REFUSED(open(bytes), "a.zip: ");
}
