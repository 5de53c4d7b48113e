// The app's columns, matched with the fields that the model declares, and checked before anything
// changes.
#pragma once

#include "memory/arena.h"
#include "network/embedding.h"

namespace augur {

// The arrays of one field's column.
struct BoundColumn {
  const std::int64_t* ids = nullptr;
  const augur_string* strings = nullptr;
  const float* values = nullptr;
  const std::uint32_t* counts = nullptr;
  bool rows = false;   // the ids are rows of the table
  bool given = false;  // the app gave this column
};

// What bind() checks beside the columns' shapes.
enum class Checks {
  kKeys,    // every number is finite, and no table refuses an id: looks all keys up
  kValues,  // every number is finite, and every id that is a row is in its table
  kShapes   // nothing: values are judged row by row, by embed()
};

class InputColumns {
 public:
  // Room for the widest group of the model's fields.
  augur_status create(std::size_t max_fields, Arena& arena, Fault& error);

  // Creates a second cursor, for another thread. After follow(), it iterates over the columns that
  // `from` has bound. `from` must not be bound again while this cursor is used.
  augur_status create_beside(const InputColumns& from, Arena& arena, Fault& error);
  void follow(const InputColumns& from);

  // Matches `columns` with the group's fields, and checks them: there must be one column for each
  // column that the fields read, `rows` rows long. On failure the message names the field, what was
  // expected and what came.
  augur_status bind(const FieldGroup& group, const augur_column* columns, std::size_t column_count,
                    std::size_t rows, Checks checks, Fault& error);

  // As bind(), for one column of one row, which is bound to the fields that read it.
  augur_status bind_one(const FieldGroup& group, const augur_column& column, Fault& error);

  // Whether the field has a column; only then may it be asked for.
  bool given(std::size_t field) const { return bound_[field].given; }

  std::size_t rows() const { return rows_; }
  std::size_t row() const { return row_; }  // the current one

  // Iterates over the rows: the functions below read the current row, next() moves to the next one.
  void rewind();
  void next() { skip(1); }
  void skip(std::size_t rows);

  // Of an AUGUR_ID or AUGUR_IDS field: how many ids the row has, and one of them. A string is
  // hashed.
  std::size_t id_count(std::size_t field) const {
    return group_->fields[field].kind == AUGUR_ID ? 1 : bound_[field].counts[row_];
  }
  Id id(std::size_t field, std::size_t index) const {
    return id_at(field, (group_->fields[field].kind == AUGUR_ID ? row_ : first_id_[field]) + index);
  }
  // Of other fields: numbers [the field's width].
  const float* numbers(std::size_t field) const {
    return bound_[field].values + row_ * group_->fields[field].width;
  }

  // out[group width]: the current row's embeddings side by side. Keys are looked up here. Fails if
  // one of its values cannot be used: AUGUR_OUT_OF_RANGE an id that its table refuses,
  // AUGUR_INVALID_ARGUMENT a number that is not finite.
  augur_status embed(float* out) const;
  // The same status, with a message that names the field, the value and its index.
  augur_status explain_row(Fault& error) const;

 private:
  augur_status find_column(const char* column, Fault& error) const;
  augur_status bind_column(const Field& field, const augur_column& column, BoundColumn* bound,
                           Fault& error) const;
  augur_status bind_ids(const Field& field, const augur_column& column, BoundColumn* bound,
                        Fault& error) const;
  augur_status check_length(const Field& field, const augur_column& column, std::size_t expected,
                            const char* unit, Fault& error) const;
  augur_status check_values(std::size_t field, const augur_column& column, Checks checks,
                            Fault& error) const;
  augur_status refuse_id(std::size_t field, std::size_t index, Fault& error) const;
  augur_status refuse_number(std::size_t field, std::size_t row, Fault& error) const;
  // index: in the whole column
  Id id_at(std::size_t field, std::size_t index) const {
    const BoundColumn& bound = bound_[field];
    if (bound.strings == nullptr) {
      return {static_cast<std::uint64_t>(bound.ids[index]), 0,
              bound.rows ? Id::Kind::kRow : Id::Kind::kKey};
    }
    const augur_string& key = bound.strings[index];
    return string_id(group_->fields[field], key.data, key.length);
  }

  const FieldGroup* group_ = nullptr;
  Span<BoundColumn> bound_;
  Span<std::size_t> first_id_;  // AUGUR_IDS: of the current row
  std::size_t row_ = 0;
  std::size_t rows_ = 0;
  bool judge_numbers_ = false;  // embed() checks that numbers are finite
};

}  // namespace augur
