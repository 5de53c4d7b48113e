// Deltas of tables with a vocabulary: new, moved and removed keys, and how small a day is.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "common/vocabulary.h"
#include "delta/make_delta.h"
#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/catalogue_days.h"
#include "vocabulary/build.h"
#include "write/content_hash.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

constexpr const char* kTable = CatalogueDays::kTable;

// The key's row, kNoRow if the vocabulary does not have it.
std::uint32_t find(const ModelHandle& model, const std::string& key, fb::KeyType type,
                   const char* table = kTable) {
  std::uint32_t row = kNoRow;
  const augur_status status =
      type == fb::KeyType::String
          ? augur_model_find_string(model.get(), table, key.data(), key.size(), &row)
          : augur_model_find_integer(model.get(), table, std::stoll(key), &row);
  CHECK((status == AUGUR_OK || status == AUGUR_NOT_FOUND));
  return status == AUGUR_OK ? row : kNoRow;
}

void check_keys(const ModelHandle& model, const CatalogueDays& shop, std::size_t day,
                fb::KeyType type) {
  const DayKeys keys = shop.keys(day);
  for (const auto& [key, row] : keys)
    CHECK(find(model, key, type) == row);
  for (const auto& [key, row] : shop.keys(0)) {
    if (keys.count(key) == 0) CHECK(find(model, key, type) == kNoRow);
  }
  CHECK(find(model, "777", type) == kNoRow);
}

}  // namespace

TEST_CASE("keys of a chain of deltas are those of the day's full sidecar") {
  for (const fb::KeyType type : {fb::KeyType::Integer, fb::KeyType::String}) {
    CAPTURE(type);
    const CatalogueDays shop(fb::TensorType::I8, 6, type);
    const ModelHandle model = open_model(shop.model);
    attach_sidecar(model, shop.sidecars[0]);
    check_keys(model, shop, 0, type);
    CHECK(find(model, CatalogueDays::kMovedKey, type) == 1);
    for (std::size_t day = 1; day < shop.days(); ++day) {
      attach_delta(model, shop.deltas[day - 1]);
      check_keys(model, shop, day, type);
      const augur_table_info info = table_info(model, kTable);
      CHECK(info.keys == shop.keys(0).size());
    }
    CHECK(find(model, CatalogueDays::kMovedKey, type) == 2);
    CHECK(find(model, CatalogueDays::kRemovedKeys[0], type) == kNoRow);
    REQUIRE(augur_model_detach_deltas(model.get(), kTable, 1, nullptr) == AUGUR_OK);
    check_keys(model, shop, 1, type);
    REQUIRE(augur_model_detach_deltas(model.get(), kTable, 0, nullptr) == AUGUR_OK);
    check_keys(model, shop, 0, type);
  }
}

TEST_CASE("items of a delta are ranked by their keys") {
  const CatalogueDays shop(fb::TensorType::F16, 4, fb::KeyType::Integer);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  for (std::size_t day = 0; day < shop.days(); ++day) {
    CAPTURE(day);
    if (day > 0) attach_delta(model, shop.deltas[day - 1]);
    CHECK(shop.logits(model.get(), day) == shop.expected(day));
  }
  // Yesterday's keys do not name the new row: the table's rule for unknown keys is "error".
  REQUIRE(augur_model_detach_deltas(model.get(), kTable, 2, nullptr) == AUGUR_OK);
  CHECK(find(model, CatalogueDays::key_of(table_info(model, kTable).rows), fb::KeyType::Integer) ==
        kNoRow);
}

TEST_CASE("a table that shares a vocabulary sees the keys of its deltas") {
  const CatalogueDays shop(fb::TensorType::F32, 3, fb::KeyType::Integer);
  const auto parts = reference::unpack(shop.model);
  for (const auto& table : parts->tables) {
    if (table->name != "s0_f1") continue;
    table->key_type = fb::KeyType::Integer;
    table->vocabulary_of = kTable;
  }
  const std::vector<std::uint8_t> file = reference::pack(*parts);
  const ModelHandle model = open_model(file);
  attach_sidecar(model, shop.sidecars[0]);
  const auto find_shared = [&](const char* key) {
    return find(model, key, fb::KeyType::Integer, "s0_f1");
  };
  CHECK(find_shared(CatalogueDays::kMovedKey) == 1);
  CHECK(find_shared(CatalogueDays::kRemovedKeys[0]) == 5);
  attach_delta(model, shop.deltas[0]);
  attach_delta(model, shop.deltas[1]);
  CHECK(find_shared(CatalogueDays::kMovedKey) == 2);
  CHECK(find_shared(CatalogueDays::kRemovedKeys[0]) == kNoRow);
}

