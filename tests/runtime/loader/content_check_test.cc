// Verification: content hashes of models, sidecars and deltas, and the app's own decision.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "common/sha256.h"
#include "reference/build.h"
#include "runtime/support/catalogue_days.h"
#include "runtime/support/temp_file.h"
#include "text/text.h"
#include "write/content_hash.h"

namespace augur::testing {
namespace {

constexpr const char* kTable = CatalogueDays::kTable;

augur_model_options verifying() {
  augur_model_options options = {};
  options.struct_size = sizeof(options);
  options.verify = AUGUR_VERIFY_CONTENT_HASH;
  return options;
}

const CatalogueDays& shop() {
  static const CatalogueDays days(fb::TensorType::I8, 2);
  return days;
}

augur_status open(const std::vector<std::uint8_t>& file, const augur_model_options& options,
                  augur_error* error = nullptr) {
  augur_model* model = nullptr;
  const augur_status status =
      augur_model_open_buffer(file.data(), file.size(), &options, &model, error);
  CHECK((model != nullptr) == (status == AUGUR_OK));
  augur_model_close(model);
  return status;
}

augur_status attach(const ModelHandle& model, const std::vector<std::uint8_t>& sidecar,
                    augur_error* error = nullptr) {
  return augur_model_attach_table_buffer(model.get(), kTable, sidecar.data(), sidecar.size(),
                                         error);
}

// An app's function, and what it was called with.
struct Decision {
  augur_status answer = AUGUR_OK;
  int calls = 0;
  std::string file, table;
  const void* data = nullptr;
  std::size_t bytes = 0;
  std::vector<std::uint8_t> model_id, content_hash;

