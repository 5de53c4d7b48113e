// The writer: SHA-256, the model's id, packing, and files that are there whole or not at all.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "common/key_hash.h"
#include "common/sha256.h"
#include "converter/support/descriptions.h"
#include "quantise/model_parts.h"
#include "support/temp_folder.h"
#include "text/text.h"
#include "vocabulary/build.h"
#include "write/content_hash.h"
#include "write/model_file.h"
#include "write/output_file.h"

namespace augur::convert::testing {
namespace {

fb::ModelT small_model() {
  return std::move(assemble(small_description(), small_tensors()).model);
}

TEST_CASE("the id depends only on the content") {
  fb::ModelT one = small_model(), other = small_model();
  const std::vector<uint8_t> a = pack_model(one, "augur-convert", "0.1.0");
  const std::vector<uint8_t> b = pack_model(other, "something-else", "9.9.9");
  CHECK(a != b);
  CHECK(one.id == other.id);
  CHECK(one.id.size() == 32);
  // Packing again changes nothing; the id of a packed model is that of its content.
  CHECK(pack_model(one, "augur-convert", "0.1.0") == a);
  const Digest id = compute_model_id(one);
  CHECK(std::equal(id.begin(), id.end(), one.id.begin(), one.id.end()));
  // As documented: the hash of the file packed with a zero id and no producer.
  fb::ModelT bare = one;
  bare.id.assign(32, 0);
  bare.producer.clear();
  bare.producer_version.clear();
  bare.content_hash.clear();
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, &bare));
  CHECK(sha256(builder.GetBufferPointer(), builder.GetSize()) == id);
}

TEST_CASE("the id does not depend on the hash of a sidecar's rows") {
  fb::ModelT model = small_model();
  const Digest id = compute_model_id(model);
  model.tables[1]->rows_hash.assign(32, 7);
  CHECK(compute_model_id(model) == id);
  CHECK(model.tables[1]->rows_hash == std::vector<uint8_t>(32, 7));
}

TEST_CASE("the id does not depend on what the scores were compared with") {
  fb::ModelT model = small_model();
  const Digest id = compute_model_id(model);
  model.proof = std::make_unique<fb::ProofT>();
  model.proof->values = 7;
  CHECK(compute_model_id(model) == id);
  const std::vector<uint8_t> file = pack_model(model, "test", "1");
  model.proof->values = 8;
  const std::vector<uint8_t> again = pack_again(model);
  CHECK(again.size() == file.size());
  CHECK(fb::GetModel(again.data())->proof()->values() == 8);
  CHECK(std::equal(id.begin(), id.end(), fb::GetModel(again.data())->id()->begin()));
}

TEST_CASE("a sidecar has the hash of its rows, and so has the model") {
  fb::ModelT model = small_model();
  std::unique_ptr<fb::TensorT> rows = take_rows(model, model.tables[0]->name).weights;
  const Digest hash = hash_rows(*rows);
  const std::vector<uint8_t> expected(hash.begin(), hash.end());
  CHECK(model.tables[0]->rows_hash == expected);
  pack_model(model, "", "");
  fb::TensorT other = *rows;
  const std::vector<uint8_t> file = pack_table(model, model.tables[0]->name, std::move(rows));
  const auto* root = flatbuffers::GetRoot<fb::TableFile>(file.data());
  CHECK(std::vector<uint8_t>(root->rows_hash()->begin(), root->rows_hash()->end()) == expected);
  other.data[0] ^= 1;
  CHECK(hash_rows(other) != hash);
  other.data[0] ^= 1;
  std::swap(other.shape[0], other.shape[1]);
  CHECK(hash_rows(other) != hash);
}

TEST_CASE("the content hash is that of the file with 32 zeros in its place") {
  fb::ModelT model = small_model();
  std::unique_ptr<fb::TensorT> rows = take_rows(model, "item").weights;
  const auto of_model = [](const uint8_t* file) { return fb::GetModel(file)->content_hash(); };
  const auto of_table = [](const uint8_t* file) {
    return flatbuffers::GetRoot<fb::TableFile>(file)->content_hash();
  };
  const auto check = [](std::vector<uint8_t> file, const auto& get_member) {
    const HashMember* const member = get_member(file.data());
    REQUIRE(member != nullptr);
    const size_t place = static_cast<size_t>(member->data() - file.data());
    CHECK(check_content_hash(file, member) == ContentHash::kRight);
    const std::vector<uint8_t> stated(member->begin(), member->end());
    std::vector<uint8_t> zeroed = file;
    std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(place), 32, uint8_t{0});
    const Digest digest = sha256(zeroed.data(), zeroed.size());
    CHECK(stated == std::vector<uint8_t>(digest.begin(), digest.end()));
    file.back() ^= 1;
    CHECK(check_content_hash(file, member) == ContentHash::kWrong);
    file.back() ^= 1;
    file[place] ^= 1;
    CHECK(check_content_hash(file, member) == ContentHash::kWrong);
  };
  std::vector<uint8_t> file = pack_model(model, "test", "1");
  check(file, of_model);
  const Digest id = compute_model_id(model);
  CHECK(std::equal(id.begin(), id.end(), model.id.begin()));
  model.name = "another name";
  const std::vector<uint8_t> before = model.content_hash;
  file = pack_again(model);
  CHECK(model.content_hash != before);
  check(file, of_model);
  file = pack_table(model, "item", std::move(rows));
  check(file, of_table);
  CHECK(check_content_hash(file, nullptr) == ContentHash::kAbsent);
}

