// Apps and libraries of different versions: structs that are smaller or larger than the library's.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "common/struct_size.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"
#include "runtime/support/old_structs.h"

namespace augur::testing {
namespace {

// A newer version's struct: the library's with members behind it, and no padding in between.
template <typename Struct>
struct Longer {
  Struct known = {};
  std::size_t tail[4] = {};
  static_assert(sizeof(Struct) % sizeof(std::size_t) == 0);

  Longer() { known.struct_size = sizeof(*this); }
  bool tail_is(std::size_t value) const {
    return std::all_of(std::begin(tail), std::end(tail),
                       [value](std::size_t member) { return member == value; });
  }
};

// An older version's struct with bytes behind it that are not its own.
template <typename Struct>
struct Guarded {
  Struct known = {};
  unsigned char guard[64];

  Guarded() {
    known.struct_size = sizeof(known);
    std::memset(guard, 0xC3, sizeof(guard));
  }
  bool untouched() const {
    return std::all_of(std::begin(guard), std::end(guard),
                       [](unsigned char byte) { return byte == 0xC3; });
  }
};

template <typename To, typename From>
To* as(From* from) {
  return reinterpret_cast<To*>(from);
}

bool contains(const char* text, const std::string& part) {
  return std::string(text).find(part) != std::string::npos;
}

template <typename Column>
std::vector<Column> columns_as(const ColumnSet& given) {
  const std::size_t size = sizeof(Column);
  std::vector<Column> columns(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::memcpy(static_cast<void*>(&columns[i]), given.data() + i,
                std::min(sizeof(Column), sizeof(augur_column)));
    std::memcpy(static_cast<void*>(&columns[i]), &size, sizeof(size));
  }
  return columns;
}

// augur_session_options before parallel_for was added. On 64 bits it ends with padding.
struct BeforeThreadPools {
  size_t struct_size;
  uint32_t max_history;
  uint32_t tile;
  uint32_t threads;
  uint32_t streaming;
  uint32_t max_ids_per_event;
};

}  // namespace

TEST_CASE("an app compiled with version 0.1 works: its structs are read and filled") {
  const Fixture f;
  const std::vector<std::uint8_t>& file = f.model.file();
  Guarded<v0_1::ErrorStruct> error;
  augur_model* model = nullptr;
  unsigned char none = 0;
  Guarded<v0_1::ModelOptions> options;
  options.known.memory = &none;
  REQUIRE(augur_model_open_buffer(file.data(), file.size(), as<augur_model_options>(&options),
                                  &model, as<augur_error>(&error)) == AUGUR_OUT_OF_MEMORY);
  REQUIRE(error.known.required_bytes > 0);
  CHECK(contains(error.known.message, std::to_string(error.known.required_bytes)));
  std::vector<unsigned char> block(error.known.required_bytes);
  options.known.memory = block.data();
  options.known.memory_bytes = block.size();
  REQUIRE(augur_model_open_buffer(file.data(), file.size(), as<augur_model_options>(&options),
                                  &model, as<augur_error>(&error)) == AUGUR_OK);
  const ModelHandle handle(model);

  Guarded<v0_1::ModelInfo> info;
  REQUIRE(augur_model_get_info(model, as<augur_model_info>(&info)) == AUGUR_OK);
  CHECK(info.known.struct_size == sizeof(info.known));
  CHECK(info.known.stack_count == 2);
  CHECK(info.known.arena_bytes == block.size());
  CHECK(info.known.calibration_scale == 1.0f);
  Guarded<v0_1::FieldInfo> field;
  REQUIRE(augur_model_get_candidate_field(model, 1, as<augur_field_info>(&field)) == AUGUR_OK);
  CHECK(std::string(field.known.name) == "c1");
  CHECK(field.known.out_of_table == AUGUR_TABLE_HASH);
  Guarded<v0_1::StackInfo> stack;
  REQUIRE(augur_model_get_stack(model, 1, as<augur_stack_info>(&stack)) == AUGUR_OK);
  CHECK(stack.known.max_history == 5);

  Guarded<v0_1::SessionOptions> session_options;
  session_options.known.threads = 2;
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(model, as<augur_session_options>(&session_options), nullptr, 0,
                               &session, as<augur_error>(&error)) == AUGUR_OK);
  const SessionHandle session_handle(session);
  set_user(session, f.parts(), f.request);
  const ColumnSet given = f.candidates();
  const auto candidates = columns_as<v0_1::Column>(given);
  std::vector<float> logits(f.request.candidates.count);
  REQUIRE(augur_rank(session, as<const augur_column>(candidates.data()), candidates.size(),
                     logits.size(), nullptr, logits.data()) == AUGUR_OK);
  CHECK(logits == f.logits());
  for (const bool untouched :
       {error.untouched(), info.untouched(), field.untouched(), stack.untouched()})
    CHECK(untouched);
}

