// Deltas of external tables: scores, chains, what is refused, and rolling back.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "c_api/handles.h"
#include "reference/build.h"
#include "runtime/support/catalogue_days.h"
#include "runtime/support/temp_file.h"
#include "session/rows_hash.h"
#include "write/content_hash.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

constexpr const char* kTable = CatalogueDays::kTable;

augur_status attach_path(const ModelHandle& model, const char* path, augur_error* error) {
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.path = path;
  return augur_model_attach_delta(model.get(), kTable, &source, error);
}

// The delta with a change, and its content hash right again.
template <typename Edit>
std::vector<std::uint8_t> edited(const std::vector<std::uint8_t>& delta, Edit edit) {
  fb::TableDeltaT parts;
  flatbuffers::GetRoot<fb::TableDelta>(delta.data())->UnPackTo(&parts);
  parts.content_hash.assign(convert::kContentHashBytes, 0);
  edit(parts);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableDelta::Pack(builder, &parts), "AUGD");
  if (parts.content_hash.size() != convert::kContentHashBytes)
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  return convert::with_content_hash(builder, [](const std::uint8_t* file) {
    return flatbuffers::GetRoot<fb::TableDelta>(file)->content_hash();
  });
}

augur_model_info info_of(const ModelHandle& model) {
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  return info;
}

}  // namespace

TEST_CASE("scores through deltas have the bits of those with the full sidecar") {
  for (const fb::TensorType type :
       {fb::TensorType::F32, fb::TensorType::F16, fb::TensorType::I8, fb::TensorType::I4}) {
    CAPTURE(type);
    const CatalogueDays shop(type, 4);
    const ModelHandle model = open_model(shop.model);
    attach_sidecar(model, shop.sidecars[0]);
    const std::uint32_t rows = table_info(model, kTable).rows;
    for (std::size_t day = 0; day < shop.days(); ++day) {
      CAPTURE(day);
      if (day > 0) attach_delta(model, shop.deltas[day - 1]);
      CHECK(shop.logits(model.get(), day) == shop.expected(day));
      const augur_table_info info = table_info(model, kTable);
      CHECK(info.rows == rows + day);
      CHECK(info.deltas == day);
      CHECK(info.origin == (day == 0 ? AUGUR_ROWS_OF_CONVERSION : AUGUR_ROWS_OTHER));
      // The state is that of the day's full sidecar.
      const ModelHandle full = open_model(shop.model);
      attach_sidecar(full, shop.sidecars[day]);
      CHECK(shop.logits(full.get(), day) == shop.expected(day));
      const augur_table_info whole = table_info(full, kTable);
      CHECK(std::equal(std::begin(whole.state), std::end(whole.state), info.state));
    }
    // A delta fits the full sidecar of the day before, too.
    attach_sidecar(model, shop.sidecars[2]);
    CHECK(table_info(model, kTable).deltas == 0);
    attach_delta(model, shop.deltas[2]);
    CHECK(shop.logits(model.get(), 3) == shop.expected(3));
  }
}

