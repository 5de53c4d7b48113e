// Binds and checks columns.
#include "session/input_columns.h"

#include <cmath>
#include <cstring>

#include "common/struct_size.h"

namespace augur {

augur_status GivenColumns::check(const augur_column* columns, std::size_t count,
                                 const char* description, Fault& error) {
  count_ = count;
  if (count == 0) return AUGUR_OK;
  if (columns == nullptr) return error.fail(AUGUR_INVALID_ARGUMENT, "columns is NULL");
  first_ = reinterpret_cast<const unsigned char*>(columns);
  step_ = columns->struct_size;
  // The first column's size is checked first, because it gives the distance between columns.
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned char* column = first_ + i * step_;
    std::size_t size = 0;
    std::memcpy(&size, column, sizeof(size));
    if (size != step_) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "%s: column %zu has struct_size %zu, the first has %zu; all of an array "
                        "must have the same",
                        description, i, size, step_);
    }
    augur_column known;
    AUGUR_TRY(read_struct(reinterpret_cast<const augur_column*>(column), &known, error));
  }
  return AUGUR_OK;
}

augur_column GivenColumns::operator[](std::size_t index) const {
  augur_column column = {};
  const std::size_t bytes = step_ < sizeof(column) ? step_ : sizeof(column);
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): check() refuses a null array
  std::memcpy(&column, first_ + index * step_, bytes);
  return column;
}

augur_status InputColumns::create(std::size_t max_fields, Arena& arena, Fault& error) {
  bound_ = arena.array<BoundColumn>(max_fields);
  first_id_ = arena.array<std::size_t>(max_fields);
  if (bound_.size() == max_fields && first_id_.size() == max_fields) return AUGUR_OK;
  return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
}

augur_status InputColumns::create_beside(const InputColumns& from, Arena& arena, Fault& error) {
  bound_ = from.bound_;
  first_id_ = arena.array<std::size_t>(bound_.size());
  if (first_id_.size() == bound_.size()) return AUGUR_OK;
  return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
}

void InputColumns::follow(const InputColumns& from) {
  group_ = from.group_;
  rows_ = from.rows_;
  rewind();
}

augur_status InputColumns::bind(const FieldGroup& group, const augur_column* columns,
                                std::size_t column_count, std::size_t rows, Checks /*checks*/,
                                Fault& error) {
  GivenColumns given;
  AUGUR_TRY(given.check(columns, column_count, group.description, error));
  group_ = &group;
  rows_ = rows;
  for (std::size_t i = 0; i < column_count; ++i) {
    std::size_t field = 0;
    AUGUR_TRY(find_field(group, given[i], &field, error));
    for (std::size_t j = 0; j < i; ++j) {
      if (std::strcmp(given[i].name, given[j].name) == 0) {
        return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s' is given twice",
                          group.description, given[i].name);
      }
    }
  }
  for (std::size_t f = 0; f < group.fields.size(); ++f) {
    std::size_t i = 0;
    while (i < column_count && std::strcmp(given[i].name, group.fields[f].name) != 0)
      ++i;
    if (i < column_count) {
      AUGUR_TRY(bind_column(group.fields[f], given[i], &bound_[f], error));
    } else if (rows > 0) {
      return error.fail(AUGUR_SHAPE_MISMATCH,
                        "%s: field '%s' is missing (the call is for %zu rows)", group.description,
                        group.fields[f].name, rows);
    } else {
      bound_[f] = {};
    }
  }
  rewind();
  return AUGUR_OK;
}

augur_status InputColumns::bind_field(const FieldGroup& group, const augur_column& column,
                                      std::size_t* field, Fault& error) {
  GivenColumns given;
  AUGUR_TRY(given.check(&column, 1, group.description, error));
  group_ = &group;
  rows_ = 1;
  AUGUR_TRY(find_field(group, given[0], field, error));
  AUGUR_TRY(bind_column(group.fields[*field], given[0], &bound_[*field], error));
  rewind();
  return AUGUR_OK;
}

augur_status InputColumns::find_field(const FieldGroup& group, const augur_column& column,
                                      std::size_t* field, Fault& error) const {
  if (column.name == nullptr) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: a column has no name", group.description);
  }
  *field = group.find(column.name);
  if (*field != group.fields.size()) return AUGUR_OK;
  return error.fail(AUGUR_NOT_FOUND, "%s: the model has no field '%s' there", group.description,
                    column.name);
}

