// Saved sessions and tables whose rows are replaced: a restored session ranks with the rows that
// are there now, or is refused.
#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

// Several ids in the history, the features and the candidates, an id in each, tables beside the
// model.
reference::ModelSpec spec() {
  reference::ModelSpec spec;
  spec.seed = 12;
  spec.features = {{fb::FieldKind::Ids, 4}, {fb::FieldKind::Id, 3}};
  spec.stacks[0].fields = {{fb::FieldKind::Id, 5},
                           {fb::FieldKind::Ids, 3, fb::OutOfTable::Error, fb::Pooling::Mean}};
  return spec;
}

constexpr const char* kTables[] = {"f0", "s0_f1"};

struct Catalogue {
  std::vector<std::uint8_t> files[2];
};

// hashed: with the hash of their rows, `mark` repeated; else without any.
Catalogue catalogue(const fb::ModelT& model, const std::unique_ptr<fb::TensorT> (&rows)[2],
                    float factor, bool hashed, std::uint8_t mark) {
  Catalogue made;
  for (std::size_t t = 0; t < 2; ++t) {
    fb::TableFileT file;
    file.model_id = model.id;
    file.name = kTables[t];
    file.weights = std::make_unique<fb::TensorT>(*rows[t]);
    std::vector<float> values(rows[t]->data.size() / sizeof(float));
    std::memcpy(values.data(), rows[t]->data.data(), rows[t]->data.size());
    for (float& value : values)
      value *= factor;
    std::memcpy(file.weights->data.data(), values.data(), file.weights->data.size());
    if (hashed) file.rows_hash.assign(32, mark);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
    made.files[t].assign(builder.GetBufferPointer(),
                         builder.GetBufferPointer() + builder.GetSize());
  }
  return made;
}

class Shop {
 public:
  explicit Shop(bool hashed = false) : parts(reference::random_model(spec())) {
    const std::unique_ptr<fb::TensorT> rows[2] = {convert::take_rows(*parts, kTables[0]).weights,
                                                  convert::take_rows(*parts, kTables[1]).weights};
    file_ = convert::pack_model(*parts, "test", "1");
    old = catalogue(*parts, rows, 1, hashed, 1);
    newer = catalogue(*parts, rows, -2, hashed, 2);
    augur_model* model = nullptr;
    REQUIRE(augur_model_open_buffer(file_.data(), file_.size(), nullptr, &model, nullptr) ==
            AUGUR_OK);
    model_.reset(model);
    attach(old);
    const auto whole = reference::random_model(spec());
    reference::Generator generator(5);
    request = reference::random_request(*whole, generator, 6, 9);
  }

  void attach(const Catalogue& rows) const {
    for (std::size_t t = 0; t < 2; ++t) {
      REQUIRE(augur_model_attach_table_buffer(model_.get(), kTables[t], rows.files[t].data(),
                                              rows.files[t].size(), nullptr) == AUGUR_OK);
    }
  }

  SessionHandle session(std::uint32_t max_ids_per_event = 0) const {
    augur_session_options options = session_options(0, 0);
    options.max_ids_per_event = max_ids_per_event;
    augur_session* session = nullptr;
    REQUIRE(augur_session_create(model_.get(), &options, nullptr, 0, &session, nullptr) ==
            AUGUR_OK);
    return SessionHandle(session);
  }

  std::size_t session_bytes(std::uint32_t max_ids_per_event) const {
    augur_session_options options = session_options(0, 0);
    options.max_ids_per_event = max_ids_per_event;
    return augur_session_bytes(model_.get(), &options);
  }

  // Of a session that got `request`.
  std::vector<std::uint8_t> state(std::uint32_t max_ids_per_event = 0) const {
    const SessionHandle asked = session(max_ids_per_event);
    set_user(asked.get(), *parts, request);
    return saved(asked.get());
  }
  std::vector<float> logits() const {
    const SessionHandle asked = session();
    set_user(asked.get(), *parts, request);
    return rank(asked.get(), *parts, request.candidates);
  }

  // More ids than are kept, in an event and in the feature.
  void give_many_ids(std::size_t count) {
    request.histories.at("s0").columns.at("s0_f1")[3].ids.assign(count, 1);
    request.features.columns.at("f0")[0].ids.assign(count, 2);
  }

  std::unique_ptr<fb::ModelT> parts;
  Catalogue old;
  Catalogue newer;
  reference::Request request;

 private:
  std::vector<std::uint8_t> file_;
  ModelHandle model_;
};

}  // namespace

