// Makes catalogues; see catalogue_days.h.
#include "runtime/support/catalogue_days.h"

#include <cstring>
#include <iterator>
#include <stdexcept>

#include "common/vocabulary.h"
#include "delta/make_delta.h"
#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/quantised_models.h"
#include "vocabulary/build.h"
#include "write/model_file.h"

namespace augur::testing {
namespace {

reference::ModelSpec spec() {
  reference::ModelSpec spec;
  spec.seed = 3;
  spec.candidate = {{fb::FieldKind::Vector, 3}};
  return spec;
}

fb::EmbeddingTableT& table_of(const fb::ModelT& model) {
  for (const auto& table : model.tables) {
    if (table->name == CatalogueDays::kTable) return *table;
  }
  throw std::runtime_error("the model has no item table");
}

// The model with the item table of that day.
std::unique_ptr<fb::ModelT> model_of(std::size_t day, fb::TensorType type) {
  auto model = reference::random_model(spec());
  fb::TensorT& rows = *table_of(*model).weights;
  const std::uint32_t dim = rows.shape[1];
  std::vector<float> values(rows.data.size() / sizeof(float));
  std::memcpy(values.data(), rows.data.data(), rows.data.size());
  for (std::size_t past = 1; past <= day; ++past) {
    const auto value = 0.01f * static_cast<float>(past);
    const std::size_t count = values.size() / dim;
    for (std::size_t k = 0; k < dim; ++k) {
      values[(1 + past % 3) * dim + k] += value * static_cast<float>(k + 1);
      values[(count - 1) * dim + k] -= value;
    }
    for (std::size_t k = 0; k < dim; ++k)
      values.push_back(value * static_cast<float>(k) - 0.2f);
  }
  table_of(*model).weights =
      reference::make_tensor(static_cast<std::uint32_t>(values.size() / dim), dim, values);
  convert::quantise_model(*model, precision(type, type, 0), [](std::uint64_t, std::uint64_t) {});
  return model;
}

// The list of these keys, as a file would give it.
convert::KeyFile key_file(const DayKeys& keys) {
  convert::KeyFile file;
  file.name = "keys.txt";
  for (const auto& [key, row] : keys)
    file.entries.push_back({key, row, static_cast<std::uint32_t>(file.entries.size() + 1)});
  return file;
}

std::unique_ptr<fb::VocabularyT> vocabulary_of(const DayKeys& keys, fb::KeyType type) {
  const bool text = type == fb::KeyType::String;
  std::vector<convert::VocabularyEntry> entries;
  for (const auto& [key, row] : keys) {
    const Hash128 hash = text ? hash_string(key.data(), key.size()) : hash_integer(std::stoll(key));
    entries.push_back({hash, row, key});
  }
  return std::make_unique<fb::VocabularyT>(convert::build_vocabulary(
      entries, type, text ? convert::kStringFingerprint : convert::kIntegerFingerprint));
}

// Replaces the rows of the item table by their keys.
void name_by_keys(const std::vector<std::unique_ptr<fb::FieldT>>& fields, reference::Rows* rows) {
  for (const auto& field : fields) {
    if (field->table != CatalogueDays::kTable) continue;
    for (reference::Cell& cell : rows->columns.at(field->name)) {
      for (std::int64_t& id : cell.ids)
        id = std::stoll(CatalogueDays::key_of(static_cast<std::uint32_t>(id)));
    }
  }
}

void require(augur_status status, const augur_error& error) {
  if (status != AUGUR_OK) throw std::runtime_error(error.message);
}

}  // namespace

CatalogueDays::CatalogueDays(fb::TensorType type, std::size_t days, fb::KeyType keys_type)
    : key_type_(keys_type) {
  const bool keyed = key_type_ != fb::KeyType::Row;
  std::vector<std::uint8_t> id;
  for (std::size_t day = 0; day < days; ++day) {
    whole_.push_back(model_of(day, type));
    const auto parts = model_of(day, type);
    table_of(*parts).key_type = key_type_;
    if (keyed) table_of(*parts).vocabulary = vocabulary_of(keys(day), key_type_);
    convert::TableRows rows = convert::take_rows(*parts, kTable);
    if (day == 0) {
      model = convert::pack_model(*parts, "test", "1");
      id = parts->id;
    }
    parts->id = id;
    sidecars.push_back(
        convert::pack_table(*parts, kTable, std::move(rows.weights), std::move(rows.vocabulary)));
    if (day == 0) continue;
    const convert::KeyFile before = key_file(keyed ? keys(day - 1) : DayKeys());
    const convert::KeyFile after = key_file(keyed ? keys(day) : DayKeys());
    deltas.push_back(convert::make_delta({"before", sidecars[day - 1]}, {"after", sidecars[day]},
                                         keyed ? &before : nullptr, keyed ? &after : nullptr)
                         .file);
  }
}

DayKeys CatalogueDays::keys(std::size_t day) const {
  const std::uint32_t rows = table_of(*whole_[day]).weights->shape[0];
  DayKeys keys = {{kMovedKey, day < 2 ? 1u : 2u}};
  for (std::uint32_t row = 0; row < rows; ++row)
    keys[key_of(row)] = row;
  for (std::size_t i = day; i < std::size(kRemovedKeys); ++i)
    keys[kRemovedKeys[i]] = 5;
  return keys;
}

reference::Request CatalogueDays::request(std::size_t day) const {
  reference::Generator generator(17);
  return reference::random_request(*whole_[day], generator, 20, 40);
}

std::vector<float> CatalogueDays::expected(std::size_t day) const {
  const std::vector<std::uint8_t> file = reference::pack(*whole_[day]);  // read in place
  const ModelHandle whole = open_model(file);
  augur_session* session = nullptr;
  augur_error error = empty_error();
  require(augur_session_create(whole.get(), nullptr, nullptr, 0, &session, &error), error);
  const SessionHandle handle(session);
  const reference::Request asked = request(day);
  set_user(session, *whole_[day], asked);
  return rank(session, *whole_[day], asked.candidates);
}

std::vector<float> CatalogueDays::logits(const augur_model* opened, std::size_t day) const {
  augur_session* session = nullptr;
  augur_error error = empty_error();
  require(augur_session_create(opened, nullptr, nullptr, 0, &session, &error), error);
  const SessionHandle handle(session);
  reference::Request asked = request(day);
  if (key_type_ == fb::KeyType::Integer) {
    name_by_keys(whole_[day]->candidate, &asked.candidates);
    for (const auto& stack : whole_[day]->stacks)
      name_by_keys(stack->fields, &asked.histories[stack->name]);
  }
  set_user(session, *whole_[day], asked);
  return rank(session, *whole_[day], asked.candidates);
}

ModelHandle open_model(const std::vector<std::uint8_t>& file, const augur_model_options* options) {
  augur_model* model = nullptr;
  augur_error error = empty_error();
  require(augur_model_open_buffer(file.data(), file.size(), options, &model, &error), error);
  return ModelHandle(model);
}

void attach_sidecar(const ModelHandle& model, const std::vector<std::uint8_t>& sidecar) {
  augur_error error = empty_error();
  require(augur_model_attach_table_buffer(model.get(), CatalogueDays::kTable, sidecar.data(),
                                          sidecar.size(), &error),
          error);
}

augur_status try_delta(const ModelHandle& model, const std::vector<std::uint8_t>& delta,
                       augur_error* error) {
  augur_table_source source = {};
  source.struct_size = sizeof(source);
  source.data = delta.data();
  source.bytes = delta.size();
  return augur_model_attach_delta(model.get(), CatalogueDays::kTable, &source, error);
}

void attach_delta(const ModelHandle& model, const std::vector<std::uint8_t>& delta) {
  augur_error error = empty_error();
  require(try_delta(model, delta, &error), error);
}

augur_table_info table_info(const ModelHandle& model, const std::string& table) {
  augur_table_info info = {};
  info.struct_size = sizeof(info);
  for (std::uint32_t i = 0; augur_model_get_table(model.get(), i, &info) == AUGUR_OK; ++i) {
    if (table == info.name) return info;
  }
  throw std::runtime_error("the model has no such table");
}

}  // namespace augur::testing