TEST_CASE("a delta whose vocabulary is damaged or of another type is refused") {
  const CatalogueDays shop(fb::TensorType::F32, 2, fb::KeyType::String);
  const ModelHandle model = open_model(shop.model);
  attach_sidecar(model, shop.sidecars[0]);
  const auto check_edit = [&](auto edit, const std::string& part) {
    CAPTURE(part);
    fb::TableDeltaT parts;
    flatbuffers::GetRoot<fb::TableDelta>(shop.deltas[0].data())->UnPackTo(&parts);
    edit(*parts.vocabulary);
    parts.content_hash.assign(convert::kContentHashBytes, 0);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::TableDelta::Pack(builder, &parts), "AUGD");
    const auto delta = convert::with_content_hash(builder, [](const std::uint8_t* file) {
      return flatbuffers::GetRoot<fb::TableDelta>(file)->content_hash();
    });
    augur_error error = empty_error();
    CHECK(try_delta(model, delta, &error) == AUGUR_BAD_MODEL);
    CHECK_MESSAGE(std::string(error.message).find(part) != std::string::npos, error.message);
    check_keys(model, shop, 0, fb::KeyType::String);
  };
  check_edit([](fb::VocabularyT& keys) { keys.key_type = fb::KeyType::Integer; }, "integers");
  check_edit([](fb::VocabularyT& keys) { keys.slots.pop_back(); }, "size");
  check_edit([](fb::VocabularyT& keys) { keys.slots[0] ^= 1; }, "checksum");
  check_edit([](fb::VocabularyT& keys) { keys.pilots.clear(); }, "damaged");
  check_edit([](fb::VocabularyT& keys) { keys.hash.pop_back(); }, "31 bytes");
  const auto write_row = [](fb::VocabularyT& keys, std::uint32_t row) {
    std::size_t slot = 0;
    while (convert::view_of(keys).row_in(slot) == kNoRow)
      ++slot;
    std::memcpy(keys.slots.data() + slot * (keys.fingerprint_bytes + 4u) + keys.fingerprint_bytes,
                &row, sizeof(row));
    keys.checksum = vocabulary_checksum(convert::view_of(keys));
  };
  check_edit([&](fb::VocabularyT& keys) { write_row(keys, 1u << 20); }, "too high");
}

TEST_CASE("verify compares the hash of a vocabulary, too") {
  const CatalogueDays shop(fb::TensorType::F32, 1, fb::KeyType::Integer);
  fb::TableFileT parts;
  flatbuffers::GetRoot<fb::TableFile>(shop.sidecars[0].data())->UnPackTo(&parts);
  parts.vocabulary->hash[0] ^= 1;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &parts), "AUGT");
  const auto sidecar = convert::with_content_hash(builder, [](const std::uint8_t* file) {
    return flatbuffers::GetRoot<fb::TableFile>(file)->content_hash();
  });
  augur_model_options options = {};
  options.struct_size = sizeof(options);
  for (const std::uint32_t verify : {0u, 1u}) {
    options.verify = verify;
    const ModelHandle model = open_model(shop.model, &options);
    augur_error error = empty_error();
    CHECK(augur_model_attach_table_buffer(model.get(), kTable, sidecar.data(), sidecar.size(),
                                          &error) == (verify == 0 ? AUGUR_OK : AUGUR_BAD_MODEL));
    CHECK((std::string(error.message).find("another hash than it states") != std::string::npos) ==
          (verify == 1));
  }
}

namespace {

// A table of integer keys, key 7·row + 3 for each row, in which the newest `changed` rows differ
// from those of another day.
std::vector<std::uint8_t> large_sidecar(const fb::ModelT& model, std::uint32_t rows,
                                        std::uint32_t changed, float value) {
  std::vector<float> values(std::size_t{rows} * 6, 0.25f);
  std::fill(values.end() - static_cast<std::ptrdiff_t>(changed) * 6, values.end(), value);
  std::vector<convert::VocabularyEntry> entries;
  for (std::uint32_t row = 0; row < rows; ++row)
    entries.push_back({hash_integer(7 * std::int64_t{row} + 3), row, std::to_string(7 * row + 3)});
  auto vocabulary = std::make_unique<fb::VocabularyT>(
      convert::build_vocabulary(entries, fb::KeyType::Integer, convert::kIntegerFingerprint));
  return convert::pack_table(model, kTable, reference::make_tensor(rows, 6, values),
                             std::move(vocabulary));
}

convert::KeyFile large_keys(std::uint32_t rows) {
  convert::KeyFile file;
  file.name = "keys.txt";
  for (std::uint32_t row = 0; row < rows; ++row)
    file.entries.push_back({std::to_string(7 * row + 3), row, row + 1});
  return file;
}

std::size_t arena_bytes(const ModelHandle& model) {
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  return info.arena_bytes;
}

}  // namespace

TEST_CASE("fifty changed rows of a large table are kilobytes, and take no memory of its size") {
  reference::ModelSpec spec;
  spec.seed = 3;
  const auto parts = reference::random_model(spec);
  for (const auto& table : parts->tables) {
    if (table->name == kTable) table->key_type = fb::KeyType::Integer;
  }
  convert::take_rows(*parts, kTable);
  const std::vector<std::uint8_t> file = convert::pack_model(*parts, "test", "1");
  std::vector<std::size_t> arenas, sessions;
  for (const std::uint32_t rows : {200u, 20000u}) {
    const auto before = large_sidecar(*parts, rows, 0, 0);
    const auto after = large_sidecar(*parts, rows + 25, 50, 0.5f);
    const convert::KeyFile keys = large_keys(rows + 25);
    const convert::Delta delta =
        convert::make_delta({"before", before}, {"after", after}, nullptr, &keys);
    CHECK(delta.changed_rows == 25);
    CHECK(delta.rows == rows + 25);
    CHECK(delta.keys_added == 25);
    CHECK(delta.keys_moved + delta.keys_removed == 0);
    CHECK(delta.file.size() < 4000);
    const ModelHandle model = open_model(file);
    attach_sidecar(model, before);
    attach_delta(model, delta.file);
    CHECK(find(model, std::to_string(7 * (rows + 24) + 3), fb::KeyType::Integer) == rows + 24);
    arenas.push_back(arena_bytes(model));
    sessions.push_back(augur_session_bytes(model.get(), nullptr));
  }
  CHECK(arenas[0] == arenas[1]);
  CHECK(sessions[0] == sessions[1]);
}

}  // namespace augur::testing
