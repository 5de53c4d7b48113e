// Opening models with vocabularies: what is damaged or contradicts itself is refused at once.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/catalogue_days.h"
#include "runtime/support/keyed_columns.h"
#include "support/keyed_models.h"

namespace augur::testing {
namespace {

// Why the model cannot be opened; "" if it can.
std::string refusal(const fb::ModelT& model, augur_status* status = nullptr) {
  const std::vector<std::uint8_t> file = reference::pack(model);
  augur_error error = empty_error();
  augur_model* opened = nullptr;
  const augur_status came =
      augur_model_open_buffer(file.data(), file.size(), nullptr, &opened, &error);
  augur_model_close(opened);
  if (status != nullptr) *status = came;
  return error.message;
}

std::unique_ptr<fb::ModelT> keyed(fb::KeyType type = fb::KeyType::String) {
  auto model = reference::random_model(reference::ModelSpec{});
  give_keys(*model, type);
  return model;
}

fb::EmbeddingTableT& table_of(fb::ModelT& model, const std::string& name) {
  for (const auto& table : model.tables) {
    if (table->name == name) return *table;
  }
  throw std::out_of_range(name);
}

void check_refused(const std::function<void(fb::ModelT&)>& change,
                   const std::vector<std::string>& parts) {
  auto model = keyed();
  change(*model);
  augur_status status = AUGUR_OK;
  const std::string message = refusal(*model, &status);
  CAPTURE(message);
  CHECK(status == AUGUR_BAD_MODEL);
  for (const std::string& part : parts)
    CHECK(message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("every changed byte of a vocabulary is found when the model is opened") {
  const auto model = keyed();
  REQUIRE(refusal(*model).empty());
  fb::VocabularyT& vocabulary = *table_of(*model, "f0").vocabulary;
  const auto check_found = [&] {
    augur_status status = AUGUR_OK;
    const std::string message = refusal(*model, &status);
    CAPTURE(message);
    CHECK(status == AUGUR_BAD_MODEL);
    CHECK(message.find("table 'f0': vocabulary: ") != std::string::npos);
  };
  for (std::size_t i = 0; i < vocabulary.slots.size(); i += emulated() ? 31u : 3u) {
    vocabulary.slots[i] ^= 4;
    check_found();
    vocabulary.slots[i] ^= 4;
  }
  for (std::uint16_t& pilot : vocabulary.pilots) {
    pilot ^= 1;
    check_found();
    pilot ^= 1;
  }
  for (std::uint32_t* number : {&vocabulary.size, &vocabulary.slot_count}) {
    ++*number;
    check_found();
    --*number;
  }
  vocabulary.fingerprint_bytes = 9;
  check_found();
}

TEST_CASE("vocabularies and rules that contradict each other are refused") {
  check_refused([](fb::ModelT& m) { table_of(m, "f0").key_type = fb::KeyType::Row; },
                {"table 'f0'", "has a vocabulary, but its ids are rows"});
  check_refused([](fb::ModelT& m) { table_of(m, "f0").key_type = fb::KeyType::Integer; },
                {"table 'f0'", "keys are strings, the table's are integers"});
  check_refused([](fb::ModelT& m) { table_of(m, "f0").vocabulary.reset(); },
                {"table 'f0'", "neither a vocabulary nor a hash"});
  check_refused([](fb::ModelT& m) { table_of(m, "f0").vocabulary_of = "s0_f0"; },
                {"table 'f0'", "cannot share the vocabulary of table 's0_f0'"});
  check_refused(
      [](fb::ModelT& m) {
        table_of(m, "f0").vocabulary.reset();
        table_of(m, "f0").vocabulary_of = "nothing";
      },
      {"table 'f0'", "shares the vocabulary of 'nothing'", "none of its own"});
  // A table whose keys are all hashed has no vocabulary to share.
  const auto farm = [](fb::EmbeddingTableT& table) {
    table.out_of_table = fb::OutOfTable::Hash;
    table.hash = std::make_unique<fb::HashT>();
    table.hash->kind = fb::HashKind::Farm64;
    table.hash->buckets = 5;
  };
  check_refused(
      [&](fb::ModelT& m) {
        table_of(m, "s0_f0").vocabulary.reset();
        farm(table_of(m, "s0_f0"));
        table_of(m, "f0").vocabulary.reset();
        table_of(m, "f0").vocabulary_of = "s0_f0";
      },
      {"table 'f0'", "none of its own"});
  check_refused(
      [&](fb::ModelT& m) {
        farm(table_of(m, "f0"));
        table_of(m, "f0").vocabulary.reset();
        table_of(m, "f0").vocabulary_of = "s0_f0";
      },
      {"table 'f0'", "hashes the bytes of all strings"});
  check_refused([&](fb::ModelT& m) { farm(table_of(m, "f0")); },
                {"table 'f0'", "hashes the bytes of all strings"});
}

TEST_CASE("hashes that do not fit their table are refused") {
  for (const std::uint32_t buckets : {0u, 1000u, 0xFFFFFFFFu}) {
    check_refused(
        [buckets](fb::ModelT& m) {
          m.features[0]->hash = std::make_unique<fb::HashT>();
          m.features[0]->hash->kind = fb::HashKind::Murmur3;
          m.features[0]->hash->first_row = 3;
          m.features[0]->hash->buckets = buckets;
        },
        {"field 'f0'", "hash buckets"});
  }
  check_refused(
      [](fb::ModelT& m) {
        m.features[0]->hash = std::make_unique<fb::HashT>();
        m.features[0]->hash->kind = fb::HashKind::Modulo;
        m.features[0]->hash->buckets = 4;
      },
      {"field 'f0'", "modulo of integers", "strings"});
}

TEST_CASE("a sidecar must bring the keys that its table needs") {
  const CatalogueDays shop(fb::TensorType::F32, 2, fb::KeyType::String);
  const ModelHandle model = open_model(shop.model);
  fb::TableFileT file;
  flatbuffers::GetRoot<fb::TableFile>(shop.sidecars[0].data())->UnPackTo(&file);
  file.vocabulary.reset();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
  augur_error error = empty_error();
  CHECK(augur_model_attach_table_buffer(model.get(), CatalogueDays::kTable,
                                        builder.GetBufferPointer(), builder.GetSize(),
                                        &error) == AUGUR_BAD_MODEL);
  CHECK(std::string(error.message).find("has no vocabulary") != std::string::npos);
}

}  // namespace augur::testing
