// Tables whose rows lie in a file of their own: attaching, replacing, and what is refused.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/quantised_models.h"
#include "runtime/support/temp_file.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

// A model with an item and a category table, both of a history and of the candidates, and vectors
// that come with the request.
reference::ModelSpec spec() {
  reference::ModelSpec spec;
  spec.seed = 3;
  spec.candidate = {{fb::FieldKind::Vector, 3}};
  return spec;
}

constexpr const char* kTable = "s0_f0";

struct Split {
  std::unique_ptr<fb::ModelT> whole;  // all tables inside
  std::vector<std::uint8_t> model;
  std::vector<std::uint8_t> table;
};

Split split_model(fb::TensorType type = fb::TensorType::I8) {
  const convert::Precision chosen = precision(type, type);
  Split split;
  split.whole = quantised_model(spec(), chosen);
  const auto parts = quantised_model(spec(), chosen);
  auto rows = convert::take_rows(*parts, kTable).weights;
  split.model = convert::pack_model(*parts, "test", "1");
  split.table = convert::pack_table(*parts, kTable, std::move(rows));
  return split;
}

ModelHandle open(const std::vector<std::uint8_t>& file) {
  augur_model* model = nullptr;
  augur_error error = empty_error();
  REQUIRE_MESSAGE(
      augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error) == AUGUR_OK,
      error.message);
  return ModelHandle(model);
}

augur_status attach(const ModelHandle& model, const std::vector<std::uint8_t>& table,
                    augur_error* error = nullptr, const char* name = kTable) {
  return augur_model_attach_table_buffer(model.get(), name, table.data(), table.size(), error);
}

reference::Request request(const fb::ModelT& model) {
  reference::Generator generator(17);
  return reference::random_request(model, generator, 7, 12);
}

std::vector<float> logits_of(const augur_model* model, const fb::ModelT& parts) {
  augur_session* session = nullptr;
  augur_error error = empty_error();
  REQUIRE_MESSAGE(augur_session_create(model, nullptr, nullptr, 0, &session, &error) == AUGUR_OK,
                  error.message);
  const SessionHandle handle(session);
  const reference::Request asked = request(parts);
  set_user(session, parts, asked);
  return rank(session, parts, asked.candidates);
}

void check_refused(const std::vector<std::uint8_t>& table, const std::string& part) {
  const Split split = split_model();
  const ModelHandle model = open(split.model);
  augur_error error = empty_error();
  CHECK(attach(model, table, &error) == AUGUR_BAD_MODEL);
  CHECK_MESSAGE(std::string(error.message).find(part) != std::string::npos, error.message);
}

}  // namespace

TEST_CASE("a model with its table beside it scores as with its table inside") {
  for (const fb::TensorType type :
       {fb::TensorType::F32, fb::TensorType::F16, fb::TensorType::I8, fb::TensorType::I4}) {
    const Split split = split_model(type);
    const std::vector<std::uint8_t> whole = reference::pack(*split.whole);
    const std::vector<float> expected = logits_of(open(whole).get(), *split.whole);

    const ModelHandle model = open(split.model);
    REQUIRE(attach(model, split.table) == AUGUR_OK);
    CHECK(logits_of(model.get(), *split.whole) == expected);

    const TempFile file(split.table);
    REQUIRE(augur_model_attach_table(model.get(), kTable, file.path(), nullptr) == AUGUR_OK);
    CHECK(logits_of(model.get(), *split.whole) == expected);

    // At any offset of a larger file, as inside an APK.
    for (const std::size_t offset : {1u, 3u, 4099u}) {
      std::vector<std::uint8_t> longer(offset, 0xAA);
      longer.insert(longer.end(), split.table.begin(), split.table.end());
      const TempFile apk(longer);
      const int fd = ::open(apk.path(), O_RDONLY);
      REQUIRE(augur_model_attach_table_fd(model.get(), kTable, fd, offset, 0, nullptr) == AUGUR_OK);
      close(fd);
      CHECK(logits_of(model.get(), *split.whole) == expected);
    }
  }
}

