// Makes a golden model file, a request and its answers: make_golden PREFIX KIND
//
// writes PREFIX.augur, PREFIX.request.jsonl and PREFIX.expected.jsonl. When that may be done:
// README.md here. KIND is 1, 2, 3, functions or keys.
//
// The model has two stacks (a DIEN and a DIN), every kind of field and of rule for unknown ids,
// Dice, PReLU, products of slots and a calibration, at small widths. For 2 its weights are fp16,
// one layer's int8, its tables int8, fp16 and int4. For 3 its ids outside a table are padding ids,
// both stacks have masks by the padding id, one keeps its oldest events, one has a window, and
// there is a third stack with the other form of window. For functions it is a regression, several
// ids are pooled by their largest values, and the layers have the activations of format 3. For keys
// it is another model: keyed_model.h describes it.
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "golden/keyed_model.h"
#include "quantise/quantise.h"
#include "reference/build.h"
#include "reference/embedding.h"
#include "reference/network.h"
#include "reference/random_model.h"
#include "runtime/support/handles.h"
#include "write/model_file.h"

namespace {

using augur::reference::Cell;
using augur::reference::ModelSpec;
using augur::reference::Rows;
using augur::reference::StackSpec;
using Json = nlohmann::ordered_json;
namespace fb = augur::fb;

ModelSpec golden_spec() {
  using Kind = fb::FieldKind;
  using Source = fb::SourceKind;
  ModelSpec spec;
  spec.seed = 20240601;
  spec.features = {{Kind::Id, 2}, {Kind::Vector, 2}};
  spec.candidate = {{Kind::Id, 2, fb::OutOfTable::Hash},
                    {Kind::Ids, 2, fb::OutOfTable::PaddingRow, fb::Pooling::Mean, true},
                    {Kind::Number, 1}};
  StackSpec dien;
  dien.fields = {{Kind::Id, 3}, {Kind::Number, 1}};
  dien.extractor = {4};
  dien.hidden = 4;
  StackSpec din;
  din.fields = {{Kind::Id, 3, fb::OutOfTable::PaddingRow}};
  din.mask = fb::MaskRule::NonZero;
  din.extractor = {};
  din.attention->kind = fb::AttentionKind::Mlp;
  din.attention->normalisation = fb::Normalisation::None;
  din.attention->units = {4};
  din.result = fb::ResultKind::AttentionPool;
  spec.stacks = {dien, din};
  spec.slots = {{{Source::Feature, 0}, {}},
                {{Source::Feature, 1}, {}},
                {{Source::Candidate, 0}, {}},
                {{Source::Candidate, 1}, {}},
                {{Source::Candidate, 2}, {}},
                {{Source::Query, 0}, {}},
                {{Source::Result, 0}, {}},
                {{Source::Result, 1}, {}},
                {{Source::Query, 1}, {{Source::Pooled, 1}}}};
  spec.head = {6, 3};
  spec.calibrated = true;
  return spec;
}

ModelSpec padded_spec() {
  ModelSpec spec = golden_spec();
  spec.candidate[1].out_of_table = fb::OutOfTable::PaddingId;
  spec.candidate[1].skip_zero = false;
  spec.candidate[1].skip_padding = true;
  for (StackSpec& stack : spec.stacks) {
    stack.fields[0].out_of_table = fb::OutOfTable::PaddingId;
    stack.mask = fb::MaskRule::NotPadding;
  }
  using Read = fb::WindowRead;
  constexpr auto kBefore = fb::WindowPadding::Before;
  spec.stacks[0].window = augur::reference::WindowSpec{0, Read::FirstEvents, kBefore, Read::All};
  spec.stacks[1].max_history = 4;
  spec.stacks[1].truncation = fb::Truncation::Oldest;
  StackSpec agru = spec.stacks[0];
  agru.max_history = 9;
  agru.evolution = fb::EvolutionKind::Agru;
  agru.window = augur::reference::WindowSpec{2, Read::FirstEvents, kBefore, Read::FirstEvents};
  spec.stacks.push_back(agru);
  spec.slots.push_back({{fb::SourceKind::Result, 2}, {}});
  return spec;
}

ModelSpec functions_spec() {
  ModelSpec spec = golden_spec();
  spec.candidate[1].pooling = fb::Pooling::Max;
  spec.stacks[1].attention->activation = fb::ActivationKind::Silu;
  spec.head = {6, 5, 6, 5, 6, 5};
  spec.output = fb::OutputKind::Identity;
  return spec;
}

// Each layer of the head gets an activation of its own.
void set_functions(fb::HeadT& head) {
  const auto set = [&head](std::size_t layer, fb::ActivationKind kind, float alpha) {
    auto activation = std::make_unique<fb::ActivationT>();
    activation->kind = kind;
    const std::uint32_t units = head.layers.at(layer)->weight->shape.at(0);
    if (alpha != 0)
      activation->alpha = augur::reference::make_tensor(std::vector<float>(units, alpha));
    head.layers[layer]->activation = std::move(activation);
  };
  set(0, fb::ActivationKind::Gelu, 0);
  set(1, fb::ActivationKind::GeluTanh, 0);
  set(2, fb::ActivationKind::Elu, 0);  // its alpha is 1
  set(3, fb::ActivationKind::Silu, 0);
  set(4, fb::ActivationKind::Prelu, 0.2f);  // leaky ReLU
  set(5, fb::ActivationKind::Elu, 0.75f);
}

std::unique_ptr<fb::ModelT> golden_model(const std::string& kind) {
  if (kind == "3") return augur::reference::random_model(padded_spec());
  if (kind == "functions") {
    auto model = augur::reference::random_model(functions_spec());
    set_functions(*model->head);
    return model;
  }
  return augur::reference::random_model(golden_spec());
}

augur::convert::Precision small_types() {
  augur::convert::Precision precision;
  precision.weights = fb::TensorType::F16;
  precision.embeddings = fb::TensorType::I8;
  precision.parts = {{"head.layers.1", fb::TensorType::I8},
                     {"tables.f0", fb::TensorType::F16},
                     {"tables.s1_f0", fb::TensorType::I4}};
  return precision;
}

Json json_of(const fb::FieldT& field, const Cell& cell) {
  const Json ids = cell.strings.empty() ? Json(cell.ids) : Json(cell.strings);
  switch (field.kind) {
    case fb::FieldKind::Id:
      return ids.at(0);
    case fb::FieldKind::Ids:
      return ids;
    case fb::FieldKind::Number:
      return cell.values.at(0);
    case fb::FieldKind::Vector:
      break;
  }
  return cell.values;
}

Json json_of(const std::vector<std::unique_ptr<fb::FieldT>>& fields, const Rows& rows,
             bool one_row) {
  Json all = Json::object();
  for (const auto& field : fields) {
    const std::string& column = augur::reference::column_of(*field);
    const std::vector<Cell>& cells = rows.columns.at(column);
    Json values = Json::array();
    for (const Cell& cell : cells)
      values.push_back(json_of(*field, cell));
    all[column] = one_row ? values.at(0) : values;
  }
  return all;
}

void write(const std::string& path, const void* data, std::size_t bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path);
}

