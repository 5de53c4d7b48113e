// Makes a golden model file, a request and its answers: make_golden PREFIX
//
// writes PREFIX.augur, PREFIX.request.jsonl and PREFIX.expected.jsonl. When that may be done:
// README.md here. The model has two stacks (a DIEN and a DIN), every kind of field and of rule for
// unknown ids, Dice, PReLU, products of slots and a calibration, at small widths.
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "reference/network.h"
#include "reference/random_model.h"
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

Json json_of(const fb::FieldT& field, const Cell& cell) {
  switch (field.kind) {
    case fb::FieldKind::Id:
      return cell.ids.at(0);
    case fb::FieldKind::Ids:
      return cell.ids;
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
    const std::vector<Cell>& cells = rows.columns.at(field->name);
    Json values = Json::array();
    for (const Cell& cell : cells)
      values.push_back(json_of(*field, cell));
    all[field->name] = one_row ? values.at(0) : values;
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

void make(const std::string& prefix) {
  const auto model = augur::reference::random_model(golden_spec());
  model->name = "golden";
  model->notes = {"a test's model; its weights are random"};
  const std::vector<std::uint8_t> file = augur::convert::pack_model(*model, "make_golden", "1");
  write(prefix + ".augur", file.data(), file.size());

  augur::reference::Generator generator(7);
  const augur::reference::Request request =
      augur::reference::random_request(*model, generator, 9, 8);
  Json json = {{"id", "golden"}, {"features", json_of(model->features, request.features, true)}};
  for (const auto& stack : model->stacks)
    json["history"][stack->name] = json_of(stack->fields, request.histories.at(stack->name), false);
  json["candidates"] = json_of(model->candidate, request.candidates, false);
  write_line(prefix + ".request.jsonl", json);

  Json logits = Json::array();
  for (const auto& trace : augur::reference::Network(*model).score(request))
    logits.push_back(trace.logit);
  write_line(prefix + ".expected.jsonl", {{"id", "golden"}, {"logits", logits}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_golden PREFIX\n", stderr);
    return 2;
  }
  try {
    make(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_golden: %s\n", error.what());
    return 1;
  }
  return 0;
}