TEST_CASE("session options from before parallel_for are accepted, whatever their padding holds") {
  const Fixture f;
  Guarded<BeforeThreadPools> old;
  std::memset(&old.known, 0xC3, sizeof(old.known));  // the padding too
  old.known.struct_size = sizeof(old.known);
  old.known.max_history = 0;
  old.known.tile = 0;
  old.known.threads = 3;
  old.known.streaming = 0;
  old.known.max_ids_per_event = 0;
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(f.model.get(), as<augur_session_options>(&old), nullptr, 0, &session,
                               nullptr) == AUGUR_OK);
  const SessionHandle handle(session);
  set_user(session, f.parts(), f.request);
  CHECK(rank(session, f.parts(), f.request.candidates) == f.logits());
  CHECK(old.untouched());

  // As a library sees them that knows no thread pools: the new members are behind its own.
  static_assert(offsetof(augur_session_options, reserved) + sizeof(std::uint32_t) ==
                offsetof(augur_session_options, parallel_for));
  SerialPool pool;
  augur_session_options given = session_options(0, 7, 2);
  BeforeThreadPools copy = {};
  Fault error;
  const auto read = [&] {
    const std::size_t first = FirstForm<augur_session_options>::kBytes;
    return read_struct_bytes(&given, "augur_session_options", first, &copy, sizeof(copy), error);
  };
  CHECK(read() == AUGUR_OK);
  CHECK(copy.tile == 7);
  pool.serve(given);
  CHECK(read() == AUGUR_UNSUPPORTED);
}

TEST_CASE("a newer app works as long as the members that are not known here are 0") {
  const Fixture f;
  const std::vector<std::uint8_t>& file = f.model.file();
  augur_model* model = nullptr;
  augur_session* session = nullptr;
  Longer<augur_error> error;
  std::fill(std::begin(error.tail), std::end(error.tail), 7u);

  Longer<augur_model_options> options;
  REQUIRE(augur_model_open_buffer(file.data(), file.size(), &options.known, &model, &error.known) ==
          AUGUR_OK);
  augur_model_close(model);
  CHECK(error.tail_is(0));
  CHECK(error.known.struct_size == sizeof(error));
  options.tail[3] = 1;
  CHECK(augur_model_open_buffer(file.data(), file.size(), &options.known, &model, &error.known) ==
        AUGUR_UNSUPPORTED);
  CHECK(contains(error.known.message, "augur_model_options"));
  CHECK(model == nullptr);

  Longer<augur_session_options> more;
  CHECK(augur_session_bytes(f.model.get(), &more.known) > 0);
  REQUIRE(augur_session_create(f.model.get(), &more.known, nullptr, 0, &session, &error.known) ==
          AUGUR_OK);
  augur_session_destroy(session);
  more.tail[0] = ~(SIZE_MAX >> 1);
  CHECK(augur_session_bytes(f.model.get(), &more.known) == 0);
  CHECK(augur_session_create(f.model.get(), &more.known, nullptr, 0, &session, &error.known) ==
        AUGUR_UNSUPPORTED);
  CHECK(contains(error.known.message, "augur_session_options"));

  const auto zeroed = [](auto longer, auto get) {
    std::fill(std::begin(longer.tail), std::end(longer.tail), 7u);
    REQUIRE(get(&longer.known) == AUGUR_OK);
    CHECK(longer.tail_is(0));
    CHECK(longer.known.struct_size == sizeof(longer));
    CHECK(longer.known.name != nullptr);
  };
  zeroed(Longer<augur_model_info>(),
         [&](augur_model_info* info) { return augur_model_get_info(f.model.get(), info); });
  zeroed(Longer<augur_field_info>(),
         [&](augur_field_info* info) { return augur_model_get_feature(f.model.get(), 0, info); });
  zeroed(Longer<augur_stack_info>(),
         [&](augur_stack_info* info) { return augur_model_get_stack(f.model.get(), 0, info); });
  zeroed(Longer<augur_table_info>(),
         [&](augur_table_info* info) { return augur_model_get_table(f.model.get(), 0, info); });
}

