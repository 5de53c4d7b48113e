// Ids pooled by their greatest values, looked at directly: the logit is one column of the pooled
// row.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "reference/build.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

constexpr std::uint32_t kWidth = 3;
const std::vector<float> kTags = {9.0f,  9.0f,  9.0f, -3.0f, -1.0f, 4.0f,
                                  -2.0f, -5.0f, 6.0f, -7.0f, -0.5f, 5.0f};

// A model whose logit is the column `k` of the feature "tags", pooled by max.
std::unique_ptr<fb::ModelT> tags_model(std::uint32_t k, bool skip_zero) {
  auto model = std::make_unique<fb::ModelT>();
  model->format = 3;
  auto table = std::make_unique<fb::EmbeddingTableT>();
  table->name = "tags";
  table->weights = reference::make_tensor(4, kWidth, kTags);
  model->tables.push_back(std::move(table));
  model->features.push_back(reference::make_field("tags", fb::FieldKind::Ids, "tags"));
  model->features[0]->pooling = fb::Pooling::Max;
  model->features[0]->skip_zero = skip_zero;
  model->candidate.push_back(reference::make_field("price", fb::FieldKind::Number));
  model->head = std::make_unique<fb::HeadT>();
  model->head->slots.push_back(reference::make_slot(fb::SourceKind::Feature, "tags"));
  model->head->slots.push_back(reference::make_slot(fb::SourceKind::Candidate, "price"));
  std::vector<float> weight(kWidth + 1, 0.0f);
  weight[k] = 1.0f;
  auto layer = std::make_unique<fb::DenseT>();
  layer->weight = reference::make_tensor(1, kWidth + 1, weight);
  model->head->layers.push_back(std::move(layer));
  return model;
}

std::vector<float> pooled(const std::vector<std::int64_t>& ids, bool skip_zero) {
  std::vector<float> row;
  for (std::uint32_t k = 0; k < kWidth; ++k) {
    const TestModel model(tags_model(k, skip_zero));
    const SessionHandle session = model.session();
    reference::Request request;
    request.features.count = 1;
    request.features.columns["tags"] = {{ids, {}}};
    request.candidates.count = 1;
    request.candidates.columns["price"] = {{{}, {0.0f}}};
    set_user(session.get(), model.parts(), request);
    row.push_back(rank(session.get(), model.parts(), request.candidates).at(0));
  }
  return row;
}

}  // namespace

TEST_CASE(
    "max pooling gives the greatest value of each column, also below zero, for any order of ids") {
  CHECK(pooled({1, 2, 3}, false) == std::vector<float>{-2.0f, -0.5f, 6.0f});
  CHECK(pooled({3, 2, 1, 2}, true) == std::vector<float>{-2.0f, -0.5f, 6.0f});
  CHECK(pooled({1}, false) == std::vector<float>{-3.0f, -1.0f, 4.0f});
}

TEST_CASE("max pooling leaves out skipped zeros, and gives zeros if no id remains") {
  CHECK(pooled({1, 0, 2}, false) == std::vector<float>{9.0f, 9.0f, 9.0f});
  CHECK(pooled({0, 1, 0, 2}, true) == std::vector<float>{-2.0f, -1.0f, 6.0f});
  CHECK(pooled({}, false) == std::vector<float>{0.0f, 0.0f, 0.0f});
  CHECK(pooled({0, 0}, true) == std::vector<float>{0.0f, 0.0f, 0.0f});
}

TEST_CASE("max pooling keeps not-a-number at any position, so that the ranking fails") {
  for (const std::uint32_t bad : {1u, 2u, 3u}) {
    auto parts = tags_model(0, false);
    std::vector<float> values = kTags;
    values[bad * kWidth] = std::numeric_limits<float>::quiet_NaN();
    parts->tables[0]->weights = reference::make_tensor(4, kWidth, values);
    const TestModel model(std::move(parts));
    const SessionHandle session = model.session();
    reference::Request request;
    request.features.count = 1;
    request.features.columns["tags"] = {{{1, 2, 3}, {}}};
    request.candidates.count = 1;
    request.candidates.columns["price"] = {{{}, {0.0f}}};
    set_user(session.get(), model.parts(), request);
    CHECK_THROWS(rank(session.get(), model.parts(), request.candidates));
  }
}

}  // namespace augur::testing
