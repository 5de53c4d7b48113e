// A catalogue of a million items: how long it takes to open, and what memory a ranking takes.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/quantised_models.h"
#include "runtime/support/temp_file.h"

#if defined(__linux__)

namespace augur::testing {
namespace {

constexpr std::uint32_t kItems = 1000000;
constexpr std::uint32_t kWidth = 36;
constexpr std::size_t kEvents = 50;
constexpr std::size_t kCandidates = 100;

// A DIEN whose item table has a million rows of int8.
std::unique_ptr<fb::ModelT> large_model() {
  reference::ModelSpec spec;
  spec.stacks[0].fields = {{fb::FieldKind::Id, kWidth}};
  spec.stacks[0].max_history = kEvents;
  spec.stacks[0].extractor = {kWidth};
  spec.stacks[0].hidden = kWidth;
  spec.head = {200, 80};
  auto model = quantised_model(spec, precision(fb::TensorType::I8, fb::TensorType::I8));
  fb::EmbeddingTableT& table = *model->tables.back();
  REQUIRE(table.weights->shape[1] == kWidth);
  table.weights->shape[0] = kItems;
  table.weights->data.resize(std::size_t{kItems} * kWidth);
  table.weights->scales.resize(std::size_t{kItems} * 2);
  reference::Generator generator(1);
  for (std::size_t i = 0; i < table.weights->data.size(); i += 8) {
    const std::uint64_t bits = generator.next();
    std::memcpy(table.weights->data.data() + i, &bits, 8);
  }
  for (std::size_t row = 0; row < kItems; ++row) {
    table.weights->scales[2 * row] = 0;
    table.weights->scales[2 * row + 1] = 0x14;  // 2^-10
  }
  return model;
}

// A line "Name:   123 kB" of a file of /proc, in bytes.
std::size_t bytes_of(const std::string& line) {
  return static_cast<std::size_t>(std::stoul(line.substr(line.find(':') + 1))) * 1024;
}

std::size_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("RssAnon:", 0) == 0) return bytes_of(line);
  }
  return 0;
}

// Pages of the file that this process has mapped in.
std::size_t mapped_pages(const std::string& path) {
  std::ifstream maps("/proc/self/smaps");
  bool ours = false;
  std::size_t bytes = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(path) != std::string::npos) {
      ours = true;
    } else if (line.find(" kB") == std::string::npos) {
      ours = false;
    }
    if (ours && line.rfind("Rss:", 0) == 0) bytes += bytes_of(line);
  }
  return bytes / static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Pages of the file in the system's cache, by a mapping of our own that touches none.
std::size_t cached_pages(int fd, std::size_t bytes) {
  void* map = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  REQUIRE(map != MAP_FAILED);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((bytes + page - 1) / page);
  REQUIRE(mincore(map, bytes, resident.data()) == 0);
  munmap(map, bytes);
  std::size_t count = 0;
  for (const unsigned char flags : resident)
    count += flags & 1u;
  return count;
}

}  // namespace

TEST_CASE("a million items open in milliseconds and rank in a few pages") {
  if (emulated()) return;  // the emulator's own memory would be measured
  std::vector<std::uint8_t> bytes = reference::pack(*large_model());
  const std::size_t size = bytes.size();
  const TempFile file(bytes);
  bytes = {};
  fsync(file.fd());
  REQUIRE(posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED) == 0);
  const std::size_t cached_before = cached_pages(file.fd(), size);

  const std::size_t anonymous_before = anonymous_bytes();
  double first_milliseconds = 0.0;
  double milliseconds = 1e9;
  augur_model* model = nullptr;
  for (int attempt = 0; attempt < 5; ++attempt) {
    augur_model_close(model);
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(augur_model_open_file(file.path(), nullptr, &model, nullptr) == AUGUR_OK);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (attempt == 0) first_milliseconds = took.count();
    milliseconds = std::min(milliseconds, took.count());
  }
  const ModelHandle handle(model);
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(model, nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK);
  const SessionHandle session_handle(session);
  std::vector<std::int64_t> ids(kEvents + kCandidates);
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids[i] = static_cast<std::int64_t>((i * 6607 + 11) % kItems);
  augur_field_info field = {};
  field.struct_size = sizeof(field);
  REQUIRE(augur_model_get_stack_field(model, 0, 0, &field) == AUGUR_OK);
  augur_column column = {};
  column.struct_size = sizeof(column);
  column.name = field.name;
  column.ids = ids.data();
  column.length = kEvents;
  REQUIRE(augur_session_set_history(session, nullptr, &column, 1, kEvents) == AUGUR_OK);
  REQUIRE(augur_model_get_candidate_field(model, 0, &field) == AUGUR_OK);
  column.name = field.name;
  column.ids = ids.data() + kEvents;
  column.length = kCandidates;
  std::vector<float> scores(kCandidates);
  REQUIRE(augur_rank(session, &column, 1, kCandidates, scores.data(), nullptr) == AUGUR_OK);

  const std::size_t anonymous = anonymous_bytes() - anonymous_before;
  const std::size_t mapped = mapped_pages(file.path());
  const std::size_t cached = cached_pages(file.fd(), size);
  const std::size_t pages = size / 4096;
  const std::size_t kilobytes = anonymous / 1024;
  MESSAGE(pages, " pages opened in ", milliseconds, " ms (at first, from the disk, in ",
          first_milliseconds, "); anonymous memory grew by ", kilobytes, " kB; pages: ", mapped,
          " mapped, ", cached, " in the cache (", cached_before, " before)");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(milliseconds <= 5.0);
  CHECK(anonymous <= std::size_t{8} << 20);
#endif
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model, &info) == AUGUR_OK);
  CHECK(info.arena_bytes + augur_session_bytes(model, nullptr) <= std::size_t{8} << 20);

  // A row may lie across two pages, and its scale is in a third. The rest of the file is small.
  const std::size_t rows = 3 * (kEvents + kCandidates);
  constexpr std::size_t kOtherPages = 64;
  // Linux maps pages around a touched one that are in its cache already: 16 at a time.
  constexpr std::size_t kFaultAround = 16;
  CHECK(mapped <= kFaultAround * rows + kOtherPages);
  // Where the cache could be emptied (not on tmpfs), it now holds what was touched and no more.
  if (cached_before == 0) {
    CHECK(mapped <= rows + kOtherPages);
    CHECK(cached <= rows + kOtherPages);
  }
}

}  // namespace augur::testing

#endif