  static augur_status decide(void* context, const augur_content* content) {
    auto* self = static_cast<Decision*>(context);
    CHECK(content->struct_size == sizeof(augur_content));
    ++self->calls;
    self->file = content->file;
    self->table = content->table;
    self->data = content->data;
    self->bytes = content->bytes;
    self->model_id.assign(content->model_id, content->model_id + 32);
    self->content_hash.assign(content->content_hash, content->content_hash + 32);
    return self->answer;
  }
  augur_model_options options() {
    augur_model_options options = {};
    options.struct_size = sizeof(options);
    options.verify_content = decide;
    options.verify_context = this;
    return options;
  }
};

// SHA-256 of the file with the bytes of `member` as zeros.
std::vector<std::uint8_t> expected_hash(std::vector<std::uint8_t> file,
                                        const flatbuffers::Vector<std::uint8_t>* member,
                                        const std::vector<std::uint8_t>& of) {
  const auto at = member->data() - of.data();
  std::fill(file.begin() + at, file.begin() + at + 32, std::uint8_t{0});
  const Digest digest = sha256(file.data(), file.size());
  return {digest.begin(), digest.end()};
}

const flatbuffers::Vector<std::uint8_t>* hash_in_model(const std::vector<std::uint8_t>& file) {
  return fb::GetModel(file.data())->content_hash();
}

}  // namespace

TEST_CASE("verified files open, and any changed byte is found") {
  const augur_model_options options = verifying();
  const std::vector<std::uint8_t>& file = shop().model;
  CHECK(open(file, options) == AUGUR_OK);
  std::size_t unnoticed = 0;
  const std::size_t step = emulated() ? 199 : 23;
  for (std::size_t at = 0; at < file.size(); at += step) {
    std::vector<std::uint8_t> changed = file;
    changed[at] ^= 0x04;
    if (open(changed, options) == AUGUR_OK) ++unnoticed;
  }
  CHECK(unnoticed == 0);

  const ModelHandle model = open_model(file, &options);
  CHECK(attach(model, shop().sidecars[0]) == AUGUR_OK);
  const std::vector<float> expected = shop().expected(0);
  CHECK(shop().logits(model.get(), 0) == expected);
  for (std::size_t at = 0; at < shop().sidecars[1].size(); at += step) {
    std::vector<std::uint8_t> changed = shop().sidecars[1];
    changed[at] ^= 0x40;
    if (attach(model, changed) == AUGUR_OK) ++unnoticed;
  }
  CHECK(unnoticed == 0);
  CHECK(shop().logits(model.get(), 0) == expected);
  CHECK(try_delta(model, shop().deltas[0]) == AUGUR_OK);
  CHECK(shop().logits(model.get(), 1) == shop().expected(1));
}

TEST_CASE(
    "without verify a changed weight is not noticed, and with it the message has both hashes") {
  std::vector<std::uint8_t> changed = shop().sidecars[0];
  const auto* rows = flatbuffers::GetRoot<fb::TableFile>(changed.data());
  const auto at = static_cast<std::size_t>(rows->weights()->data()->data() - changed.data());
  changed[at + rows->weights()->shape()->Get(1)] ^= 1;
  const ModelHandle trusting = open_model(shop().model);
  CHECK(attach(trusting, changed) == AUGUR_OK);

  const augur_model_options options = verifying();
  const ModelHandle model = open_model(shop().model, &options);
  augur_error error = empty_error();
  CHECK(attach(model, changed, &error) == AUGUR_BAD_MODEL);
  const auto* stated = rows->content_hash();
  const std::vector<std::uint8_t> computed = expected_hash(changed, stated, changed);
  CHECK(std::string(error.message) ==
        "'buffer' was changed or is damaged: it states the content "
        "hash " +
            hex_text(stated->data(), stated->size()) + ", its bytes have " +
            hex_text(computed.data(), computed.size()));
}

TEST_CASE("a file without a content hash is refused where one is asked for") {
  const auto parts = reference::unpack(shop().model);
  parts->content_hash.clear();
  const std::vector<std::uint8_t> unstated = reference::pack(*parts);
  augur_error error = empty_error();
  CHECK(open(unstated, verifying(), &error) == AUGUR_UNSUPPORTED);
  CHECK(std::string(error.message).find("states no content hash") != std::string::npos);
  Decision app;
  CHECK(open(unstated, app.options(), &error) == AUGUR_UNSUPPORTED);
  CHECK(app.calls == 0);
  parts->content_hash.assign(31, 1);
  CHECK(open(reference::pack(*parts), verifying(), &error) == AUGUR_BAD_MODEL);
  CHECK(std::string(error.message).find("31 bytes") != std::string::npos);
  // An app of an older version asks for nothing.
  augur_model_options old = verifying();
  old.struct_size = offsetof(augur_model_options, load);
  CHECK(open(unstated, old) == AUGUR_OK);
}

TEST_CASE("a value of verify that does not exist is refused") {
  augur_model_options options = verifying();
  options.verify = 2;
  augur_error error = empty_error();
  CHECK(open(shop().model, options, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message) ==
        "augur_model_options: verify is 2, expected 0 (nothing) or 1 (the content hash)");
}

TEST_CASE("files, descriptors, copies and odd addresses are verified alike") {
  for (const std::uint32_t load : {0u, 1u}) {
    for (const std::size_t offset : {0u, 3u, 4096u}) {
      for (const bool right : {true, false}) {
        CAPTURE(load);
        CAPTURE(offset);
        augur_model_options options = verifying();
        options.load = load;
        std::vector<std::uint8_t> longer(offset, 0xAA);
        longer.insert(longer.end(), shop().model.begin(), shop().model.end());
        if (!right) longer.back() ^= 1;
        const augur_status expected = right ? AUGUR_OK : AUGUR_BAD_MODEL;
        const TempFile file(longer);
        augur_model* model = nullptr;
        CHECK(augur_model_open_fd(file.fd(), offset, 0, &options, &model, nullptr) == expected);
        augur_model_close(model);
        CHECK(augur_model_open_buffer(longer.data() + offset, longer.size() - offset, &options,
                                      &model, nullptr) == expected);
        augur_model_close(model);
        if (offset > 0) continue;
        CHECK(augur_model_open_file(file.path(), &options, &model, nullptr) == expected);
        augur_model_close(model);
      }
    }
  }
}

TEST_CASE("the app's function is told of each file before it is used, and decides") {
  Decision app;
  const augur_model_options options = app.options();
  const TempFile file(shop().model);
  augur_model* opened = nullptr;
  REQUIRE(augur_model_open_file(file.path(), &options, &opened, nullptr) == AUGUR_OK);
  const ModelHandle model(opened);
  CHECK(app.calls == 1);
  CHECK(app.file == file.path());
  CHECK(app.table.empty());
  CHECK(app.bytes == shop().model.size());
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  CHECK(std::equal(app.model_id.begin(), app.model_id.end(), info.id));
  CHECK(app.content_hash == expected_hash(shop().model, hash_in_model(shop().model), shop().model));

  REQUIRE(attach(model, shop().sidecars[0]) == AUGUR_OK);
  CHECK(app.calls == 2);
  CHECK(app.file == "buffer");
  CHECK(app.table == kTable);
  CHECK(app.data == shop().sidecars[0].data());
  CHECK(app.bytes == shop().sidecars[0].size());
  REQUIRE(try_delta(model, shop().deltas[0]) == AUGUR_OK);
  CHECK(app.calls == 3);
  CHECK(app.table == kTable);
  CHECK(app.data == shop().deltas[0].data());

  // What it refuses is not attached.
  REQUIRE(augur_model_detach_deltas(model.get(), kTable, 0, nullptr) == AUGUR_OK);
  augur_error error = empty_error();
  app.answer = AUGUR_UNSUPPORTED;
  CHECK(try_delta(model, shop().deltas[0], &error) == AUGUR_UNSUPPORTED);
  CHECK(std::string(error.message) ==
        "'buffer' is refused by the app's verify_content, which returned 9");
  CHECK(attach(model, shop().sidecars[1], &error) == AUGUR_UNSUPPORTED);
  CHECK(shop().logits(model.get(), 0) == shop().expected(0));
  // The numbers that an augur_status of C++ can hold; one of C holds others, too.
  for (const int other : {11, 15}) {
    app.answer = static_cast<augur_status>(other);
    CHECK(try_delta(model, shop().deltas[0], &error) == AUGUR_INVALID_ARGUMENT);
    CHECK_MESSAGE(std::string(error.message).find("no augur_status") != std::string::npos,
                  error.message);
  }
  CHECK(open(shop().model, options, &error) == AUGUR_INVALID_ARGUMENT);
  CHECK(table_info(model, kTable).deltas == 0);
}

TEST_CASE(
    "the app's function is asked before a file's content is read, and not of a changed file") {
  // A model that the runtime refuses, with a right content hash.
  const auto parts = reference::unpack(shop().model);
  parts->head->layers.clear();
  parts->content_hash.assign(32, 0);
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::CreateModel(builder, parts.get()));
  const std::vector<std::uint8_t> bad = convert::with_content_hash(
      builder, [](const std::uint8_t* file) { return fb::GetModel(file)->content_hash(); });
  Decision app;
  CHECK(open(bad, app.options()) == AUGUR_BAD_MODEL);
  CHECK(app.calls == 1);
  app.answer = AUGUR_IO_ERROR;
  CHECK(open(bad, app.options()) == AUGUR_IO_ERROR);
  CHECK(app.calls == 2);
  std::vector<std::uint8_t> changed = bad;
  changed.back() ^= 1;
  CHECK(open(changed, app.options()) == AUGUR_BAD_MODEL);
  CHECK(app.calls == 2);
}

}  // namespace augur::testing