TEST_CASE("models of every type score the same at any address") {
  for (const fb::TensorType type :
       {fb::TensorType::F32, fb::TensorType::F16, fb::TensorType::I8, fb::TensorType::I4}) {
    const auto parts = quantised_model(spec(), precision(type, type, 3));
    const std::vector<std::uint8_t> file = reference::pack(*parts);
    const std::vector<float> expected = logits_of(open(file).get(), *parts);
    for (const std::size_t offset : {1u, 2u, 7u}) {
      std::vector<std::uint8_t> moved(offset);
      moved.insert(moved.end(), file.begin(), file.end());
      augur_model* model = nullptr;
      REQUIRE(augur_model_open_buffer(moved.data() + offset, file.size(), nullptr, &model,
                                      nullptr) == AUGUR_OK);
      const ModelHandle handle(model);
      CHECK(logits_of(model, *parts) == expected);
    }
  }
}

TEST_CASE("a session needs its table, and no table can be attached while there is a session") {
  const Split split = split_model();
  const ModelHandle model = open(split.model);
  augur_field_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_stack_field(model.get(), 0, 0, &info) == AUGUR_OK);
  CHECK(info.table_rows == 0);
  augur_session* session = nullptr;
  augur_error error = empty_error();
  CHECK(augur_session_create(model.get(), nullptr, nullptr, 0, &session, &error) ==
        AUGUR_NOT_FOUND);
  CHECK(std::string(error.message).find(kTable) != std::string::npos);
  CHECK(augur_session_bytes(model.get(), nullptr) > 0);

  REQUIRE(attach(model, split.table) == AUGUR_OK);
  REQUIRE(augur_session_create(model.get(), nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK);
  CHECK(attach(model, split.table, &error) == AUGUR_INVALID_ARGUMENT);
  augur_session_destroy(session);
  CHECK(attach(model, split.table) == AUGUR_OK);
}

TEST_CASE("a newer catalogue with more rows takes the place of the old one") {
  const auto parts = quantised_model(spec(), precision(fb::TensorType::F32, fb::TensorType::F32));
  auto rows = convert::take_rows(*parts, kTable).weights;
  const std::uint32_t count = rows->shape[0];
  const std::uint32_t dim = rows->shape[1];
  const std::vector<std::uint8_t> file = convert::pack_model(*parts, "test", "1");
  auto more = reference::make_tensor(count + 5, dim, std::vector<float>((count + 5) * dim, 0.25f));
  const std::vector<std::uint8_t> before = convert::pack_table(*parts, kTable, std::move(rows));
  const std::vector<std::uint8_t> after = convert::pack_table(*parts, kTable, std::move(more));

  const ModelHandle model = open(file);
  augur_field_info info = {};
  info.struct_size = sizeof(info);
  for (const auto& [table, expected] : {std::pair(&before, count), std::pair(&after, count + 5)}) {
    REQUIRE(attach(model, *table) == AUGUR_OK);
    REQUIRE(augur_model_get_stack_field(model.get(), 0, 0, &info) == AUGUR_OK);
    CHECK(info.table_rows == expected);
  }
}

namespace {

augur_table_info table_info(const ModelHandle& model, std::uint32_t index) {
  augur_table_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_table(model.get(), index, &info) == AUGUR_OK);
  return info;
}

augur_model_info info_of(const ModelHandle& model) {
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  return info;
}

}  // namespace