TEST_CASE("any change of content changes the id") {
  fb::ModelT model = small_model();
  const Digest id = compute_model_id(model);
  model.tables[1]->weights->data[5] ^= 1;
  CHECK(compute_model_id(model) != id);
  model.tables[1]->weights->data[5] ^= 1;
  CHECK(compute_model_id(model) == id);
  model.stacks[0]->max_history += 1;
  CHECK(compute_model_id(model) != id);
}

TEST_CASE("the file: identifier, format, alignment, and what comes back is what went in") {
  fb::ModelT model = small_model();
  const std::vector<uint8_t> file = pack_model(model, "augur-convert", "0.1.0");
  CHECK(std::string(file.begin() + 4, file.begin() + 8) == "AUGR");
  flatbuffers::Verifier verifier(file.data(), file.size());
  REQUIRE(fb::VerifyModelBuffer(verifier));
  const fb::Model* view = fb::GetModel(file.data());
  CHECK(view->format() == 1);
  CHECK(view->producer()->str() == "augur-convert");
  for (const auto* table : *view->tables()) {
    CHECK((table->weights()->data()->data() - file.data()) % 64 == 0);
  }
  CHECK((view->head()->layers()->Get(0)->weight()->data()->data() - file.data()) % 64 == 0);
  const std::unique_ptr<fb::ModelT> back(view->UnPack());
  const Digest id = compute_model_id(*back);
  CHECK(std::equal(id.begin(), id.end(), view->id()->begin(), view->id()->end()));
  CHECK(back->stacks[0]->attention->bilinear->name == "att.w");
}

TEST_CASE("the format is 3 for a model that uses any one of its values and members, else lower") {
  const std::vector<std::function<void(fb::ModelT&)>> newer = {
      [](fb::ModelT& m) { m.output = fb::OutputKind::Identity; },
      [](fb::ModelT& m) { m.tables[0]->out_of_table = fb::OutOfTable::PaddingId; },
      [](fb::ModelT& m) { m.candidate[0]->pooling = fb::Pooling::Max; },
      [](fb::ModelT& m) { m.stacks[0]->fields[0]->skip_padding = true; },
      [](fb::ModelT& m) { m.stacks[0]->mask = fb::MaskRule::NotPadding; },
      [](fb::ModelT& m) { m.stacks[0]->truncation = fb::Truncation::Oldest; },
      [](fb::ModelT& m) { m.stacks[0]->window = std::make_unique<fb::WindowT>(); },
      [](fb::ModelT& m) {
        m.head->layers[0]->activation = std::make_unique<fb::ActivationT>();
        m.head->layers[0]->activation->kind = fb::ActivationKind::Gelu;
      },
      [](fb::ModelT& m) {
        fb::AttentionT& attention = *m.stacks[0]->attention;
        attention.query_projection = std::make_unique<fb::DenseT>();
        attention.query_projection->activation = std::make_unique<fb::ActivationT>();
        attention.query_projection->activation->kind = fb::ActivationKind::Silu;
      },
  };
  for (size_t i = 0; i < newer.size(); ++i) {
    CAPTURE(i);
    fb::ModelT model = small_model();
    newer[i](model);
    CHECK(lowest_format(model) == 3);
  }
  fb::ModelT model = small_model();
  CHECK(lowest_format(model) == 1);
  model.tables[0]->external = true;
  CHECK(lowest_format(model) == 2);
}

std::unique_ptr<fb::VocabularyT> small_vocabulary() {
  return std::make_unique<fb::VocabularyT>(
      build_vocabulary({{hash_string("a", 1), 3, "a"}, {hash_string("b", 1), 1, "b"}},
                       fb::KeyType::String, kStringFingerprint));
}