TEST_CASE("a session restored under a newer catalogue scores with the newer rows") {
  const Shop shop;
  const std::vector<float> before = shop.logits();
  const std::vector<std::uint8_t> state = shop.state();
  shop.attach(shop.newer);
  const std::vector<float> expected = shop.logits();
  REQUIRE(expected != before);
  const SessionHandle restored = shop.session();
  REQUIRE(augur_session_restore(restored.get(), state.data(), state.size()) == AUGUR_OK);
  CHECK(rank(restored.get(), *shop.parts, shop.request.candidates) == expected);
  CHECK(saved(restored.get()) == state);
}

TEST_CASE(
    "a row with more ids than a session keeps is restored only if the table has the same rows") {
  for (const bool hashed : {false, true}) {
    CAPTURE(hashed);
    Shop shop(hashed);
    shop.give_many_ids(17);
    const std::vector<float> before = shop.logits();
    const std::vector<std::uint8_t> state = shop.state();
    const std::vector<std::uint8_t> kept = shop.state(17);
    CHECK(kept.size() != state.size());

    // The same catalogue, attached again.
    shop.attach(shop.old);
    {
      const SessionHandle restored = shop.session();
      REQUIRE(augur_session_restore(restored.get(), state.data(), state.size()) == AUGUR_OK);
      CHECK(rank(restored.get(), *shop.parts, shop.request.candidates) == before);
      CHECK(saved(restored.get()) == state);
      // A session that keeps fewer ids cannot take those that were kept.
      CHECK(augur_session_restore(restored.get(), kept.data(), kept.size()) ==
            AUGUR_INVALID_ARGUMENT);
      CHECK(std::string(augur_session_error(restored.get())).find("17 ids in field 'f0'") !=
            std::string::npos);
      CHECK(rank(restored.get(), *shop.parts, shop.request.candidates) == before);
    }
    shop.attach(shop.newer);
    const SessionHandle restored = shop.session(17);
    CHECK(augur_session_restore(restored.get(), state.data(), state.size()) ==
          AUGUR_INVALID_ARGUMENT);
    const std::string error = augur_session_error(restored.get());
    CHECK(error.find("table 'f0' has other rows or keys now") != std::string::npos);
    CHECK(error.find("max_ids_per_event") != std::string::npos);
    REQUIRE(augur_session_restore(restored.get(), kept.data(), kept.size()) == AUGUR_OK);
    CHECK(rank(restored.get(), *shop.parts, shop.request.candidates) == shop.logits());
  }
}

TEST_CASE("ids of a saved session that the newer catalogue does not have are refused") {
  Shop shop;
  const std::vector<std::uint8_t> state = shop.state();
  // A catalogue of two rows.
  Catalogue small;
  for (std::size_t t = 0; t < 2; ++t) {
    fb::TableFileT file;
    flatbuffers::GetRoot<fb::TableFile>(shop.old.files[t].data())->UnPackTo(&file);
    const std::uint32_t dim = file.weights->shape[1];
    file.weights = reference::make_tensor(2, dim, std::vector<float>(2 * dim, 0.5f));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
    small.files[t].assign(builder.GetBufferPointer(),
                          builder.GetBufferPointer() + builder.GetSize());
  }
  shop.attach(small);
  const SessionHandle restored = shop.session();
  const std::vector<std::uint8_t> before = saved(restored.get());
  CHECK(augur_session_restore(restored.get(), state.data(), state.size()) == AUGUR_OUT_OF_RANGE);
  CHECK(saved(restored.get()) == before);
}

TEST_CASE("max_ids_per_event counts in a session's bytes, and changes no score") {
  Shop shop;
  shop.give_many_ids(40);
  std::vector<float> first;
  std::size_t bytes = 0;
  for (const std::uint32_t max_ids_per_event : {1u, 16u, 40u, 4096u}) {
    CAPTURE(max_ids_per_event);
    const SessionHandle asked = shop.session(max_ids_per_event);
    set_user(asked.get(), *shop.parts, shop.request);
    const std::vector<float> logits = rank(asked.get(), *shop.parts, shop.request.candidates);
    if (first.empty()) first = logits;
    CHECK(logits == first);
    CHECK(shop.session_bytes(max_ids_per_event) > bytes);
    bytes = shop.session_bytes(max_ids_per_event);
  }
  // As many as there are events, and the feature's, each of 8 bytes.
  CHECK(shop.session_bytes(1040) - shop.session_bytes(40) >= (12 + 1) * 1000 * 8);
  CHECK(shop.session_bytes(0) == shop.session_bytes(16));
}

}  // namespace augur::testing