TEST_CASE("a model tells whether the rows of a table are those of its conversion") {
  const auto parts = quantised_model(spec(), precision(fb::TensorType::F32, fb::TensorType::F32));
  std::uint32_t index = 0;
  while (parts->tables[index]->name != kTable)
    ++index;
  const std::uint32_t inside = index == 0 ? 1 : 0;
  auto rows = convert::take_rows(*parts, kTable).weights;
  auto others = reference::make_tensor(
      rows->shape[0], rows->shape[1],
      std::vector<float>(std::size_t{rows->shape[0]} * rows->shape[1], 0.25f));
  const Digest hash = convert::hash_rows(*rows);
  const Digest other_hash = convert::hash_rows(*others);
  const std::vector<std::uint8_t> file = convert::pack_model(*parts, "test", "1");
  const std::vector<std::uint8_t> own = convert::pack_table(*parts, kTable, std::move(rows));
  const std::vector<std::uint8_t> newer = convert::pack_table(*parts, kTable, std::move(others));
  const ModelHandle model = open(file);
  const auto check = [&](augur_rows_origin origin, const Digest& stated) {
    const augur_table_info info = table_info(model, index);
    CHECK(std::string(info.name) == kTable);
    CHECK(info.origin == origin);
    CHECK(std::equal(stated.begin(), stated.end(), info.rows_hash));
    CHECK(std::equal(hash.begin(), hash.end(), info.converted_rows_hash));
    CHECK(info_of(model).tables_with_other_rows == (origin == AUGUR_ROWS_OTHER ? 1 : 0));
    CHECK(info_of(model).tables_with_unknown_rows == (origin == AUGUR_ROWS_UNKNOWN ? 1 : 0));
  };
  CHECK(info_of(model).table_count == parts->tables.size());
  CHECK(table_info(model, inside).origin == AUGUR_ROWS_INSIDE);
  check(AUGUR_ROWS_MISSING, {});
  REQUIRE(attach(model, own) == AUGUR_OK);
  check(AUGUR_ROWS_OF_CONVERSION, hash);
  REQUIRE(attach(model, newer) == AUGUR_OK);
  check(AUGUR_ROWS_OTHER, other_hash);
  CHECK(attach(model, file) == AUGUR_BAD_MODEL);
  check(AUGUR_ROWS_OTHER, other_hash);
  REQUIRE(attach(model, own) == AUGUR_OK);
  check(AUGUR_ROWS_OF_CONVERSION, hash);

  // A sidecar of version 0.1 states no hash.
  fb::TableFileT old;
  flatbuffers::GetRoot<fb::TableFile>(own.data())->UnPackTo(&old);
  old.rows_hash.clear();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &old), "AUGT");
  const std::vector<std::uint8_t> unstated(builder.GetBufferPointer(),
                                           builder.GetBufferPointer() + builder.GetSize());
  REQUIRE(attach(model, unstated) == AUGUR_OK);
  check(AUGUR_ROWS_UNKNOWN, {});

  augur_table_info info = {};
  info.struct_size = sizeof(info);
  const auto count = static_cast<std::uint32_t>(parts->tables.size());
  CHECK(augur_model_get_table(model.get(), count, &info) == AUGUR_NOT_FOUND);
  CHECK(augur_model_get_table(nullptr, 0, &info) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_get_table(model.get(), 0, nullptr) == AUGUR_INVALID_ARGUMENT);
}

TEST_CASE("a rows_hash of the wrong length is refused, in the model and in the sidecar") {
  const auto parts = quantised_model(spec(), precision(fb::TensorType::F32, fb::TensorType::F32));
  convert::take_rows(*parts, kTable);
  for (const auto& table : parts->tables) {
    if (table->external) table->rows_hash.resize(31);
  }
  const std::vector<std::uint8_t> file = convert::pack_model(*parts, "test", "1");
  augur_model* model = nullptr;
  augur_error error = empty_error();
  CHECK(augur_model_open_buffer(file.data(), file.size(), nullptr, &model, &error) ==
        AUGUR_BAD_MODEL);
  CHECK_MESSAGE(std::string(error.message).find("rows_hash has 31 bytes") != std::string::npos,
                error.message);
}