augur_status InputColumns::check_length(const Field& field, const augur_column& column,
                                        std::size_t expected, const char* unit,
                                        Fault& error) const {
  if (column.length == expected) return AUGUR_OK;
  return error.fail(AUGUR_SHAPE_MISMATCH, "%s: field '%s' has %zu %s, expected %zu for %zu rows",
                    group_->description, field.name, column.length, unit, expected, rows_);
}

augur_status InputColumns::bind_column(const Field& field, const augur_column& column,
                                       BoundColumn* bound, Fault& error) const {
  *bound = {column.ids, column.values, column.counts};
  const auto missing = [&](const char* member) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s' has no %s", group_->description,
                      field.name, member);
  };
  switch (field.kind) {
    case AUGUR_ID:
      AUGUR_TRY(check_length(field, column, rows_, "ids", error));
      if (column.ids == nullptr && rows_ > 0) return missing("ids");
      return check_ids(field, column, error);
    case AUGUR_IDS: {
      if (column.counts == nullptr && rows_ > 0) return missing("counts");
      // In 64 bits: a size_t of 32 bits, as on some phones, could wrap to a small number.
      std::uint64_t total = 0;
      for (std::size_t row = 0; row < rows_; ++row)
        total += column.counts[row];
      if (total != column.length) {
        return error.fail(AUGUR_SHAPE_MISMATCH,
                          "%s: field '%s' has %zu ids, expected %llu, the sum of its %zu counts",
                          group_->description, field.name, column.length,
                          static_cast<unsigned long long>(total), rows_);
      }
      if (column.ids == nullptr && total > 0) return missing("ids");
      return check_ids(field, column, error);
    }
    case AUGUR_NUMBER:
    case AUGUR_VECTOR:
      break;
  }
  if (rows_ > SIZE_MAX / field.width) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: %zu rows are too many", group_->description,
                      rows_);
  }
  AUGUR_TRY(check_length(field, column, rows_ * field.width, "values", error));
  if (column.values == nullptr && rows_ > 0) return missing("values");
  for (std::size_t i = 0; i < column.length; ++i) {
    if (!std::isfinite(column.values[i])) {
      return error.fail(AUGUR_INVALID_ARGUMENT,
                        "%s: field '%s' has a value that is not finite, in row %zu",
                        group_->description, field.name, i / field.width);
    }
  }
  return AUGUR_OK;
}

augur_status InputColumns::check_ids(const Field& field, const augur_column& column,
                                     Fault& error) const {
  for (std::size_t i = 0; i < column.length; ++i) {
    std::uint32_t row = 0;
    if (!find_row(*field.table, column.ids[i], &row)) {
      return error.fail(AUGUR_OUT_OF_RANGE,
                        "%s: field '%s' has id %lld at index %zu; table '%s' holds the ids 0 to %u",
                        group_->description, field.name, static_cast<long long>(column.ids[i]), i,
                        field.table->name, field.table->rows() - 1);
    }
  }
  return AUGUR_OK;
}

void InputColumns::rewind() {
  row_ = 0;
  for (std::size_t& first : first_id_)
    first = 0;
}

void InputColumns::next() {
  skip(1);
}

void InputColumns::skip(std::size_t rows) {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    if (group_->fields[f].kind != AUGUR_IDS) continue;
    for (std::size_t i = 0; i < rows; ++i)
      first_id_[f] += bound_[f].counts[row_ + i];
  }
  row_ += rows;
}

FieldValues InputColumns::values(std::size_t f) const {
  const Field& field = group_->fields[f];
  const BoundColumn& column = bound_[f];
  switch (field.kind) {
    case AUGUR_ID:
      return {column.ids + row_, 1, nullptr};
    case AUGUR_IDS:
      return {column.ids + first_id_[f], column.counts[row_], nullptr};
    case AUGUR_NUMBER:
    case AUGUR_VECTOR:
      break;
  }
  return {nullptr, 0, column.values + row_ * field.width};
}

augur_status InputColumns::embed(float* out) const {
  for (std::size_t f = 0; f < group_->fields.size(); ++f)
    augur::embed(group_->fields[f], values(f), out + group_->fields[f].offset);
  return AUGUR_OK;
}

}  // namespace augur
