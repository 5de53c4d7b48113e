// The app's columns, matched with the fields that the model declares, and checked before anything
// changes.
#pragma once

#include "memory/arena.h"
#include "network/embedding.h"

namespace augur {

// The arrays of one field's column.
struct BoundColumn {
  const std::int64_t* ids = nullptr;
  const float* values = nullptr;
  const std::uint32_t* counts = nullptr;
};

// The caller's array of columns. They are struct_size bytes apart, which may differ from sizeof
// here if the caller was compiled with another version of the header.
class GivenColumns {
 public:
  // Checks that every column can be read, and that all have the same struct_size.
  augur_status check(const augur_column* columns, std::size_t count, const char* description,
                     Fault& error);
  std::size_t size() const { return count_; }
  augur_column operator[](std::size_t index) const;

 private:
  const unsigned char* first_ = nullptr;
  std::size_t count_ = 0;
  std::size_t step_ = 0;
};

// What bind() checks beside the columns' shapes.
enum class Checks {
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
  // field, `rows` rows long. On failure the message names the field, what was expected and what
  // came.
  augur_status bind(const FieldGroup& group, const augur_column* columns, std::size_t column_count,
                    std::size_t rows, Checks checks, Fault& error);

  // As bind(), for one column of one row; *field is the index of its field.
  augur_status bind_field(const FieldGroup& group, const augur_column& column, std::size_t* field,
                          Fault& error);

  std::size_t rows() const { return rows_; }
  std::size_t row() const { return row_; }  // the current one

  // Iterates over the rows: values() reads the current row, next() moves to the next one.
  void rewind();
  void next();
  void skip(std::size_t rows);
  FieldValues values(std::size_t field) const;
  // out[group width]: the current row's embeddings side by side. Fails if one of its values cannot
  // be used: AUGUR_OUT_OF_RANGE an id that its table refuses, AUGUR_INVALID_ARGUMENT a number that
  // is not finite.
  augur_status embed(float* out) const;
  // The same status, with a message that names the field, the value and the row.
  augur_status explain_row(Fault& error) const;

 private:
  augur_status find_field(const FieldGroup& group, const augur_column& column, std::size_t* field,
                          Fault& error) const;
  augur_status bind_column(const Field& field, const augur_column& column, BoundColumn* bound,
                           Fault& error) const;
  augur_status check_ids(const Field& field, const augur_column& column, Fault& error) const;
  augur_status check_length(const Field& field, const augur_column& column, std::size_t expected,
                            const char* unit, Fault& error) const;

  const FieldGroup* group_ = nullptr;
  Span<BoundColumn> bound_;
  Span<std::size_t> first_id_;  // AUGUR_IDS: of the current row
  std::size_t row_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace augur
