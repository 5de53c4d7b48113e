// From ids and numbers to vectors: tables, fields, and rows of fields.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "reference/matrix.h"
#include "reference/request.h"

namespace augur::reference {

using Tables = std::vector<std::unique_ptr<fb::EmbeddingTableT>>;
using Fields = std::vector<std::unique_ptr<fb::FieldT>>;

// One output of the generator SplitMix64 for the state x.
std::uint64_t splitmix64(std::uint64_t x);

// The row that stands for `id` under the table's rule; std::out_of_range where that rule is Error.
std::size_t table_row(const fb::EmbeddingTableT& table, std::int64_t id);

// Whether the id is the table's padding id, an unknown one by the rule PaddingId included.
bool is_padding(const fb::EmbeddingTableT& table, std::int64_t id);
// What masks compare with 0: the id, or the padding id for an unknown id by the rule PaddingId.
std::int64_t known_id(const fb::EmbeddingTableT& table, std::int64_t id);

// Embeds fields with the model's tables, which must outlive it.
class Embedding {
 public:
  explicit Embedding(const Tables& tables) : tables_(tables) {}

  Vector embed(const fb::FieldT& field, const Cell& cell) const;
  // The embedding of a padded step: the tables' padding rows; numbers are 0.
  Vector padding(const fb::FieldT& field) const;

  // All fields of one row, one after the other.
  Vector embed(const Fields& fields, const Rows& rows, std::size_t row) const;
  Vector padding(const Fields& fields) const;

  const fb::EmbeddingTableT& table(const fb::FieldT& field) const;

 private:
  const Tables& tables_;
};

// The field called `name`; std::invalid_argument if there is none.
const fb::FieldT& find_field(const Fields& fields, const std::string& name);

// The cell of a column, or zeros (id 0, no ids, number 0) if the column is absent.
Cell cell_or_zero(const fb::FieldT& field, const Rows& rows, std::size_t row);

}  // namespace augur::reference
