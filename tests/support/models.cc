// Small models with random weights; see models.h.
#include "support/models.h"

#include <string>
#include <utility>

#include "reference/build.h"

namespace augur::tools_test {
namespace {

using reference::make_field;
using reference::make_slot;
using reference::make_tensor;

// Numbers in [-1, 1), the same on every machine.
class Weights {
 public:
  std::vector<float> take(size_t count) {
    std::vector<float> values;
    for (size_t i = 0; i < count; ++i) {
      state_ = state_ * 1664525u + 1013904223u;
      values.push_back(static_cast<float>(state_ >> 8) * 0x1p-23f - 1);
    }
    return values;
  }
  std::unique_ptr<fb::TensorT> matrix(uint32_t rows, uint32_t columns) {
    return make_tensor(rows, columns, take(size_t{rows} * columns));
  }

 private:
  uint32_t state_ = 20;
};

std::unique_ptr<fb::EmbeddingTableT> make_table(const std::string& name, uint32_t rows,
                                                uint32_t width, Weights& weights) {
  auto table = std::make_unique<fb::EmbeddingTableT>();
  table->name = name;
  table->weights = weights.matrix(rows, width);
  return table;
}

std::unique_ptr<fb::DenseT> make_dense(uint32_t outputs, uint32_t inputs, Weights& weights,
                                       fb::ActivationKind kind) {
  auto dense = std::make_unique<fb::DenseT>();
  dense->weight = weights.matrix(outputs, inputs);
  dense->bias = make_tensor(weights.take(outputs));
  if (kind != fb::ActivationKind::None) {
    dense->activation = std::make_unique<fb::ActivationT>();
    dense->activation->kind = kind;
  }
  return dense;
}

std::unique_ptr<fb::GruT> make_gru(uint32_t units, uint32_t inputs, Weights& weights) {
  auto gru = std::make_unique<fb::GruT>();
  gru->input = weights.matrix(3 * units, inputs);
  gru->recurrent = weights.matrix(3 * units, units);
  gru->bias = make_tensor(weights.take(size_t{3} * units));
  return gru;
}

std::unique_ptr<fb::HeadT> make_head(std::vector<std::unique_ptr<fb::SlotT>> slots, uint32_t inputs,
                                     uint32_t units, Weights& weights) {
  auto head = std::make_unique<fb::HeadT>();
  head->slots = std::move(slots);
  head->layers.push_back(make_dense(units, inputs, weights, fb::ActivationKind::Relu));
  head->layers.push_back(make_dense(1, units, weights, fb::ActivationKind::None));
  return head;
}

std::unique_ptr<fb::FieldT> make_vector(const std::string& name, uint32_t width) {
  auto field = make_field(name, fb::FieldKind::Vector);
  field->dim = width;
  return field;
}

}  // namespace

std::unique_ptr<fb::ModelT> small_dien() {
  auto model = dien({});
  model->name = "small dien";
  return model;
}

std::unique_ptr<fb::ModelT> dien(const DienSize& size) {
  Weights weights;
  auto model = std::make_unique<fb::ModelT>();
  model->name = "dien";
  model->notes = {"made for tests"};
  model->tables.push_back(make_table("users", 5, 2, weights));
  model->tables.push_back(make_table("items", size.items, size.item_width, weights));
  model->tables.push_back(make_table("categories", 4, size.category_width, weights));
  model->features.push_back(make_field("user", fb::FieldKind::Id, "users"));
  const uint32_t width = size.item_width + size.category_width;
  auto stack = std::make_unique<fb::StackT>();
  stack->name = "clicks";
  stack->max_history = size.history;
  for (auto* fields : {&model->candidate, &stack->fields}) {
    fields->push_back(make_field("item", fb::FieldKind::Id, "items"));
    fields->push_back(make_field("category", fb::FieldKind::Id, "categories"));
  }
  stack->query = {"item", "category"};
  stack->extractor.push_back(make_gru(size.units, width, weights));
  stack->attention = std::make_unique<fb::AttentionT>();
  stack->attention->bilinear = weights.matrix(size.units, width);
  stack->evolution = std::make_unique<fb::EvolutionT>();
  stack->evolution->cell = make_gru(size.units, size.units, weights);
  model->stacks.push_back(std::move(stack));
  std::vector<std::unique_ptr<fb::SlotT>> slots;
  slots.push_back(make_slot(fb::SourceKind::Feature, "user"));
  slots.push_back(make_slot(fb::SourceKind::Query, "clicks"));
  slots.push_back(make_slot(fb::SourceKind::Result, "clicks"));
  model->head = make_head(std::move(slots), 2 + width + size.units, size.head_units, weights);
  return model;
}

std::unique_ptr<fb::ModelT> every_kind() {
  Weights weights;
  auto model = std::make_unique<fb::ModelT>();
  model->name = "every kind";
  model->tables.push_back(make_table("items", 10, 3, weights));
  model->tables.push_back(make_table("tags", 6, 2, weights));
  model->features.push_back(make_field("age", fb::FieldKind::Number));
  model->features.push_back(make_field("tags", fb::FieldKind::Ids, "tags"));
  model->features.push_back(make_vector("face", 3));

  auto clicks = std::make_unique<fb::StackT>();
  clicks->name = "clicks";
  clicks->max_history = 5;
  clicks->fields.push_back(make_field("item", fb::FieldKind::Id, "items"));
  clicks->query = {"item"};
  clicks->attention = std::make_unique<fb::AttentionT>();
  clicks->attention->kind = fb::AttentionKind::Dot;
  clicks->result = fb::ResultKind::AttentionPool;

  auto skips = std::make_unique<fb::StackT>();
  skips->name = "skips";
  skips->max_history = 3;
  skips->result = fb::ResultKind::SumPool;
  model->candidate.push_back(make_field("item", fb::FieldKind::Id, "items"));
  for (auto* fields : {&model->candidate, &skips->fields}) {
    fields->push_back(make_field("tags", fb::FieldKind::Ids, "tags"));
    fields->push_back(make_field("price", fb::FieldKind::Number));
    fields->push_back(make_vector("look", 2));
  }
  model->stacks.push_back(std::move(clicks));
  model->stacks.push_back(std::move(skips));

  std::vector<std::unique_ptr<fb::SlotT>> slots;
  uint32_t inputs = 0;
  const auto add = [&](fb::SourceKind kind, const char* name, uint32_t width) {
    slots.push_back(make_slot(kind, name));
    inputs += width;
  };
  add(fb::SourceKind::Feature, "age", 1);
  add(fb::SourceKind::Feature, "tags", 2);
  add(fb::SourceKind::Feature, "face", 3);
  add(fb::SourceKind::Candidate, "item", 3);
  add(fb::SourceKind::Candidate, "tags", 2);
  add(fb::SourceKind::Candidate, "price", 1);
  add(fb::SourceKind::Candidate, "look", 2);
  add(fb::SourceKind::Result, "clicks", 3);
  add(fb::SourceKind::Result, "skips", 5);
  model->head = make_head(std::move(slots), inputs, 4, weights);
  return model;
}

PartedModel parted_dien(uint8_t model_states, uint8_t table_states) {
  const auto model = small_dien();
  fb::EmbeddingTableT& items = *model->tables[1];
  fb::TableFileT file;
  file.name = items.name;
  file.weights = std::move(items.weights);
  if (table_states != 0) file.rows_hash.assign(32, table_states);
  items.external = true;
  items.weights = make_tensor(0, 3, {});
  if (model_states != 0) items.rows_hash.assign(32, model_states);
  PartedModel parts;
  parts.model = packed(*model);
  file.model_id = reference::unpack(parts.model)->id;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::TableFile::Pack(builder, &file), "AUGT");
  parts.table.assign(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  return parts;
}

std::vector<uint8_t> packed(const fb::ModelT& model) {
  return reference::pack(model);
}

}  // namespace augur::tools_test