TEST_CASE("arrays of larger columns are read column by column; sizes must not be mixed") {
  const Fixture f;
  const ColumnSet given = f.candidates();
  auto columns = columns_as<Longer<augur_column>>(given);
  std::vector<float> logits(f.request.candidates.count);
  const auto rank_them = [&] {
    return augur_rank(f.get(), &columns[0].known, columns.size(), logits.size(), nullptr,
                      logits.data());
  };
  REQUIRE(rank_them() == AUGUR_OK);
  CHECK(logits == f.logits());
  columns[2].tail[1] = 1;
  f.check_failed(rank_them(), AUGUR_UNSUPPORTED, {"augur_column"});
  columns[2].tail[1] = 0;
  columns[1].known.struct_size = sizeof(augur_column);
  f.check_failed(rank_them(), AUGUR_INVALID_ARGUMENT, {"candidates", "column 1", "same"});

  Longer<augur_column> feature;
  const ColumnSet f1 = f.feature("f1");
  std::memcpy(&feature.known, f1.data(), sizeof(augur_column));
  feature.known.struct_size = sizeof(feature);
  CHECK(augur_session_set_feature(f.get(), &feature.known) == AUGUR_OK);
}

TEST_CASE("an uninitialised struct_size is refused, and nothing is read or written") {
  const Fixture f;
  augur_error error = empty_error();
  augur_session* session = nullptr;
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{1} << 20, SIZE_MAX}) {
    CAPTURE(size);
    augur_session_options options = {};
    options.struct_size = size;
    CHECK(augur_session_create(f.model.get(), &options, nullptr, 0, &session, &error) ==
          AUGUR_INVALID_ARGUMENT);
    CHECK(contains(error.message, "augur_session_options has struct_size"));
    augur_stack_info info = {};
    info.struct_size = size;
    CHECK(augur_model_get_stack(f.model.get(), 0, &info) == AUGUR_INVALID_ARGUMENT);
    CHECK(info.name == nullptr);
    augur_table_info table = {};
    table.struct_size = size;
    CHECK(augur_model_get_table(f.model.get(), 0, &table) == AUGUR_INVALID_ARGUMENT);
    CHECK(table.name == nullptr);
    ColumnSet candidates = f.candidates();
    for (std::size_t i = 0; i < candidates.size(); ++i)
      candidates[i].struct_size = size;
    f.check_failed(augur_rank(f.get(), candidates.data(), candidates.size(), candidates.rows(),
                              nullptr, nullptr),
                   AUGUR_INVALID_ARGUMENT, {"struct_size"});
    augur_error unsized = {};
    unsized.struct_size = size;
    CHECK(augur_session_create(nullptr, nullptr, nullptr, 0, &session, &unsized) ==
          AUGUR_INVALID_ARGUMENT);
    CHECK(unsized.message[0] == '\0');
  }
}

TEST_CASE("an error struct that is shorter than the library's gets the part that fits") {
  augur_model* model = nullptr;
  for (const std::size_t room : {1u, 2u, 17u, 18u, 19u, 20u, 479u}) {
    CAPTURE(room);
    augur_error error = {};
    std::memset(error.message, 'x', sizeof(error.message));
    error.struct_size = offsetof(augur_error, message) + room;
    CHECK(augur_model_open_file("/\u4e2d\u4e2d\u4e2d\u4e2d", nullptr, &model, &error) ==
          AUGUR_NOT_FOUND);
    const std::string message(error.message, room);
    const std::string whole = "cannot open the file '/\u4e2d\u4e2d\u4e2d\u4e2d'";
    const std::size_t length = message.find('\0');
    REQUIRE(length != std::string::npos);
    CHECK(whole.compare(0, std::min(length, whole.size()), message, 0,
                        std::min(length, whole.size())) == 0);
    if (room < sizeof(error.message)) CHECK(error.message[room] == 'x');
  }
  // 23 bytes come before the first character of three.
  augur_error error = {};
  error.struct_size = offsetof(augur_error, message) + 23 + 3;
  augur_model_open_file("/\u4e2d\u4e2d", nullptr, &model, &error);
  CHECK(std::string(error.message) == "cannot open the file '/");
  ++error.struct_size;
  augur_model_open_file("/\u4e2d\u4e2d", nullptr, &model, &error);
  CHECK(std::string(error.message) == "cannot open the file '/\u4e2d");
}

}  // namespace augur::testing
