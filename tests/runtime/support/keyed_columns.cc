// Keys in the place of rows.
#include "runtime/support/keyed_columns.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "support/keyed_models.h"

namespace augur::testing {
namespace {

void expect_ok(augur_session* session, augur_status status) {
  if (status != AUGUR_OK) throw std::runtime_error(augur_session_error(session));
}

}  // namespace

std::int64_t integer_key(std::int64_t row) {
  // Different rows have different keys, of both signs.
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(row) * 0x9E3779B97F4A7C15u + 7919);
}

std::string string_key(std::int64_t row) {
  return std::string(static_cast<std::size_t>(static_cast<std::uint64_t>(row) % 23), 'x') +
         "sku-\xc3\xa4" + std::to_string(integer_key(row));
}

void give_keys(fb::ModelT& model, fb::KeyType type, std::uint32_t salt) {
  for (const auto& table : model.tables) {
    const std::uint32_t size = table->weights->shape[0];
    std::vector<std::uint32_t> rows(size);
    std::iota(rows.begin(), rows.end(), 0u);
    if (type == fb::KeyType::String) {
      std::vector<std::string> keys;
      for (const std::uint32_t row : rows)
        keys.push_back(string_key((row + salt) % size));
      tools_test::add_vocabulary(*table, keys, rows);
    } else {
      std::vector<std::int64_t> keys;
      for (const std::uint32_t row : rows)
        keys.push_back(integer_key((row + salt) % size));
      tools_test::add_vocabulary(*table, keys, rows);
    }
  }
  model.format = 4;
}

KeyedColumns::KeyedColumns(const Fields& fields, const reference::Rows& rows, fb::KeyType type)
    : columns_(fields, rows) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    augur_column& column = columns_[i];
    const bool holds_ids = std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
      return field->name == column.name && !field->table.empty();
    });
    if (!holds_ids) continue;
    integers_.emplace_back();
    texts_.emplace_back();
    strings_.emplace_back();
    for (std::size_t k = 0; k < column.length; ++k) {
      integers_.back().push_back(integer_key(column.ids[k]));
      texts_.back().push_back(string_key(column.ids[k]));
    }
    for (const std::string& text : texts_.back())
      strings_.back().push_back({text.data(), text.size()});
    if (type == fb::KeyType::String) {
      column.ids = nullptr;
      column.strings = strings_.back().data();
    } else {
      column.ids = integers_.back().data();
    }
  }
}

void set_keyed_user(augur_session* session, const fb::ModelT& model,
                    const reference::Request& request, fb::KeyType type) {
  const KeyedColumns features(model.features, request.features, type);
  for (std::size_t i = 0; i < features.size(); ++i)
    expect_ok(session, augur_session_set_feature(session, features.data() + i));
  for (const auto& stack : model.stacks) {
    const auto found = request.histories.find(stack->name);
    if (found == request.histories.end()) continue;
    const KeyedColumns history(stack->fields, found->second, type);
    expect_ok(session, augur_session_set_history(session, stack->name.c_str(), history.data(),
                                                 history.size(), history.rows()));
  }
}

std::vector<float> rank_keyed(augur_session* session, const fb::ModelT& model,
                              const reference::Rows& candidates, fb::KeyType type) {
  const KeyedColumns columns(model.candidate, candidates, type);
  std::vector<float> logits(candidates.count);
  expect_ok(session, augur_rank(session, columns.data(), columns.size(), candidates.count, nullptr,
                                logits.data()));
  return logits;
}

}  // namespace augur::testing
