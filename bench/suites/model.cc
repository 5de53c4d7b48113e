// Random models and sessions; see model.h.
#include "suites/model.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "augur-bench/inputs.h"
#include "augur_generated.h"
#include "quantise/quantise.h"
#include "write/model_file.h"

namespace augur::bench {
namespace {

constexpr uint32_t kCategories = 50;
constexpr uint32_t kUserWidth = 18;

class Builder {
 public:
  explicit Builder(const ModelShape& shape) : shape_(shape), random_(1) {}

  std::vector<uint8_t> build() {
    fb::ModelT model;
    model.name = "random";
    add_table(model, "user", 100, kUserWidth);
    add_table(model, "item", shape_.items, shape_.width / 2);
    add_table(model, "category", kCategories, shape_.width - shape_.width / 2);
    model.features.push_back(field("user"));
    model.candidate.push_back(field("item"));
    model.candidate.push_back(field("category"));
    model.stacks.push_back(stack());
    model.head = head();
    if (shape_.integers) {
      convert::Precision precision;
      precision.weights = precision.embeddings = fb::TensorType::I8;
      convert::quantise_model(model, precision, [](std::uint64_t, std::uint64_t) {});
    }
    return convert::pack_model(model, "augur-benchmarks", "");
  }

 private:
  std::unique_ptr<fb::TensorT> tensor(std::vector<uint32_t> shape, float size) {
    size_t count = 1;
    for (const uint32_t extent : shape)
      count *= extent;
    std::vector<float> values(count);
    for (float& value : values)
      value = size * (2.0f * random_.unit() - 1.0f);
    auto made = std::make_unique<fb::TensorT>();
    made->shape = std::move(shape);
    made->data.resize(count * sizeof(float));
    std::memcpy(made->data.data(), values.data(), made->data.size());
    return made;
  }

  std::unique_ptr<fb::TensorT> matrix(uint32_t outputs, uint32_t inputs) {
    return tensor({outputs, inputs}, 1.0f / std::sqrt(static_cast<float>(inputs)));
  }

  void add_table(fb::ModelT& model, const char* name, uint32_t rows, uint32_t width) {
    auto table = std::make_unique<fb::EmbeddingTableT>();
    table->name = name;
    table->weights = tensor({rows, width}, 0.5f);
    model.tables.push_back(std::move(table));
  }

  static std::unique_ptr<fb::FieldT> field(const char* name) {
    auto made = std::make_unique<fb::FieldT>();
    made->name = name;
    made->table = name;
    return made;
  }

  std::unique_ptr<fb::GruT> gru() {
    auto made = std::make_unique<fb::GruT>();
    made->reset = shape_.reset_before ? fb::Reset::BeforeProduct : fb::Reset::AfterProduct;
    made->input = matrix(3 * shape_.width, shape_.width);
    made->recurrent = matrix(3 * shape_.width, shape_.width);
    made->bias = tensor({3 * shape_.width}, 0.1f);
    return made;
  }

  std::unique_ptr<fb::ActivationT> activation(fb::ActivationKind kind, uint32_t units) {
    auto made = std::make_unique<fb::ActivationT>();
    made->kind = kind;
    if (kind == fb::ActivationKind::Dice) {
      made->alpha = tensor({units}, 0.2f);
      made->scale = tensor({units}, 1.0f);
      made->shift = tensor({units}, 0.1f);
    }
    return made;
  }

  std::unique_ptr<fb::DenseT> dense(uint32_t outputs, uint32_t inputs, fb::ActivationKind kind) {
    auto made = std::make_unique<fb::DenseT>();
    made->weight = matrix(outputs, inputs);
    made->bias = tensor({outputs}, 0.1f);
    if (kind != fb::ActivationKind::None) made->activation = activation(kind, outputs);
    return made;
  }

  std::unique_ptr<fb::AttentionT> attention() {
    auto made = std::make_unique<fb::AttentionT>();
    const uint32_t width = shape_.width;
    if (shape_.attention == AttentionShape::kBilinear) {
      made->kind = fb::AttentionKind::Bilinear;
      made->bilinear = matrix(width, width);
      return made;
    }
    made->kind = fb::AttentionKind::Mlp;
    made->pair = std::make_unique<fb::PairDenseT>();
    made->pair->query = matrix(80, width);
    made->pair->key = matrix(80, width);
    made->pair->product = matrix(80, width);
    made->pair->bias = tensor({80}, 0.1f);
    made->pair->activation = activation(fb::ActivationKind::Sigmoid, 80);
    made->layers.push_back(dense(40, 80, fb::ActivationKind::Sigmoid));
    made->layers.push_back(dense(1, 40, fb::ActivationKind::None));
    return made;
  }