TEST_CASE("files that do not belong to the model or its table are refused, and nothing changes") {
  const Split split = split_model();
  check_refused(split.model, "AUGT");
  check_refused(std::vector<std::uint8_t>(split.table.begin(), split.table.begin() + 6), "6 bytes");
  check_refused(std::vector<std::uint8_t>(split.table.begin(), split.table.end() - 40), "damaged");

  const auto change = [&](auto edit) {
    fb::TableFileT file;
    flatbuffers::GetRoot<fb::TableFile>(split.table.data())->UnPackTo(&file);
    edit(file);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
    return std::vector<std::uint8_t>(builder.GetBufferPointer(),
                                     builder.GetBufferPointer() + builder.GetSize());
  };
  check_refused(change([](fb::TableFileT& file) { file.model_id[5] ^= 1; }), "another model");
  check_refused(change([](fb::TableFileT& file) { file.model_id.resize(4); }), "another model");
  check_refused(change([](fb::TableFileT& file) { file.name = "s0_f1"; }), "'s0_f1'");
  check_refused(change([](fb::TableFileT& file) { file.weights->data.pop_back(); }), "bytes");
  check_refused(change([](fb::TableFileT& file) { file.weights->shape[1] += 1; }), "bytes");
  check_refused(change([](fb::TableFileT& file) { file.weights->scales.pop_back(); }), "scales");
  check_refused(change([](fb::TableFileT& file) {
                  file.weights = reference::make_tensor(4, 5, std::vector<float>(20));
                }),
                "values a row");

  const ModelHandle model = open(split.model);
  augur_error error = empty_error();
  CHECK(attach(model, split.table, &error, "nothing") == AUGUR_NOT_FOUND);
  CHECK(attach(model, split.table, &error, "s0_f1") == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_table(nullptr, kTable, "x", &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_table(model.get(), nullptr, "x", &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_table(model.get(), kTable, nullptr, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_table(model.get(), kTable, "/nowhere/at/all", &error) ==
        AUGUR_NOT_FOUND);

  REQUIRE(attach(model, split.table) == AUGUR_OK);
  const std::vector<float> expected = logits_of(model.get(), *split.whole);
  CHECK(attach(model, split.model) == AUGUR_BAD_MODEL);
  CHECK(logits_of(model.get(), *split.whole) == expected);
}

namespace {

augur_table_source empty_source() {
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  return source;
}

// The table's file at an address that is no multiple of 4.
struct Misaligned {
  explicit Misaligned(const std::vector<std::uint8_t>& table) : bytes(1 + table.size()) {
    std::copy(table.begin(), table.end(), bytes.begin() + 1);
  }
  const std::uint8_t* data() const { return bytes.data() + 1; }
  std::size_t size() const { return bytes.size() - 1; }
  std::vector<std::uint8_t> bytes;
};

// A model with its arena in a block of its own.
struct InBlock {
  explicit InBlock(const std::vector<std::uint8_t>& file) {
    std::uint8_t none = 0;
    augur_model_options options = {sizeof(options), &none, 0, 0, 0, nullptr, nullptr};
    augur_error error = empty_error();
    augur_model* opened = nullptr;
    augur_model_open_buffer(file.data(), file.size(), &options, &opened, &error);
    block.resize(error.required_bytes);
    options.memory = block.data();
    options.memory_bytes = block.size();
    REQUIRE(augur_model_open_buffer(file.data(), file.size(), &options, &opened, &error) ==
            AUGUR_OK);
    model.reset(opened);
  }
  std::vector<std::uint8_t> block;
  ModelHandle model;
};

}  // namespace

TEST_CASE("a copied table takes the reported memory, however often attaching succeeds or fails") {
  const Split split = split_model();
  const Misaligned table(split.table);
  const ModelHandle model = open(split.model);
  const augur_model_info before = info_of(model);
  REQUIRE(augur_model_attach_table_buffer(model.get(), kTable, table.data(), table.size(),
                                          nullptr) == AUGUR_OK);
  const augur_model_info once = info_of(model);
  CHECK(once.arena_bytes >= before.arena_bytes + table.size());
  CHECK(once.arena_bytes <= before.arena_bytes + table.size() + 256);
  CHECK(once.arena_used_bytes <= once.arena_bytes);
  for (int i = 0; i < 100; ++i) {
    CHECK(augur_model_attach_table_buffer(model.get(), kTable, table.data(), table.size(),
                                          nullptr) == AUGUR_OK);
    CHECK(augur_model_attach_table_buffer(model.get(), kTable, table.data(), table.size() - 8,
                                          nullptr) != AUGUR_OK);
  }
  CHECK(info_of(model).arena_bytes == once.arena_bytes);
  CHECK(info_of(model).arena_used_bytes == once.arena_used_bytes);
  // Read in place again, the copy is gone.
  REQUIRE(attach(model, split.table) == AUGUR_OK);
  CHECK(info_of(model).arena_bytes == before.arena_bytes);
}

TEST_CASE(
    "a model in the caller's block copies a table only into a given block, and reports its size") {
  const Split split = split_model();
  const Misaligned table(split.table);
  const std::vector<float> expected =
      logits_of(open(reference::pack(*split.whole)).get(), *split.whole);
  const InBlock in_block(split.model);
  const ModelHandle& model = in_block.model;
  augur_error error = empty_error();
  CHECK(augur_model_attach_table_buffer(model.get(), kTable, table.data(), table.size(), &error) ==
        AUGUR_OUT_OF_MEMORY);
  REQUIRE(error.required_bytes >= table.size());
  CHECK(std::string(error.message).find("augur_model_attach_table_from") != std::string::npos);
  // An aligned one needs no copy.
  CHECK(attach(model, split.table) == AUGUR_OK);
  CHECK(info_of(model).arena_bytes == in_block.block.size());

  std::vector<std::uint8_t> block(error.required_bytes);
  augur_table_source source = empty_source();
  source.data = table.data();
  source.bytes = table.size();
  source.memory = block.data();
  source.memory_bytes = table.size() / 2;
  CHECK(augur_model_attach_table_from(model.get(), kTable, &source, &error) == AUGUR_OUT_OF_MEMORY);
  CHECK(error.required_bytes == block.size());
  source.memory_bytes = block.size();
  REQUIRE(augur_model_attach_table_from(model.get(), kTable, &source, &error) == AUGUR_OK);
  CHECK(info_of(model).arena_bytes == in_block.block.size());
  CHECK(logits_of(model.get(), *split.whole) == expected);
}

TEST_CASE("a table attached with load = 1 needs neither its file nor its buffer afterwards") {
  const Split split = split_model();
  const std::vector<float> expected =
      logits_of(open(reference::pack(*split.whole)).get(), *split.whole);
  for (const bool own_block : {false, true}) {
    CAPTURE(own_block);
    const InBlock in_block(split.model);
    const ModelHandle on_heap = open(split.model);
    const ModelHandle& model = own_block ? in_block.model : on_heap;
    std::vector<std::uint8_t> blocks[2];
    augur_table_source source = empty_source();
    source.load = 1;
    const auto use_block = [&](std::size_t which) {
      if (!own_block) return;
      blocks[which].resize(split.table.size() + 1024);
      source.memory = blocks[which].data();
      source.memory_bytes = blocks[which].size();
    };
    use_block(0);
    {
      const TempFile file(split.table);
      source.path = file.path();
      REQUIRE(augur_model_attach_table_from(model.get(), kTable, &source, nullptr) == AUGUR_OK);
      REQUIRE(ftruncate(file.fd(), 0) == 0);
      CHECK(logits_of(model.get(), *split.whole) == expected);
      source.path = nullptr;
    }
    // The rows that are attached must stay if the call fails.
    source.data = split.table.data();
    source.bytes = split.table.size();
    CHECK((augur_model_attach_table_from(model.get(), kTable, &source, nullptr) ==
           AUGUR_INVALID_ARGUMENT) == own_block);
    source.data = nullptr;
    use_block(1);
    std::vector<std::uint8_t> longer(3 + split.table.size());
    std::copy(split.table.begin(), split.table.end(), longer.begin() + 3);
    {
      const TempFile file(longer);
      source.fd = file.fd();
      source.offset = 3;
      REQUIRE(augur_model_attach_table_from(model.get(), kTable, &source, nullptr) == AUGUR_OK);
      REQUIRE(ftruncate(file.fd(), 0) == 0);
      CHECK(logits_of(model.get(), *split.whole) == expected);
    }
    use_block(0);
    std::vector<std::uint8_t> buffer = split.table;
    source.data = buffer.data();
    source.bytes = buffer.size();
    REQUIRE(augur_model_attach_table_from(model.get(), kTable, &source, nullptr) == AUGUR_OK);
    buffer.assign(buffer.size(), 0);
    CHECK(logits_of(model.get(), *split.whole) == expected);
  }
  const ModelHandle model = open(split.model);
  augur_error error = empty_error();
  CHECK(augur_model_attach_table_from(model.get(), kTable, nullptr, &error) ==
        AUGUR_INVALID_ARGUMENT);
  augur_table_source source = empty_source();
  source.load = 2;
  CHECK(augur_model_attach_table_from(model.get(), kTable, &source, &error) ==
        AUGUR_INVALID_ARGUMENT);
  source = empty_source();
  source.path = "/nowhere/at/all";
  CHECK(augur_model_attach_table_from(model.get(), kTable, &source, &error) == AUGUR_NOT_FOUND);
}

TEST_CASE("a sidecar of a newer format is refused with AUGUR_NEWER_MODEL") {
  const Split split = split_model();
  fb::TableFileT file;
  flatbuffers::GetRoot<fb::TableFile>(split.table.data())->UnPackTo(&file);
  file.format = 99;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
  const ModelHandle model = open(split.model);
  CHECK(augur_model_attach_table_buffer(model.get(), kTable, builder.GetBufferPointer(),
                                        builder.GetSize(), nullptr) == AUGUR_NEWER_MODEL);
}

}  // namespace augur::testing