TEST_CASE("rolling back gives the old bits") {
  const CatalogueDays shop(fb::TensorType::I8, 4);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  for (const auto& delta : shop.deltas)
    attach_delta(model, delta);
  augur_error error = empty_error();
  CHECK(augur_model_detach_deltas(model.get(), kTable, 4, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message) == "table 's0_f0' has 3 deltas, 4 are to be kept");
  for (const std::uint32_t keep : {3u, 2u, 0u}) {
    REQUIRE(augur_model_detach_deltas(model.get(), kTable, keep, nullptr) == AUGUR_OK);
    CHECK(table_info(model, kTable).deltas == keep);
    CHECK(shop.logits(model.get(), keep) == shop.expected(keep));
  }
  attach_delta(model, shop.deltas[0]);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
  CHECK(augur_model_detach_deltas(model.get(), "nothing", 0, &error) == AUGUR_NOT_FOUND);
  CHECK(augur_model_detach_deltas(model.get(), "s0_f1", 0, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_detach_deltas(nullptr, kTable, 0, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_detach_deltas(model.get(), nullptr, 0, &error) == AUGUR_INVALID_ARGUMENT);
}

TEST_CASE("a chain has eight deltas at most") {
  const CatalogueDays shop(fb::TensorType::F16, AUGUR_MAX_DELTAS + 2);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  for (std::size_t i = 0; i < AUGUR_MAX_DELTAS; ++i)
    attach_delta(model, shop.deltas[i]);
  CHECK(shop.logits(model.get(), AUGUR_MAX_DELTAS) == shop.expected(AUGUR_MAX_DELTAS));
  augur_error error = empty_error();
  CHECK(try_delta(model, shop.deltas[AUGUR_MAX_DELTAS], &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message) ==
        "table 's0_f0' has 8 deltas, which is the most; attach a full sidecar");
  CHECK(shop.logits(model.get(), AUGUR_MAX_DELTAS) == shop.expected(AUGUR_MAX_DELTAS));
}

TEST_CASE("a delta that does not fit is refused, and the model scores as before") {
  const CatalogueDays shop(fb::TensorType::I8, 3);
  const ModelHandle model = open_model(shop.model);
  augur_error error = empty_error();
  CHECK(try_delta(model, shop.deltas[0], &error) == AUGUR_NOT_FOUND);
  CHECK(std::string(error.message).find("attach its sidecar") != std::string::npos);
  attach_sidecar(model, shop.sidecars[0]);
  const std::vector<float> expected = shop.expected(0);

  const auto check_refused = [&](const std::vector<std::uint8_t>& delta, const std::string& part,
                                 augur_status status = AUGUR_BAD_MODEL) {
    CAPTURE(part);
    CHECK(try_delta(model, delta, &error) == status);
    CHECK_MESSAGE(std::string(error.message).find(part) != std::string::npos, error.message);
    CHECK(table_info(model, kTable).deltas == 0);
    CHECK(shop.logits(model.get(), 0) == expected);
  };
  const auto check_edit = [&](auto edit, const std::string& part,
                              augur_status status = AUGUR_BAD_MODEL) {
    check_refused(edited(shop.deltas[0], edit), part, status);
  };
  check_refused(shop.sidecars[1], "AUGD");
  check_refused(shop.deltas[1], "made for another state");
  check_edit([](fb::TableDeltaT& delta) { delta.format = 99; }, "format 99", AUGUR_NEWER_MODEL);
  check_edit([](fb::TableDeltaT& delta) { delta.model_id[3] ^= 1; }, "another model");
  check_edit([](fb::TableDeltaT& delta) { delta.name = "s0_f1"; }, "holds the table 's0_f1'");
  check_edit([](fb::TableDeltaT& delta) { delta.content_hash.pop_back(); }, "31 bytes");
  check_edit([](fb::TableDeltaT& delta) { delta.model_id.pop_back(); }, "expected 32");
  check_edit([](fb::TableDeltaT& delta) { delta.base.pop_back(); }, "31 and 32 bytes");
  check_edit([](fb::TableDeltaT& delta) { delta.result.clear(); }, "32 and 0 bytes");
  check_edit([](fb::TableDeltaT& delta) { std::swap(delta.base, delta.result); },
             "attached already");
  check_edit([](fb::TableDeltaT& delta) { delta.rows -= 2; }, "cannot remove rows");
  check_edit([](fb::TableDeltaT& delta) { delta.rows = 0; }, "cannot remove rows");
  check_edit([](fb::TableDeltaT& delta) { delta.rows = 0xFFFFFFFF; }, "at most");
  check_edit([](fb::TableDeltaT& delta) { delta.rows += 1; }, "does not hold all new rows");
  check_edit([](fb::TableDeltaT& delta) { delta.rows -= 1; }, "it changes row");
  check_edit([](fb::TableDeltaT& delta) { std::swap(delta.changed[0], delta.changed[1]); },
             "not ascending");
  check_edit([](fb::TableDeltaT& delta) { delta.changed[1] = delta.changed[0]; }, "not ascending");
  check_edit([](fb::TableDeltaT& delta) { delta.changed.back() = 0xFFFFFFFF; }, "it changes row");
  check_edit([](fb::TableDeltaT& delta) { delta.changed.clear(); }, "does not hold all new rows");
  check_edit([](fb::TableDeltaT& delta) { delta.changed.pop_back(), --delta.rows; },
             "have the shape");
  check_edit([](fb::TableDeltaT& delta) { delta.weights.reset(); }, "'weights' is missing");
  check_edit([](fb::TableDeltaT& delta) { delta.changed.clear(), --delta.rows; },
             "no changed rows");
  check_edit([](fb::TableDeltaT& delta) { delta.weights->data.pop_back(); }, "bytes of data");
  check_edit([](fb::TableDeltaT& delta) { delta.weights->scales.pop_back(); }, "bytes of scales");
  check_edit([](fb::TableDeltaT& delta) { delta.weights->group_size = 99; }, "groups of 99");
  check_edit(
      [](fb::TableDeltaT& delta) {
        const std::uint32_t rows = delta.weights->shape[0];
        delta.weights = reference::make_tensor(rows, 2, std::vector<float>(std::size_t{rows} * 2));
      },
      "have the shape");
  check_edit(
      [](fb::TableDeltaT& delta) {  // row 0 is the padding
        delta.changed[0] = 0;
        delta.weights->scales.assign(delta.weights->scales.size(), 0xFF);
      },
      "row 0, the padding");
  check_edit(
      [](fb::TableDeltaT& delta) {
        delta.vocabulary = std::make_unique<fb::VocabularyT>();
        delta.vocabulary->key_type = fb::KeyType::String;
      },
      "the table has none of its own");

  CHECK(augur_model_attach_delta(nullptr, kTable, nullptr, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_delta(model.get(), kTable, nullptr, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(attach_path(model, "/nowhere/at/all", &error) == AUGUR_NOT_FOUND);
  attach_delta(model, shop.deltas[0]);
  CHECK(try_delta(model, shop.deltas[0], &error) == AUGUR_BAD_MODEL);
  CHECK_MESSAGE(std::string(error.message).find("attached already") != std::string::npos,
                error.message);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
}

TEST_CASE("a delta is refused by a table whose sidecar states no hash, and by one that is inside") {
  const CatalogueDays shop(fb::TensorType::F32, 2);
  const ModelHandle model = open_model(shop.model);
  fb::TableFileT old;
  flatbuffers::GetRoot<fb::TableFile>(shop.sidecars[0].data())->UnPackTo(&old);
  old.rows_hash.clear();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &old), "AUGT");
  attach_sidecar(model,
                 {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  augur_error error = empty_error();
  CHECK(try_delta(model, shop.deltas[0], &error) == AUGUR_BAD_MODEL);
  CHECK_MESSAGE(std::string(error.message).find("states no hash") != std::string::npos,
                error.message);
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.data = shop.deltas[0].data();
  source.bytes = shop.deltas[0].size();
  CHECK(augur_model_attach_delta(model.get(), "s0_f1", &source, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(augur_model_attach_delta(model.get(), "nothing", &source, &error) == AUGUR_NOT_FOUND);
}

TEST_CASE("a delta that is cut short or damaged anywhere is refused, and nothing changes") {
  const CatalogueDays shop(fb::TensorType::I4, 2);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  const std::vector<std::uint8_t>& delta = shop.deltas[0];
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < delta.size(); ++size) {
    const std::vector<std::uint8_t> cut(delta.begin(),
                                        delta.begin() + static_cast<std::ptrdiff_t>(size));
    if (try_delta(model, cut) == AUGUR_OK) ++accepted;
  }
  for (std::size_t at = 0; at < delta.size(); ++at) {
    std::vector<std::uint8_t> damaged = delta;
    damaged[at] ^= 0x10;
    if (try_delta(model, damaged) == AUGUR_OK) ++accepted;
  }
  CHECK(accepted == 0);
  CHECK(table_info(model, kTable).deltas == 0);
  CHECK(shop.logits(model.get(), 0) == shop.expected(0));
}

TEST_CASE("an update that a crash has cut short leaves the old version, and is repeated") {
  const CatalogueDays shop(fb::TensorType::I8, 3);
  const TempFile sidecar(shop.sidecars[0]);
  const TempFile first(shop.deltas[0]);
  const TempFile second(std::vector<std::uint8_t>(
      shop.deltas[1].begin(),
      shop.deltas[1].begin() + static_cast<std::ptrdiff_t>(shop.deltas[1].size() / 2)));
  // The app starts again: it attaches what it finds, up to the file that is not whole.
  const ModelHandle model = open_model(shop.model);
  REQUIRE(augur_model_attach_table(model.get(), kTable, sidecar.path(), nullptr) == AUGUR_OK);
  augur_error error = empty_error();
  REQUIRE(attach_path(model, first.path(), &error) == AUGUR_OK);
  CHECK(attach_path(model, second.path(), &error) == AUGUR_BAD_MODEL);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
  const TempFile again(shop.deltas[1]);
  REQUIRE(attach_path(model, again.path(), &error) == AUGUR_OK);
  CHECK(shop.logits(model.get(), 2) == shop.expected(2));
}

TEST_CASE("no delta can be attached or detached while there is a session") {
  const CatalogueDays shop(fb::TensorType::F32, 2);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  augur_session* session = nullptr;
  REQUIRE(augur_session_create(model.get(), nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK);
  const SessionHandle handle(session);
  augur_error error = empty_error();
  CHECK(try_delta(model, shop.deltas[0], &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("has sessions (1)") != std::string::npos);
  CHECK(augur_model_detach_deltas(model.get(), kTable, 0, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("has sessions (1)") != std::string::npos);
}

TEST_CASE("a sidecar that is refused keeps the deltas; one that is attached drops them") {
  const CatalogueDays shop(fb::TensorType::F32, 2);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  attach_delta(model, shop.deltas[0]);
  CHECK(augur_model_attach_table_buffer(model.get(), kTable, shop.model.data(), shop.model.size(),
                                        nullptr) == AUGUR_BAD_MODEL);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
  attach_sidecar(model, shop.sidecars[0]);
  CHECK(table_info(model, kTable).deltas == 0);
  CHECK(shop.logits(model.get(), 0) == shop.expected(0));
}

TEST_CASE("saved sessions know the rows and keys that their pooled embeddings were made with") {
  const CatalogueDays shop(fb::TensorType::F32, 2, fb::KeyType::String);
  const auto state = [](const ModelHandle& model) {
    for (const EmbeddingTable& table : model->loaded.model.tables) {
      if (std::string(table.name) == kTable) return pooled_state(table);
    }
    return Digest();
  };
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  const Digest before = state(model);
  attach_delta(model, shop.deltas[0]);
  const Digest after = state(model);
  CHECK(after != before);
  REQUIRE(augur_model_detach_deltas(model.get(), kTable, 0, nullptr) == AUGUR_OK);
  CHECK(state(model) == before);

  const ModelHandle whole = open_model(shop.model);
  attach_sidecar(whole, shop.sidecars[1]);
  CHECK(state(whole) == after);

  // The same rows, with the keys of the day before.
  fb::TableFileT file;
  fb::TableFileT other;
  flatbuffers::GetRoot<fb::TableFile>(shop.sidecars[1].data())->UnPackTo(&file);
  flatbuffers::GetRoot<fb::TableFile>(shop.sidecars[0].data())->UnPackTo(&other);
  file.vocabulary = std::move(other.vocabulary);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
  const std::vector<std::uint8_t> bytes(builder.GetBufferPointer(),
                                        builder.GetBufferPointer() + builder.GetSize());
  attach_sidecar(whole, bytes);
  CHECK(state(whole) != after);
  CHECK(state(whole) != before);

  // Files of older writers state no hashes.
  file.rows_hash.clear();
  flatbuffers::FlatBufferBuilder older;
  older.Finish(fb::TableFile::Pack(older, &file), "AUGT");
  const std::vector<std::uint8_t> silent(older.GetBufferPointer(),
                                         older.GetBufferPointer() + older.GetSize());
  attach_sidecar(whole, silent);
  CHECK(state(whole) != Digest());
}

TEST_CASE("a delta takes no memory unless it is copied, and a copy is freed with it") {
  const CatalogueDays shop(fb::TensorType::F32, 3);
  const ModelHandle model = open_model(shop.model);
  const std::size_t before = info_of(model).arena_bytes;
  attach_sidecar(model, shop.sidecars[0]);
  attach_delta(model, shop.deltas[0]);
  CHECK(info_of(model).arena_bytes == before);
  // At an address that is no multiple of 4.
  std::vector<std::uint8_t> moved(1);
  moved.insert(moved.end(), shop.deltas[1].begin(), shop.deltas[1].end());
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.data = moved.data() + 1;
  source.bytes = moved.size() - 1;
  REQUIRE(augur_model_attach_delta(model.get(), kTable, &source, nullptr) == AUGUR_OK);
  CHECK(info_of(model).arena_bytes >= before + shop.deltas[1].size());
  CHECK(info_of(model).arena_bytes <= before + shop.deltas[1].size() + 256);
  CHECK(shop.logits(model.get(), 2) == shop.expected(2));
  REQUIRE(augur_model_detach_deltas(model.get(), kTable, 1, nullptr) == AUGUR_OK);
  CHECK(info_of(model).arena_bytes == before);

  // Into a block of the app's, which must not be one that is in use.
  std::vector<std::uint8_t> block(moved.size() + 256);
  source.load = 1;
  source.memory = block.data();
  source.memory_bytes = block.size();
  REQUIRE(augur_model_attach_delta(model.get(), kTable, &source, nullptr) == AUGUR_OK);
  moved.assign(moved.size(), 0);
  CHECK(shop.logits(model.get(), 2) == shop.expected(2));
  CHECK(info_of(model).arena_bytes == before);
  REQUIRE(augur_model_detach_deltas(model.get(), kTable, 0, nullptr) == AUGUR_OK);
  source.data = shop.deltas[0].data();
  source.bytes = shop.deltas[0].size();
  REQUIRE(augur_model_attach_delta(model.get(), kTable, &source, nullptr) == AUGUR_OK);
  source.data = shop.deltas[1].data();
  source.bytes = shop.deltas[1].size();
  augur_error error = empty_error();
  CHECK(augur_model_attach_delta(model.get(), kTable, &source, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("give another one") != std::string::npos);
  CHECK(shop.logits(model.get(), 1) == shop.expected(1));
}

}  // namespace augur::testing
