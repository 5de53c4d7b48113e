// From ids and numbers to vectors: tables, fields, and rows of fields.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "reference/keys.h"
#include "reference/matrix.h"
#include "reference/request.h"

namespace augur::reference {

using Tables = std::vector<std::unique_ptr<fb::EmbeddingTableT>>;
using Fields = std::vector<std::unique_ptr<fb::FieldT>>;

// The row that stands for an id.
struct ResolvedId {
  std::size_t row = 0;
  bool known = true;  // false: the id never equals the padding id or 0, whatever row it reads

  bool is(std::size_t other) const { return known && row == other; }
};

// Embeds fields with the model's tables, which must outlive it.
class Embedding {
 public:
  explicit Embedding(const Tables& tables, const Vocabularies& vocabularies = {})
      : tables_(tables), vocabularies_(vocabularies) {}

  // The row of the cell's id at `index`.
  // std::out_of_range if the table's rule refuses the id.
  ResolvedId resolve(const fb::FieldT& field, const Cell& cell, std::size_t index) const;

  Vector embed(const fb::FieldT& field, const Cell& cell) const;
  // The embedding of a padded step: the tables' padding rows; numbers are 0.
  Vector padding(const fb::FieldT& field) const;

  // All fields of one row, one after the other.
  Vector embed(const Fields& fields, const Rows& rows, std::size_t row) const;
  Vector padding(const Fields& fields) const;

  const fb::EmbeddingTableT& table(const fb::FieldT& field) const;

 private:
  const Keys* keys_of(const fb::EmbeddingTableT& table) const;

  const Tables& tables_;
  Vocabularies vocabularies_;
};

// The column that the field reads.
const std::string& column_of(const fb::FieldT& field);

// The field called `name`; std::invalid_argument if there is none.
const fb::FieldT& find_field(const Fields& fields, const std::string& name);

// The cell of the field's column. If it is absent: no ids, or zeros. (A field of kind Id takes that
// as id 0, or as the padding id of a table with keys.)
Cell cell_or_zero(const fb::FieldT& field, const Rows& rows, std::size_t row);

}  // namespace augur::reference
