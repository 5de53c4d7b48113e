// Memory that the app gives: the sizes that the library reports are enough, at any alignment; less
// is refused, and nothing outside the block is touched.
#include <doctest/doctest.h>

#include <algorithm>

#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr std::uint8_t kUntouched = 0xC3;
constexpr std::size_t kGuard = 64;

// `bytes` bytes at an address that is `offset` past a multiple of 64, with guards around them.
class GuardedBlock {
 public:
  GuardedBlock(std::size_t bytes, std::size_t offset)
      : bytes_(bytes), storage_(bytes + 3 * kGuard + offset, kUntouched) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    first_ = kGuard + (kGuard - address % kGuard) % kGuard + offset;
  }
  void* data() { return storage_.data() + first_; }
  std::size_t size() const { return bytes_; }
  bool guards_untouched() const {
    const auto begin = storage_.begin();
    const auto first = begin + static_cast<std::ptrdiff_t>(first_);
    const auto untouched = [](std::uint8_t byte) { return byte == kUntouched; };
    return std::all_of(begin, first, untouched) &&
           std::all_of(first + static_cast<std::ptrdiff_t>(bytes_), storage_.end(), untouched);
  }

 private:
  std::size_t bytes_;
  std::vector<std::uint8_t> storage_;
  std::size_t first_ = 0;
};

std::vector<reference::ModelSpec> some_specs() {
  std::vector<reference::ModelSpec> specs = {everything_spec()};
  for (std::uint64_t seed = 300; seed < (emulated() ? 304u : 330u); ++seed)
    specs.push_back(reference::random_spec(seed));
  return specs;
}

}  // namespace

TEST_CASE("a session works in exactly augur_session_bytes() bytes, at any alignment") {
  std::size_t offset = 0;
  for (const reference::ModelSpec& spec : some_specs()) {
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(spec.seed);
    const reference::Request request = reference::random_request(model.parts(), generator, 9, 40);
    const SessionHandle usual = model.session();
    set_user(usual.get(), model.parts(), request);
    const std::vector<float> expected = rank(usual.get(), model.parts(), request.candidates);

    const std::size_t bytes = augur_session_bytes(model.get(), nullptr);
    REQUIRE(bytes > 0);
    offset = (offset + 13) % 64;
    CAPTURE(offset);
    GuardedBlock block(bytes, offset);
    augur_error error = empty_error();
    augur_session* session = nullptr;
    const augur_status status =
        augur_session_create(model.get(), nullptr, block.data(), block.size(), &session, &error);
    CAPTURE(std::string(error.message));
    REQUIRE(status == AUGUR_OK);
    {
      const SessionHandle handle(session);
      set_user(session, model.parts(), request);
      CHECK(rank(session, model.parts(), request.candidates) == expected);
    }
    CHECK(block.guards_untouched());

    GuardedBlock small(bytes / 2, offset);
    CHECK(augur_session_create(model.get(), nullptr, small.data(), small.size(), &session,
                               &error) == AUGUR_OUT_OF_MEMORY);
    CHECK(session == nullptr);
    CHECK(error.required_bytes == bytes);
    CHECK(std::string(error.message).find(std::to_string(bytes)) != std::string::npos);
    CHECK(small.guards_untouched());
  }
}