TEST_CASE("the format is 4 for a model that uses any one of its values and members") {
  const auto hash = [](fb::HashKind kind) {
    auto made = std::make_unique<fb::HashT>();
    made->kind = kind;
    return made;
  };
  const std::vector<std::function<void(fb::ModelT&)>> newer = {
      [](fb::ModelT& m) { m.tables[0]->key_type = fb::KeyType::Integer; },
      [](fb::ModelT& m) { m.tables[0]->vocabulary = small_vocabulary(); },
      [](fb::ModelT& m) { m.tables[0]->vocabulary_of = "item"; },
      [](fb::ModelT& m) { m.tables[0]->out_of_table = fb::OutOfTable::UnknownRow; },
      [](fb::ModelT& m) { m.tables[0]->unknown_row = 1; },
      [&](fb::ModelT& m) { m.tables[0]->hash = hash(fb::HashKind::Farm64); },
      [&](fb::ModelT& m) {
        m.tables[0]->hash = hash(fb::HashKind::SplitMix64);
        m.tables[0]->hash->zero_is_padding = true;
      },
      [](fb::ModelT& m) { m.features[0]->column = "visitor"; },
      [&](fb::ModelT& m) { m.candidate[0]->hash = hash(fb::HashKind::SplitMix64); },
      [](fb::ModelT& m) { m.stacks[0]->fields[1]->column = "kind"; },
  };
  for (size_t i = 0; i < newer.size(); ++i) {
    CAPTURE(i);
    fb::ModelT model = small_model();
    newer[i](model);
    CHECK(lowest_format(model) == 4);
  }
  fb::ModelT model = small_model();
  model.tables[0]->hash = hash(fb::HashKind::SplitMix64);
  model.tables[0]->out_of_table = fb::OutOfTable::Hash;
  model.content_hash.assign(32, 1);
  CHECK(lowest_format(model) == 1);
}

TEST_CASE("the id covers a vocabulary in the model; a sidecar takes it out of both") {
  fb::ModelT model = small_model();
  model.tables[1]->key_type = fb::KeyType::String;
  const Digest without = compute_model_id(model);
  model.tables[1]->vocabulary = small_vocabulary();
  const Digest with = compute_model_id(model);
  CHECK(with != without);
  model.tables[1]->vocabulary->slots[0] ^= 1;
  CHECK(compute_model_id(model) != with);
  model.tables[1]->vocabulary->slots[0] ^= 1;

  TableRows rows = take_rows(model, "item");
  REQUIRE(rows.vocabulary != nullptr);
  CHECK(model.tables[1]->vocabulary == nullptr);
  CHECK(model.tables[1]->key_type == fb::KeyType::String);
  pack_model(model, "test", "1");
  CHECK(model.format == 4);
  const std::vector<uint8_t> file =
      pack_table(model, "item", std::move(rows.weights), std::move(rows.vocabulary));
  flatbuffers::Verifier verifier(file.data(), file.size());
  REQUIRE(verifier.VerifyBuffer<fb::TableFile>("AUGT"));
  const auto* root = flatbuffers::GetRoot<fb::TableFile>(file.data());
  CHECK(root->format() == 4);
  CHECK(root->vocabulary()->slots()->size() > 0);
  CHECK((root->vocabulary()->slots()->data() - file.data()) % 64 == 0);
  CHECK(view_of(*root->vocabulary()).find(hash_string("a", 1)) == 3);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& content) {
  OutputFile file(path, OutputTo::kFile);
  file.write(content);
  file.finish();
}

TEST_CASE("a file is replaced in one step") {
  const TempFolder folder;
  const std::string path = folder.path("model.augur");
  write_file(path, "first");
  CHECK(content_of(path) == "first");
  write_file(path, "second");
  CHECK(content_of(path) == "second");
  CHECK(folder.files() == std::vector<std::string>{"model.augur"});
  const mode_t mask = umask(0);
  umask(mask);
  struct stat info = {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == (0666 & ~mask));
}

TEST_CASE("what cannot be written is named, and nothing is left") {
  const TempFolder folder;
  const auto error = [&](const std::string& path) {
    return error_of([&] { write_file(path, "x"); });
  };
  CHECK(has(error(folder.path("none/model.augur")), {"none/model.augur", "does not exist"}));
  CHECK(has(error(folder.path("")), {"is a folder"}));
  CHECK(has(error(""), {"empty"}));
  write_file(folder.path("file"), "x");
  CHECK(has(error(folder.path("file/model.augur")), {"is not a folder"}));
  if (geteuid() != 0) {  // root may write everywhere
    const std::string locked = folder.path("locked");
    std::filesystem::create_directory(locked);
    std::filesystem::permissions(locked, std::filesystem::perms::owner_read);
    CHECK(has(error(locked + "/model.augur"), {"cannot be written to", "Permission denied"}));
    std::filesystem::permissions(locked, std::filesystem::perms::owner_all);
    std::filesystem::remove(locked);
  }
  CHECK(folder.files() == std::vector<std::string>{"file"});
}

}  // namespace
}  // namespace augur::convert::testing
