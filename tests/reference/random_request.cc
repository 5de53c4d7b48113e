// Random requests for a model.
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>

#include "reference/random_model.h"

namespace augur::reference {
namespace {

const fb::EmbeddingTableT* find_table(const fb::ModelT& model, const fb::FieldT& field) {
  for (const auto& table : model.tables) {
    if (table->name == field.table) return table.get();
  }
  return nullptr;
}

std::int64_t random_id(const fb::EmbeddingTableT& table, Generator& generator) {
  const auto rows = static_cast<std::int64_t>(table.weights->shape[0]);
  if (table.out_of_table != fb::OutOfTable::Error && generator.one_in(3)) {
    const std::int64_t outside[] = {-1,
                                    rows,
                                    std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(),
                                    static_cast<std::int64_t>(generator.next() >> 20),
                                    -static_cast<std::int64_t>(generator.next() >> 40) - 1};
    return outside[generator.below(std::size(outside))];
  }
  if (generator.one_in(8)) return generator.one_in(2) ? 0 : rows - 1;
  return static_cast<std::int64_t>(generator.below(static_cast<std::size_t>(rows)));
}

Cell random_cell(const fb::ModelT& model, const fb::FieldT& field, Generator& generator) {
  const fb::EmbeddingTableT* table = find_table(model, field);
  switch (field.kind) {
    case fb::FieldKind::Id:
      return {{random_id(*table, generator)}, {}};
    case fb::FieldKind::Ids: {
      Cell cell;
      const std::size_t count = generator.below(5);
      while (cell.ids.size() < count) {
        cell.ids.push_back(generator.one_in(4) ? 0 : random_id(*table, generator));
      }
      return cell;
    }
    case fb::FieldKind::Number:
      return {{}, {generator.symmetric(1.0)}};
    case fb::FieldKind::Vector:
      return {{}, generator.symmetric(1.0, field.dim)};
  }
  return {};
}

}  // namespace

Rows random_rows(const fb::ModelT& model, const std::vector<std::unique_ptr<fb::FieldT>>& fields,
                 Generator& generator, std::size_t count, const std::string& mask_field,
                 std::int64_t dropped) {
  Rows rows;
  rows.count = count;
  for (const auto& field : fields) {
    std::vector<Cell>& column = rows.columns[field->name];
    for (std::size_t row = 0; row < count; ++row) {
      column.push_back(random_cell(model, *field, generator));
      if (field->name == mask_field && generator.one_in(4)) column.back().ids = {dropped};
    }
  }
  return rows;
}

Request random_request(const fb::ModelT& model, Generator& generator, std::size_t events,
                       std::size_t candidates) {
  Request request;
  request.features = random_rows(model, model.features, generator, 1);
  for (const auto& stack : model.stacks) {
    std::int64_t dropped = 0;
    if (stack->mask == fb::MaskRule::NotPadding) {
      for (const auto& field : stack->fields)
        if (field->name == stack->mask_field) dropped = find_table(model, *field)->padding_row;
    }
    request.histories[stack->name] =
        random_rows(model, stack->fields, generator, events, stack->mask_field, dropped);
  }
  request.candidates = random_rows(model, model.candidate, generator, candidates);
  return request;
}

}  // namespace augur::reference
