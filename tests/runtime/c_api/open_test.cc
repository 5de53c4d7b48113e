// Opening models: from files, descriptors and buffers, into given memory; what a model declares;
// what is refused and how.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/fixture.h"
#include "runtime/support/temp_file.h"

namespace augur::testing {
namespace {

std::vector<float> logits_of(const augur_model* model, const Fixture& f) {
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(model, nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK);
  const SessionHandle handle(session);
  set_user(session, f.parts(), f.request);
  return rank(session, f.parts(), f.request.candidates);
}

void check_refused(const std::vector<std::uint8_t>& file, augur_status expected,
                   const std::vector<std::string>& message_parts) {
  augur_error error = empty_error();
  augur_model* model = reinterpret_cast<augur_model*>(&error);
  const augur_status came =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error);
  const std::string message = error.message;
  CAPTURE(message);
  CHECK(std::string(augur_status_name(came)) == augur_status_name(expected));
  CHECK(model == nullptr);
  for (const std::string& part : message_parts)
    CHECK(message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a file, a descriptor at any offset, and a buffer at any address hold the same model") {
  const Fixture f;
  const std::vector<float> expected = f.logits();
  const std::vector<std::uint8_t>& file = f.model.file();
  augur_model* model = nullptr;
  {
    const TempFile whole(file);
    REQUIRE(augur_model_open_file(whole.path(), nullptr, &model, nullptr) == AUGUR_OK);
    CHECK(logits_of(model, f) == expected);
    augur_model_close(model);
  }
  for (const std::size_t offset : {0u, 1u, 2u, 3u, 4u, 61u, 4096u, 4099u, 10001u}) {
    CAPTURE(offset);
    std::vector<std::uint8_t> package(offset, 0xA5);
    package.insert(package.end(), file.begin(), file.end());
    for (const bool to_the_end : {true, false}) {
      std::vector<std::uint8_t> bytes = package;
      if (!to_the_end) bytes.resize(bytes.size() + 100, 0x5A);
      {
        const TempFile asset(bytes);
        REQUIRE(augur_model_open_fd(asset.fd(), offset, to_the_end ? 0 : file.size(), nullptr,
                                    &model, nullptr) == AUGUR_OK);
      }  // the descriptor is closed, the file's name gone
      CHECK(logits_of(model, f) == expected);
      augur_model_close(model);
    }
    if (offset > 64) continue;
    REQUIRE(augur_model_open_buffer(package.data() + offset, file.size(), nullptr, &model,
                                    nullptr) == AUGUR_OK);
    CHECK(logits_of(model, f) == expected);
    augur_model_close(model);
  }
}

TEST_CASE("a model opened with load = 1 needs neither its file nor its buffer afterwards") {
  const Fixture f;
  const std::vector<float> expected = f.logits();
  const std::vector<std::uint8_t>& file = f.model.file();
  for (const std::size_t offset : {0u, 3u}) {
    CAPTURE(offset);
    std::vector<std::uint8_t> bytes(offset, 0xA5);
    bytes.insert(bytes.end(), file.begin(), file.end());
    for (const bool buffer : {false, true}) {
      CAPTURE(buffer);
      const TempFile asset(bytes);
      const auto open = [&](const augur_model_options& options, augur_model** model,
                            augur_error* error) {
        return buffer ? augur_model_open_buffer(bytes.data() + offset, file.size(), &options, model,
                                                error)
                      : augur_model_open_fd(asset.fd(), offset, 0, &options, model, error);
      };
      std::uint8_t none = 0;
      augur_model_options options = {sizeof(options), &none, 0, 0, 0, nullptr, nullptr};
      augur_error error = empty_error();
      augur_model* model = nullptr;
      REQUIRE(open(options, &model, &error) == AUGUR_OUT_OF_MEMORY);
      const std::size_t mapped = error.required_bytes;
      options.load = 1;
      REQUIRE(open(options, &model, &error) == AUGUR_OUT_OF_MEMORY);
      // The copy is told; what is no multiple of 4 was copied without it.
      if (offset == 0) CHECK(error.required_bytes >= mapped + file.size());
      std::vector<std::uint8_t> block(error.required_bytes);
      options.memory = block.data();
      options.memory_bytes = block.size();
      REQUIRE(open(options, &model, &error) == AUGUR_OK);
      const ModelHandle handle(model);
      REQUIRE(ftruncate(asset.fd(), 0) == 0);
      if (buffer) std::memset(bytes.data(), 0, bytes.size());
      CHECK(logits_of(model, f) == expected);
      if (buffer) std::memcpy(bytes.data() + offset, file.data(), file.size());
    }
  }
  augur_model_options wrong = {sizeof(wrong), nullptr, 0, 2, 0, nullptr, nullptr};
  augur_error error = empty_error();
  augur_model* model = nullptr;
  CHECK(augur_model_open_buffer(file.data(), file.size(), &wrong, &model, &error) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("load is 2") != std::string::npos);
}

TEST_CASE("missing files, and paths that are not regular files, are refused") {
  augur_error error = empty_error();
  augur_model* model = nullptr;
  CHECK(augur_model_open_file("/no/such/model.augur", nullptr, &model, &error) == AUGUR_NOT_FOUND);
  CHECK(std::string(error.message).find("/no/such/model.augur") != std::string::npos);
  CHECK(augur_model_open_file("/", nullptr, &model, &error) == AUGUR_IO_ERROR);
  CHECK(augur_model_open_fd(-1, 0, 0, nullptr, &model, &error) == AUGUR_IO_ERROR);
  const TempFile empty({});
  CHECK(augur_model_open_file(empty.path(), nullptr, &model, &error) == AUGUR_BAD_MODEL);
  CHECK(std::string(error.message).find("empty") != std::string::npos);
  const Fixture f;
  const TempFile file(f.model.file());
  const std::uint64_t size = f.model.file().size();
  constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
  CHECK(augur_model_open_fd(file.fd(), size + 1, 0, nullptr, &model, &error) == AUGUR_IO_ERROR);
  CHECK(augur_model_open_fd(file.fd(), size, 0, nullptr, &model, &error) == AUGUR_BAD_MODEL);
  CHECK(augur_model_open_fd(file.fd(), 1, size, nullptr, &model, &error) == AUGUR_IO_ERROR);
  CHECK(augur_model_open_fd(file.fd(), 1, kHuge, nullptr, &model, &error) == AUGUR_IO_ERROR);
  CHECK(augur_model_open_fd(file.fd(), kHuge, 1, nullptr, &model, &error) == AUGUR_IO_ERROR);
  CHECK(model == nullptr);
}

TEST_CASE("null arguments and structs of another version") {
  const Fixture f;
  const std::vector<std::uint8_t>& file = f.model.file();
  augur_error error = empty_error();
  augur_model* model = nullptr;
  CHECK(augur_model_open_file(nullptr, nullptr, &model, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("path") != std::string::npos);
  CHECK(augur_model_open_buffer(nullptr, 10, nullptr, &model, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("data") != std::string::npos);
  CHECK(augur_model_open_file("x", nullptr, nullptr, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_open_file(nullptr, nullptr, nullptr, nullptr) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_open_fd(0, 0, 0, nullptr, nullptr, &error) == AUGUR_INVALID_ARGUMENT);
  augur_model_options options = {4, nullptr, 0, 0, 0, nullptr, nullptr};
  CHECK(augur_model_open_buffer(file.data(), file.size(), &options, &model, &error) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("struct_size 4") != std::string::npos);

  augur_session* session = nullptr;
  CHECK(augur_session_create(nullptr, nullptr, nullptr, 0, &session, &error) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_create(f.model.get(), nullptr, nullptr, 0, nullptr, &error) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(augur_session_bytes(nullptr, nullptr) == 0);
  augur_session_options cut = session_options(0, 0);
  cut.struct_size = 4;
  augur_session_options many_ids = session_options(0, 0);
  many_ids.max_ids_per_event = 4097;
  for (const augur_session_options& bad :
       {cut, many_ids, session_options(0, 1025), session_options(0, 0xFFFFFFFFu),
        session_options(0, 0, 65), session_options(0, 0, 0xFFFFFFFFu)}) {
    CHECK(augur_session_bytes(f.model.get(), &bad) == 0);
    CHECK(augur_session_create(f.model.get(), &bad, nullptr, 0, &session, &error) ==
          AUGUR_INVALID_ARGUMENT);
    CHECK(std::string(error.message).find("options") != std::string::npos);
    CHECK(session == nullptr);
  }

  // Options as they were before `threads` was there; what follows them is not read.
  augur_session_options first = session_options(0, 8, 0xFFFFFFFFu);
  first.struct_size = offsetof(augur_session_options, threads);
  const augur_session_options now = session_options(0, 8);
  CHECK(augur_session_bytes(f.model.get(), &first) == augur_session_bytes(f.model.get(), &now));
  REQUIRE(augur_session_create(f.model.get(), &first, nullptr, 0, &session, &error) == AUGUR_OK);
  augur_session_destroy(session);
  --first.struct_size;
  CHECK(augur_session_bytes(f.model.get(), &first) == 0);

  // An error struct that says nothing of its size is left alone.
  augur_error unsized = {};
  unsized.message[0] = 'x';
  CHECK(augur_model_open_file("/no/such", nullptr, &model, &unsized) == AUGUR_NOT_FOUND);
  CHECK(unsized.message[0] == 'x');

  augur_model_info info = {};
  CHECK(augur_model_get_info(f.model.get(), &info) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_info(nullptr, &info) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_info(f.model.get(), nullptr) == AUGUR_INVALID_ARGUMENT);
  augur_field_info field = {};
  CHECK(augur_model_get_feature(f.model.get(), 0, &field) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_feature(nullptr, 0, &field) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_candidate_field(nullptr, 0, &field) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_stack_field(nullptr, 0, 0, &field) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_stack(nullptr, 0, nullptr) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_note(nullptr, 0) == nullptr);
}

TEST_CASE("a model reports what its file declares") {
  auto parts = reference::random_model(everything_spec());
  parts->name = "shop";
  parts->producer = "tests";
  parts->producer_version = "1.2";
  parts->notes = {"first", "second"};
  const TestModel model(std::move(parts));
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  CHECK(std::string(info.name) == "shop");
  CHECK(std::string(info.producer) == "tests");
  CHECK(std::string(info.producer_version) == "1.2");
  CHECK(info.id[0] == 7);
  CHECK(info.format == 1);
  CHECK(info.feature_count == 4);
  CHECK(info.candidate_field_count == 9);
  CHECK(info.stack_count == 2);
  CHECK(info.note_count == 2);
  CHECK(info.file_bytes == model.file().size());
  CHECK(info.arena_used_bytes > 0);
  CHECK(info.arena_used_bytes <= info.arena_bytes);
  CHECK(info.calibration_scale == 1.0f);
  CHECK(info.output == AUGUR_OUTPUT_SIGMOID);
  CHECK(std::string(augur_model_get_note(model.get(), 1)) == "second");
  CHECK(augur_model_get_note(model.get(), 2) == nullptr);

  augur_field_info field = {};
  field.struct_size = sizeof(field);
  REQUIRE(augur_model_get_candidate_field(model.get(), 1, &field) == AUGUR_OK);
  CHECK(std::string(field.name) == "c1");
  CHECK(field.kind == AUGUR_ID);
  CHECK(field.width == 4);
  CHECK(std::string(field.table) == "c1");
  CHECK(field.table_rows == model.parts().tables[3]->weights->shape[0]);
  CHECK(field.out_of_table == AUGUR_TABLE_HASH);
  CHECK(augur_model_get_candidate_field(model.get(), 9, &field) == AUGUR_NOT_FOUND);
  REQUIRE(augur_model_get_feature(model.get(), 2, &field) == AUGUR_OK);
  CHECK(field.kind == AUGUR_VECTOR);
  CHECK(field.width == 3);
  CHECK(std::string(field.table).empty());
  CHECK(augur_model_get_feature(model.get(), 4, &field) == AUGUR_NOT_FOUND);
  augur_stack_info stack = {};
  stack.struct_size = sizeof(stack);
  REQUIRE(augur_model_get_stack(model.get(), 1, &stack) == AUGUR_OK);
  CHECK(std::string(stack.name) == "s1");
  CHECK(stack.max_history == 5);
  CHECK(stack.field_count == 1);
  CHECK(augur_model_get_stack(model.get(), 2, &stack) == AUGUR_NOT_FOUND);
  REQUIRE(augur_model_get_stack_field(model.get(), 0, 1, &field) == AUGUR_OK);
  CHECK(field.kind == AUGUR_IDS);
  CHECK(augur_model_get_stack_field(model.get(), 0, 3, &field) == AUGUR_NOT_FOUND);
  CHECK(augur_model_get_stack_field(model.get(), 2, 0, &field) == AUGUR_NOT_FOUND);
}

TEST_CASE("versions and names of statuses") {
  CHECK(augur_version() == AUGUR_VERSION);
  CHECK(augur_is_compatible(AUGUR_VERSION) == 1);
  CHECK(augur_is_compatible(AUGUR_VERSION + 1) == 0);
  CHECK(augur_is_compatible(AUGUR_VERSION + 10000) == 0);
  // 0.1's structs are served: struct_size_test.cc.
  CHECK(augur_is_compatible(100) == 1);
  CHECK(augur_is_compatible(99) == 0);
  CHECK(augur_is_compatible(0) == 0);
  for (int status = 0; status <= AUGUR_CANCELLED; ++status)
    CHECK(std::strlen(augur_status_name(static_cast<augur_status>(status))) > 1);
}

TEST_CASE(
    "files that are no model, have another format or contradict themselves are refused by name") {
  const std::vector<std::uint8_t> sound =
      reference::pack(*reference::random_model(everything_spec()));
  std::vector<std::uint8_t> file = sound;
  std::memcpy(file.data() + 4, "JPEG", 4);
  check_refused(file, AUGUR_BAD_MODEL, {"not an Augur model", "AUGR", "4a 50 45 47"});

  const auto changed = [](auto change) {
    auto model = reference::random_model(everything_spec());
    change(*model);
    return reference::pack(*model);
  };
  check_refused(changed([](fb::ModelT& m) {
                  m.format = 5;
                  m.producer_version = "9.9";
                }),
                AUGUR_NEWER_MODEL, {"format 5", "9.9", "update"});
  check_refused(changed([](fb::ModelT& m) { m.stacks[0]->extractor[0]->bias->shape[0] = 5; }),
                AUGUR_BAD_MODEL, {"stack 's0'", "extractor", "bias"});
  check_refused(changed([](fb::ModelT& m) { m.head->layers[1]->weight->shape[1] = 4; }),
                AUGUR_BAD_MODEL, {"head", "weight"});
  check_refused(changed([](fb::ModelT& m) { m.tables[0]->padding_row = 1000; }), AUGUR_BAD_MODEL,
                {"table 'f0'", "padding_row 1000"});
  check_refused(changed([](fb::ModelT& m) { m.stacks[0]->fields[0]->table = "gone"; }),
                AUGUR_BAD_MODEL, {"stack 's0'", "'s0_f0'", "'gone'"});
  check_refused(changed([](fb::ModelT& m) { m.head->slots[0]->source->name = "gone"; }),
                AUGUR_BAD_MODEL, {"slot 0", "'gone'"});
  check_refused(changed([](fb::ModelT& m) {
                  const float nan = std::numeric_limits<float>::quiet_NaN();
                  std::memcpy(m.head->layers[0]->weight->data.data(), &nan, sizeof(nan));
                }),
                AUGUR_BAD_MODEL, {"head", "not finite"});
  check_refused(changed([](fb::ModelT& m) { m.output = static_cast<fb::OutputKind>(2); }),
                AUGUR_BAD_MODEL, {"unknown kind of output 2"});
  check_refused(
      changed([](fb::ModelT& m) { m.features[3]->pooling = static_cast<fb::Pooling>(3); }),
      AUGUR_BAD_MODEL, {"field 'f3'", "unknown pooling 3"});
  check_refused(changed([](fb::ModelT& m) {
                  m.head->layers[0]->activation->kind = static_cast<fb::ActivationKind>(11);
                }),
                AUGUR_BAD_MODEL, {"head", "unknown kind 11"});
  check_refused(changed([](fb::ModelT& m) {
                  m.head->layers[0]->activation->kind = fb::ActivationKind::Elu;
                  m.head->layers[0]->activation->alpha = reference::make_tensor({0.5f, 0.5f});
                }),
                AUGUR_BAD_MODEL, {"head", "alpha"});
  check_refused(changed([](fb::ModelT& m) { m.stacks[0]->max_history = 0; }), AUGUR_BAD_MODEL,
                {"stack 's0'", "max_history"});
  check_refused(changed([](fb::ModelT& m) { m.stacks[1]->name = "s0"; }), AUGUR_BAD_MODEL,
                {"'s0'", "twice"});
  check_refused(changed([](fb::ModelT& m) { m.stacks[0]->attention.reset(); }), AUGUR_BAD_MODEL,
                {"stack 's0'", "attention"});
  check_refused(changed([](fb::ModelT& m) { m.head->layers.pop_back(); }), AUGUR_BAD_MODEL,
                {"head", "outputs", "expected 1"});
}

TEST_CASE("a table's value that is not finite is found when it is used") {
  auto parts = reference::random_model(everything_spec());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(parts->tables[0]->weights->data.data(), &nan, sizeof(nan));  // row 0 of f0
  const TestModel model(std::move(parts));
  const SessionHandle session = model.session();
  const Fixture f;
  const ColumnSet candidates = f.candidates();
  float logits[10];
  CHECK(augur_rank(session.get(), candidates.data(), candidates.size(), 10, nullptr, logits) ==
        AUGUR_BAD_MODEL);
  CHECK(std::string(augur_session_error(session.get())).find("not finite") != std::string::npos);
  ColumnSet feature = f.feature("f0");
  const std::int64_t other_row = 1;
  feature[0].ids = &other_row;
  REQUIRE(augur_session_set_feature(session.get(), feature.data()) == AUGUR_OK);
  CHECK(augur_rank(session.get(), candidates.data(), candidates.size(), 10, nullptr, logits) ==
        AUGUR_OK);
}

}  // namespace augur::testing
