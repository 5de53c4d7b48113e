// The zip directory: what archives may hold, and how they can lie.
#include "checkpoint/zip.h"

#include <doctest/doctest.h>

#include "checkpoint/bytes.h"
#include "checkpoint/npz_writer.h"

using namespace augur::checkpoint;
using namespace augur::checkpoint::test;

namespace {

constexpr char kCentral[] = "PK\1\2";

std::vector<ZipEntry> directory_of(const Bytes& bytes) {
  return read_zip_directory(*view(bytes, "a.zip"));
}

Bytes text(std::string_view content) {
  return Bytes(content.begin(), content.end());
}

std::string content_of(const Bytes& bytes, const ZipEntry& entry) {
  const auto source = view(bytes, "a.zip");
  const auto stream = open_zip_entry(*source, entry);
  std::string out(static_cast<size_t>(entry.size), '\0');
  for (size_t i = 0; i < out.size(); ++i)
    stream->read(&out[i], 1);  // the smallest pieces
  stream->finish();
  return out;
}

Bytes two_files(const ZipOptions& options = {}) {
  return zip_bytes({{"one", text("hello hello hello hello"), true}, {"two", text("abc"), false}},
                   options);
}

// Where the n-th central header begins.
size_t central(const Bytes& bytes, int n = 0) {
  size_t at = find(bytes, kCentral);
  for (; n > 0; --n)
    at = find(bytes, kCentral, at + 1);
  return at;
}

// A changed copy of two_files(): `value` in `width` bytes at `offset` of the first central header.
Bytes with_central(size_t offset, uint64_t value, unsigned width, int n = 0) {
  Bytes bytes = two_files();
  patch(&bytes, central(bytes, n) + offset, value, width);
  return bytes;
}

}  // namespace

TEST_CASE("zip: stored and deflated entries, with and without zip64 and comment") {
  for (const bool zip64 : {false, true}) {
    for (const char* comment : {"", "a comment, PK\5\6 included"}) {
      const Bytes bytes = two_files({zip64, comment});
      const auto entries = directory_of(bytes);
      REQUIRE(entries.size() == 2);
      CHECK(entries[0].name == "one");
      CHECK(entries[0].deflated);
      CHECK(entries[0].size == 23);
      CHECK(content_of(bytes, entries[0]) == "hello hello hello hello");
      CHECK(content_of(bytes, entries[1]) == "abc");
    }
  }
  CHECK(directory_of(zip_bytes({})).empty());
}

TEST_CASE("zip: empty entries and folders") {
  const Bytes bytes = zip_bytes({{"folder/", {}, false}, {"none", {}, false}, {"non", {}, true}});
  const auto entries = directory_of(bytes);
  REQUIRE(entries.size() == 2);
  CHECK(content_of(bytes, entries[0]).empty());
  CHECK(content_of(bytes, entries[1]).empty());
}

TEST_CASE("zip: checksums and lengths are verified at an entry's end") {
  Bytes bytes = two_files();
  const auto entries = directory_of(bytes);
  bytes[static_cast<size_t>(entries[1].offset)] = 'x';
  CHECK_REFUSED(content_of(bytes, entries[1]), "a.zip: the data of entry 'two' does not match");

  ZipEntry shorter = entries[0];
  shorter.size = 22;
  CHECK_REFUSED(content_of(bytes, shorter), "longer than the directory says");
  ZipEntry longer = entries[0];
  longer.size = 24;
  CHECK_REFUSED(content_of(bytes, longer), "ends too early");
  ZipEntry cut = entries[0];
  cut.stored_size -= 2;
  CHECK_REFUSED(content_of(bytes, cut), "is cut off");
  ZipEntry padded = entries[0];
  padded.stored_size += 1;
  CHECK_REFUSED(content_of(bytes, padded), "unused bytes after its end");
  bytes[static_cast<size_t>(entries[0].offset)] = 0xff;
  CHECK_REFUSED(content_of(bytes, entries[0]), "is not valid deflate data");

  const auto source = view(bytes, "a.zip");
  const auto stream = open_zip_entry(*source, entries[1]);
  CHECK_REFUSED(stream->finish(), "is longer than its array");
}