TEST_CASE("a model opens in exactly the bytes that its error asks for, at any alignment") {
  std::size_t offset = 0;
  for (const reference::ModelSpec& spec : some_specs()) {
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    const std::vector<std::uint8_t>& file = model.file();
    std::uint8_t nothing = 0;
    augur_model_options options = {sizeof(options), &nothing, 0, 0, 0, nullptr, nullptr};
    augur_error error = empty_error();
    augur_model* opened = nullptr;
    REQUIRE(augur_model_open_buffer(file.data(), file.size(), &options, &opened, &error) ==
            AUGUR_OUT_OF_MEMORY);
    CHECK(opened == nullptr);
    REQUIRE(error.required_bytes > 0);

    offset = (offset + 11) % 64;
    CAPTURE(offset);
    GuardedBlock block(error.required_bytes, offset);
    options.memory = block.data();
    options.memory_bytes = block.size();
    const augur_status status =
        augur_model_open_buffer(file.data(), file.size(), &options, &opened, &error);
    CAPTURE(std::string(error.message));
    REQUIRE(status == AUGUR_OK);
    CHECK(std::string(error.message).empty());
    CHECK(error.required_bytes == 0);
    augur_model_info info = {};
    info.struct_size = sizeof(info);
    REQUIRE(augur_model_get_info(opened, &info) == AUGUR_OK);
    CHECK(info.arena_bytes == block.size());
    CHECK(info.arena_used_bytes <= info.arena_bytes);
    augur_session* session = nullptr;
    REQUIRE(augur_session_create(opened, nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK);
    augur_session_destroy(session);
    augur_model_close(opened);
    CHECK(block.guards_untouched());

    options.memory_bytes = error.required_bytes = block.size() / 2;
    CHECK(augur_model_open_buffer(file.data(), file.size(), &options, &opened, &error) ==
          AUGUR_OUT_OF_MEMORY);
    CHECK(error.required_bytes == block.size());
  }
}

TEST_CASE("a session's bytes depend on its options alone") {
  const Fixture f;
  const auto bytes = [&](std::uint32_t max_history, std::uint32_t tile) {
    const augur_session_options options = session_options(max_history, tile);
    return augur_session_bytes(f.model.get(), &options);
  };
  CHECK(bytes(0, 0) == augur_session_bytes(f.model.get(), nullptr));
  CHECK(bytes(0, 32) == bytes(0, 0));
  CHECK(bytes(0, 64) > bytes(0, 32));
  CHECK(bytes(0, 1) < bytes(0, 32));
  CHECK(bytes(3, 0) < bytes(12, 0));
  CHECK(bytes(12, 0) == bytes(0, 0));
  CHECK(bytes(1000000, 0) == bytes(0, 0));
  // And any number of candidates is ranked in them.
  std::vector<std::size_t> many(3000);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i] = i % 10;
  GuardedBlock block(bytes(0, 0), 5);
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(f.model.get(), nullptr, block.data(), block.size(), &session,
                               nullptr) == AUGUR_OK);
  const SessionHandle handle(session);
  set_user(session, f.parts(), f.request);
  const std::vector<float> logits =
      rank(session, f.parts(), reference::pick(f.request.candidates, many));
  const std::vector<float> expected = f.logits();
  for (std::size_t i = 0; i < many.size(); ++i)
    CHECK(logits[i] == doctest::Approx(expected[many[i]]).epsilon(1e-6));
  CHECK(block.guards_untouched());
}

TEST_CASE(
    "a small file that needs a huge session gets an error with its size, and no heap memory") {
  auto parts = reference::random_model(everything_spec());
  for (const auto& stack : parts->stacks)
    stack->max_history = 1u << 16;
  const TestModel model(std::move(parts));
  // As many threads and as large a tile as there may be: each has rows for all of it.
  const augur_session_options options = session_options(0, 1024, 64);
  const std::size_t bytes = augur_session_bytes(model.get(), &options);
  augur_error error = empty_error();
  augur_session* session = nullptr;
  CHECK(augur_session_create(model.get(), &options, nullptr, 0, &session, &error) ==
        AUGUR_OUT_OF_MEMORY);
  CHECK(session == nullptr);
  CHECK(error.required_bytes == bytes);
  if (sizeof(std::size_t) > 4) {
    CHECK(bytes > std::size_t{1} << 30);
    CHECK(std::string(error.message).find(std::to_string(bytes)) != std::string::npos);
  } else {  // no block could be so large
    CHECK(bytes == 0);
    CHECK(std::string(error.message).find("too large for any memory") != std::string::npos);
  }
  // A shorter history is within it.
  const SessionHandle small = model.session(20, 16);
  CHECK(small != nullptr);
}

}  // namespace augur::testing