  std::unique_ptr<fb::StackT> stack() {
    auto made = std::make_unique<fb::StackT>();
    made->name = "clicks";
    made->fields.push_back(field("item"));
    made->fields.push_back(field("category"));
    made->max_history = shape_.history;
    made->query = {"item", "category"};
    made->extractor.push_back(gru());
    made->attention = attention();
    made->result = fb::ResultKind::Evolution;
    made->evolution = std::make_unique<fb::EvolutionT>();
    made->evolution->form = shape_.reset_before ? fb::AugruForm::Lift : fb::AugruForm::Scale;
    made->evolution->cell = gru();
    return made;
  }

  static std::unique_ptr<fb::SlotT> slot(fb::SourceKind kind, const char* name) {
    auto made = std::make_unique<fb::SlotT>();
    made->source = std::make_unique<fb::SourceT>();
    made->source->kind = kind;
    made->source->name = name;
    return made;
  }

  std::unique_ptr<fb::HeadT> head() {
    auto made = std::make_unique<fb::HeadT>();
    made->slots.push_back(slot(fb::SourceKind::Feature, "user"));
    made->slots.push_back(slot(fb::SourceKind::Query, "clicks"));
    made->slots.push_back(slot(fb::SourceKind::Pooled, "clicks"));
    made->slots.push_back(slot(fb::SourceKind::Result, "clicks"));
    const uint32_t inputs = kUserWidth + 3 * shape_.width;
    made->layers.push_back(dense(200, inputs, fb::ActivationKind::Dice));
    made->layers.push_back(dense(80, 200, fb::ActivationKind::Dice));
    made->layers.push_back(dense(1, 80, fb::ActivationKind::None));
    return made;
  }

  ModelShape shape_;
  Random random_;
};

void check(augur_status status, const char* what) {
  if (status == AUGUR_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, augur_status_name(status));
  std::exit(1);
}

augur_column column(const char* name, const std::vector<int64_t>& ids) {
  return {sizeof(augur_column), name, ids.data(), nullptr, nullptr, ids.size(), nullptr, 0, 0};
}

}  // namespace

std::vector<uint8_t> random_model(const ModelShape& shape) {
  return Builder(shape).build();
}

RandomSession::RandomSession(const ModelShape& shape, uint32_t candidates,
                             const SessionShape& session)
    : RandomSession(shape, candidates, OpenFile{}) {
  create(session);
  set_user();
  rank();
}

RandomSession::RandomSession(const ModelShape& shape, uint32_t candidates, OpenFile file)
    : items_count_(shape.items), scores_(candidates) {
  if (file.fd < 0) file_ = random_model(shape);
  augur_error error = {};
  error.struct_size = sizeof error;
  const augur_status status =
      file.fd < 0 ? augur_model_open_buffer(file_.data(), file_.size(), nullptr, &model_, &error)
                  : augur_model_open_fd(file.fd, 0, 0, nullptr, &model_, &error);
  if (status != AUGUR_OK) {
    std::fprintf(stderr, "%s\n", error.message);
    std::exit(1);
  }
  Random random(2);
  const auto draw = [&](std::vector<int64_t>& items, std::vector<int64_t>& categories) {
    items.push_back(static_cast<int64_t>(1 + random.below(items_count_ - 1)));
    categories.push_back(static_cast<int64_t>(1 + random.below(kCategories - 1)));
  };
  for (uint32_t t = 0; t < shape.history; ++t)
    draw(clicked_items_, clicked_categories_);
  for (uint32_t i = 0; i < candidates; ++i)
    draw(items_, categories_);
}

void RandomSession::create(const SessionShape& shape) {
  augur_session_options options = {};
  options.struct_size = sizeof options;
  options.threads = shape.threads;
  options.tile = shape.tile;
  options.streaming = shape.streaming ? 1 : 0;
  bytes_ = augur_session_bytes(model_, &options);
  check(augur_session_create(model_, &options, nullptr, 0, &session_, nullptr), "session");
}

void RandomSession::set_user() {
  const std::vector<int64_t> user = {7};
  const augur_column feature = column("user", user);
  check(augur_session_set_feature(session_, &feature), "feature");
  const augur_column columns[] = {column("item", clicked_items_),
                                  column("category", clicked_categories_)};
  check(augur_session_set_history(session_, nullptr, columns, 2, clicked_items_.size()), "history");
}

RandomSession::~RandomSession() {
  augur_session_destroy(session_);
  augur_model_close(model_);
}

void RandomSession::append() {
  next_item_ = next_item_ % (items_count_ - 1) + 1;
  const std::vector<int64_t> item = {next_item_};
  const std::vector<int64_t> category = {1 + next_item_ % (kCategories - 1)};
  const augur_column columns[] = {column("item", item), column("category", category)};
  check(augur_session_append(session_, nullptr, columns, 2, 1), "append");
}

void RandomSession::rank() {
  const augur_column columns[] = {column("item", items_), column("category", categories_)};
  check(augur_rank(session_, columns, 2, scores_.size(), scores_.data(), nullptr), "rank");
}

}  // namespace augur::bench