TEST_CASE("zip: what is not supported is refused by name") {
  CHECK_REFUSED(directory_of(with_central(8, 1, 2)), "a.zip: entry 'one' is encrypted");
  CHECK_REFUSED(directory_of(with_central(8, 64, 2)), "a.zip: entry 'one' is encrypted");
  CHECK_REFUSED(directory_of(with_central(10, 12, 2)),
                "a.zip: entry 'one' is compressed by method 12");
  Bytes split = two_files();
  patch(&split, split.size() - 22 + 4, 1, 2);
  CHECK_REFUSED(directory_of(split), "split zip archive");
}

TEST_CASE("zip: sizes and places are checked before they are believed") {
  CHECK_REFUSED(directory_of(with_central(20, 1000000, 4)), "more than are left in the file");
  CHECK_REFUSED(directory_of(with_central(24, 0x7fffffff, 4)), "more than deflate can give");
  CHECK_REFUSED(directory_of(with_central(24, 4, 4, 1)), "'two' is stored, but its two sizes");
  CHECK_REFUSED(directory_of(with_central(42, 0x7fffffff, 4)), "'one' lies outside");
  CHECK_REFUSED(directory_of(with_central(42, 1, 4)), "'one' differs from its local header");
  CHECK_REFUSED(directory_of(with_central(46, 'O', 1)), "'One' is called 'one'");
  CHECK_REFUSED(directory_of(with_central(28, 60000, 2)), "a directory entry is cut off");
  CHECK_REFUSED(directory_of(with_central(0, 0, 4)), "a directory entry is missing");
}

TEST_CASE("zip: the end record must fit the directory") {
  const auto with_end = [](size_t offset, uint64_t value, unsigned width) {
    Bytes bytes = two_files();
    patch(&bytes, bytes.size() - 22 + offset, value, width);
    return bytes;
  };
  CHECK_REFUSED(directory_of({}), "it has only 0 bytes");
  CHECK_REFUSED(directory_of(Bytes(100)), "its directory is missing");
  CHECK_REFUSED(directory_of(with_end(12, 5, 4)), "does not end where the end record begins");
  CHECK_REFUSED(directory_of(with_end(16, 5, 4)), "does not end where the end record begins");
  CHECK_REFUSED(directory_of(with_end(20, 5, 2)), "its directory is missing");
  Bytes fewer = with_end(8, 1, 2);
  patch(&fewer, fewer.size() - 22 + 10, 1, 2);
  CHECK_REFUSED(directory_of(fewer), "the directory is longer than its entries");
  Bytes more = with_end(8, 60000, 2);
  patch(&more, more.size() - 22 + 10, 60000, 2);
  CHECK_REFUSED(directory_of(more), "too small for 60000 entries");
}

TEST_CASE("zip: entries may not share bytes") {
  // Both central entries point to the first local header.
  Bytes bytes = zip_bytes({{"one", text("abc"), false}, {"one", text("abc"), false}});
  patch(&bytes, central(bytes, 1) + 42, 0, 4);
  CHECK_REFUSED(directory_of(bytes), "two entries overlap at byte 0");
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
  CHECK_REFUSED(directory_of(with(locator + 8, ~uint64_t{0}, 8)), "zip64 record lies outside");
  CHECK_REFUSED(directory_of(with(locator + 8, 10, 8)), "zip64 record is missing");
  CHECK_REFUSED(directory_of(with(locator, 0, 4)), "does not end where the end record begins");
  CHECK_REFUSED(directory_of(with(record + 16, 1, 4)), "split zip archive");
  CHECK_REFUSED(directory_of(with(record + 48, ~uint64_t{0}, 8)), "does not end where");
  CHECK_REFUSED(directory_of(with(record + 40, ~uint64_t{0}, 8)), "does not end where");
  Bytes bytes = two_files(zip64);
  patch(&bytes, record + 24, uint64_t{1} << 60, 8);
  patch(&bytes, record + 32, uint64_t{1} << 60, 8);
  CHECK_REFUSED(directory_of(bytes), "too small for 1152921504606846976 entries");
  // The field's sizes: uncompressed, stored, offset, behind 46 bytes of header, the name and the
  // other field.
  const size_t field = central(two_files(zip64)) + 46 + 3 + 6 + 4;
  CHECK_REFUSED(directory_of(with(field, uint64_t{1} << 62, 8)), "more than deflate can give");
  CHECK_REFUSED(directory_of(with(field + 8, uint64_t{1} << 62, 8)), "more than are left");
  CHECK_REFUSED(directory_of(with(field + 16, uint64_t{1} << 62, 8)), "lies outside");
  CHECK_REFUSED(directory_of(with(field - 2, 20, 2)), "the zip64 field of 'one' is short");
}