void write_line(const std::string& path, const Json& json) {
  const std::string line = json.dump() + "\n";
  write(path, line.data(), line.size());
}

// The float64 reference's; in smaller types, which the reference does not compute in, the
// library's own.
Json logits_of(const fb::ModelT& model, const augur::reference::Vocabularies& vocabularies,
               const augur::reference::Request& request, const std::string& kind) {
  Json logits = Json::array();
  if (kind == "2") {
    const augur::testing::TestModel opened(std::make_unique<fb::ModelT>(model));
    const augur::testing::SessionHandle session = opened.session();
    augur::testing::set_user(session.get(), model, request);
    for (const float logit : augur::testing::rank(session.get(), model, request.candidates))
      logits.push_back(logit);
    return logits;
  }
  for (const auto& trace : augur::reference::Network(model, vocabularies).score(request))
    logits.push_back(trace.logit);
  return logits;
}

void make(const std::string& prefix, const std::string& kind) {
  const bool has_keys = kind == "keys";
  augur::golden::KeyedModel keyed;
  if (has_keys) {
    keyed = augur::golden::keyed_model();
  } else {
    keyed.model = golden_model(kind);
  }
  const auto& model = keyed.model;
  if (kind == "2")
    augur::convert::quantise_model(*model, small_types(), [](std::uint64_t, std::uint64_t) {});
  model->name = "golden";
  model->notes = {"a test's model; its weights are random"};
  const std::vector<std::uint8_t> file = augur::convert::pack_model(*model, "make_golden", "1");
  write(prefix + ".augur", file.data(), file.size());

  augur::reference::Generator generator(7);
  const augur::reference::Request request =
      has_keys ? augur::golden::keyed_request(keyed, generator, 9, 8)
               : augur::reference::random_request(*model, generator, 9, 8);
  Json json = {{"id", "golden"}, {"features", json_of(model->features, request.features, true)}};
  for (const auto& stack : model->stacks)
    json["history"][stack->name] = json_of(stack->fields, request.histories.at(stack->name), false);
  json["candidates"] = json_of(model->candidate, request.candidates, false);
  write_line(prefix + ".request.jsonl", json);

  write_line(prefix + ".expected.jsonl",
             {{"id", "golden"}, {"logits", logits_of(*model, keyed.vocabularies, request, kind)}});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[2] : "";
  if (kind != "1" && kind != "2" && kind != "3" && kind != "functions" && kind != "keys") {
    std::fputs("usage: make_golden PREFIX 1|2|3|functions|keys\n", stderr);
    return 2;
  }
  try {
    make(argv[1], kind);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_golden: %s\n", error.what());
    return 1;
  }
  return 0;
}
