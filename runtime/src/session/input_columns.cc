// Binds and checks columns, and iterates over their rows.
#include "session/input_columns.h"

#include <cmath>
#include <cstring>

#include "common/finite.h"
#include "common/utf8.h"
#include "session/given_columns.h"

namespace augur {
namespace {

constexpr std::size_t kShownBytes = 60;  // of a key, in messages

bool holds_ids(const Field& field) {
  return field.kind == AUGUR_ID || field.kind == AUGUR_IDS;
}

}  // namespace

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
  judge_numbers_ = from.judge_numbers_;
  rewind();
}

augur_status InputColumns::bind(const FieldGroup& group, const augur_column* columns,
                                std::size_t column_count, std::size_t rows, Checks checks,
                                Fault& error) {
  GivenColumns given;
  AUGUR_TRY(given.check(columns, column_count, group.description, error));
  group_ = &group;
  rows_ = rows;
  judge_numbers_ = checks == Checks::kShapes;
  for (std::size_t i = 0; i < column_count; ++i) {
    AUGUR_TRY(find_column(given[i].name, error));
    for (std::size_t j = 0; j < i; ++j) {
      if (std::strcmp(given[i].name, given[j].name) == 0) {
        return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s' is given twice",
                          group.description, given[i].name);
      }
    }
  }
  for (std::size_t f = 0; f < group.fields.size(); ++f) {
    const char* wanted = group.fields[f].column;
    std::size_t i = 0;
    while (i < column_count && std::strcmp(given[i].name, wanted) != 0)
      ++i;
    if (i < column_count) {
      AUGUR_TRY(bind_column(group.fields[f], given[i], &bound_[f], error));
      AUGUR_TRY(check_values(f, given[i], checks, error));
    } else if (rows > 0) {
      return error.fail(AUGUR_SHAPE_MISMATCH,
                        "%s: field '%s' is missing (the call is for %zu rows)", group.description,
                        wanted, rows);
    } else {
      bound_[f] = {};
    }
  }
  rewind();
  return AUGUR_OK;
}

augur_status InputColumns::bind_one(const FieldGroup& group, const augur_column& column,
                                    Fault& error) {
  GivenColumns given;
  AUGUR_TRY(given.check(&column, 1, group.description, error));
  group_ = &group;
  rows_ = 1;
  judge_numbers_ = false;
  const augur_column known = given[0];
  AUGUR_TRY(find_column(known.name, error));
  for (std::size_t f = 0; f < group.fields.size(); ++f) {
    bound_[f] = {};
    if (std::strcmp(group.fields[f].column, known.name) != 0) continue;
    AUGUR_TRY(bind_column(group.fields[f], known, &bound_[f], error));
    AUGUR_TRY(check_values(f, known, Checks::kKeys, error));
  }
  rewind();
  return AUGUR_OK;
}

augur_status InputColumns::find_column(const char* column, Fault& error) const {
  if (column == nullptr) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: a column has no name", group_->description);
  }
  for (const Field& field : group_->fields) {
    if (std::strcmp(field.column, column) == 0) return AUGUR_OK;
  }
  return error.fail(AUGUR_NOT_FOUND, "%s: the model has no field '%s' there", group_->description,
                    column);
}

augur_status InputColumns::check_length(const Field& field, const augur_column& column,
                                        std::size_t expected, const char* unit,
                                        Fault& error) const {
  if (column.length == expected) return AUGUR_OK;
  return error.fail(AUGUR_SHAPE_MISMATCH, "%s: field '%s' has %zu %s, expected %zu for %zu rows",
                    group_->description, field.column, column.length, unit, expected, rows_);
}

augur_status InputColumns::bind_column(const Field& field, const augur_column& column,
                                       BoundColumn* bound, Fault& error) const {
  *bound = {column.ids, column.strings, column.values, column.counts, false, true};
  const auto missing = [&](const char* member) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s' has no %s", group_->description,
                      field.column, member);
  };
  if (field.kind == AUGUR_ID) {
    AUGUR_TRY(check_length(field, column, rows_, "ids", error));
    return bind_ids(field, column, bound, error);
  }
  if (field.kind == AUGUR_IDS) {
    if (column.counts == nullptr && rows_ > 0) return missing("counts");
    // In 64 bits: a size_t of 32 bits, as on some phones, could wrap to a small number.
    std::uint64_t total = 0;
    for (std::size_t row = 0; row < rows_; ++row)
      total += column.counts[row];
    if (total != column.length) {
      return error.fail(AUGUR_SHAPE_MISMATCH,
                        "%s: field '%s' has %zu ids, expected %llu, the sum of its %zu counts",
                        group_->description, field.column, column.length,
                        static_cast<unsigned long long>(total), rows_);
    }
    return bind_ids(field, column, bound, error);
  }
  if (rows_ > SIZE_MAX / field.width) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: %zu rows are too many", group_->description,
                      rows_);
  }
  AUGUR_TRY(check_length(field, column, rows_ * field.width, "values", error));
  return column.values == nullptr && rows_ > 0 ? missing("values") : AUGUR_OK;
}

augur_status InputColumns::bind_ids(const Field& field, const augur_column& column,
                                    BoundColumn* bound, Fault& error) const {
  const EmbeddingTable& table = *field.table;
  const auto refuse = [&](const char* came, const char* expected) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "%s: field '%s' has %s; expected %s, as table '%s' has", group_->description,
                      field.column, came, expected, table.name);
  };
  if (column.id_form > AUGUR_IDS_KEYS) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s': id_form is %u, expected at most %u",
                      group_->description, field.column, column.id_form,
                      static_cast<unsigned>(AUGUR_IDS_KEYS));
  }
  const bool has_keys = table.key_type != AUGUR_KEY_ROW;
  if (column.id_form == AUGUR_IDS_KEYS && !has_keys) return refuse("keys (id_form)", "rows");
  bound->rows = column.id_form == AUGUR_IDS_ROWS || !has_keys;
  const bool wants_strings = !bound->rows && table.key_type == AUGUR_KEY_STRING;
  if (has_keys && bound->rows && column.strings != nullptr) {
    return error.fail(
        AUGUR_INVALID_ARGUMENT,
        "%s: field '%s' has strings, and id_form AUGUR_IDS_ROWS, which says that they "
        "are rows; give rows as integers, or keys without that form",
        group_->description, field.column);
  }
  if (!wants_strings && column.strings != nullptr)
    return refuse("strings", bound->rows ? "rows" : "integer keys");
  if (wants_strings && column.ids != nullptr) return refuse("integers", "strings");
  if (column.length == 0) return AUGUR_OK;
  if (wants_strings ? column.strings == nullptr : column.ids == nullptr) {
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s' has no %s", group_->description,
                      field.column, wants_strings ? "strings" : "ids");
  }
  for (std::size_t i = 0; wants_strings && i < column.length; ++i) {
    if (column.strings[i].data != nullptr || column.strings[i].length == 0) continue;
    return error.fail(AUGUR_INVALID_ARGUMENT, "%s: field '%s': the string at index %zu is NULL",
                      group_->description, field.column, i);
  }
  return AUGUR_OK;
}

augur_status InputColumns::check_values(std::size_t f, const augur_column& column, Checks checks,
                                        Fault& error) const {
  const Field& field = group_->fields[f];
  if (checks == Checks::kShapes) return AUGUR_OK;
  if (!holds_ids(field)) {
    for (std::size_t i = 0; i < column.length; ++i) {
      if (!std::isfinite(column.values[i])) return refuse_number(f, i / field.width, error);
    }
    return AUGUR_OK;
  }
  // Rows of a table with keys are always checked: its rule may be a hash, which is for keys.
  const bool rows_beside_keys = bound_[f].rows && field.id_form != IdForm::kRow;
  if (!can_refuse(field) && !rows_beside_keys) return AUGUR_OK;
  if (checks == Checks::kValues && !bound_[f].rows) return AUGUR_OK;
  for (std::size_t i = 0; i < column.length; ++i) {
    ResolvedId resolved;
    if (!resolve(field, id_at(f, i), &resolved)) return refuse_id(f, i, error);
  }
  return AUGUR_OK;
}

augur_status InputColumns::refuse_id(std::size_t f, std::size_t index, Fault& error) const {
  const Field& field = group_->fields[f];
  const EmbeddingTable& table = *field.table;
  const BoundColumn& bound = bound_[f];
  if (bound.rows) {
    return error.fail(AUGUR_OUT_OF_RANGE,
                      "%s: field '%s' has id %lld at index %zu; table '%s' holds the ids 0 to %u",
                      group_->description, field.column, static_cast<long long>(bound.ids[index]),
                      index, table.name, table.rows() - 1);
  }
  const bool hashed = field.hash != nullptr || table.keys == nullptr;
  const char* reason = hashed ? "its hash takes no such key" : "its vocabulary does not have it";
  if (table.key_type == AUGUR_KEY_INTEGER) {
    return error.fail(AUGUR_OUT_OF_RANGE,
                      "%s: field '%s' has key %lld at index %zu; table '%s': %s",
                      group_->description, field.column, static_cast<long long>(bound.ids[index]),
                      index, table.name, reason);
  }
  const augur_string& key = bound.strings[index];
  // Escaped here, because a message ends at a zero byte. Whole characters of the key are shown.
  char shown[4 * kShownBytes + 1];
  std::size_t read = 0;
  std::size_t used = 0;
  write_printable(key.length == 0 ? "" : key.data, key.length,
                  [&](const char* piece, std::size_t count) {
                    const bool escaped = count == 4 && piece[0] == '\\' && piece[1] == 'x';
                    const std::size_t bytes = escaped ? 1 : count;
                    if (read + bytes > kShownBytes) return false;
                    std::memcpy(shown + used, piece, count);
                    read += bytes;
                    used += count;
                    return true;
                  });
  shown[used] = '\0';
  const bool cut = read < key.length;
  return error.fail(
      AUGUR_OUT_OF_RANGE, "%s: field '%s' has key '%s'%s at index %zu; table '%s': %s",
      group_->description, field.column, shown, cut ? " (cut)" : "", index, table.name, reason);
}

augur_status InputColumns::refuse_number(std::size_t f, std::size_t row, Fault& error) const {
  return error.fail(AUGUR_INVALID_ARGUMENT,
                    "%s: field '%s' has a value that is not finite, in row %zu",
                    group_->description, group_->fields[f].column, row);
}

void InputColumns::rewind() {
  row_ = 0;
  for (std::size_t& first : first_id_)
    first = 0;
}

void InputColumns::skip(std::size_t rows) {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    if (group_->fields[f].kind != AUGUR_IDS || bound_[f].counts == nullptr) continue;
    for (std::size_t i = 0; i < rows; ++i)
      first_id_[f] += bound_[f].counts[row_ + i];
  }
  row_ += rows;
}

augur_status InputColumns::embed(float* out) const {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    const Field& field = group_->fields[f];
    float* to = out + field.offset;
    if (!holds_ids(field)) {
      if (judge_numbers_ && !all_finite(numbers(f), field.width)) return AUGUR_INVALID_ARGUMENT;
      std::memcpy(to, numbers(f), field.width * sizeof(float));
      continue;
    }
    IdEmbedding embedding(field, to);
    const std::size_t count = id_count(f);
    for (std::size_t i = 0; i < count; ++i) {
      ResolvedId resolved;
      if (!resolve(field, id(f, i), &resolved)) return AUGUR_OUT_OF_RANGE;
      embedding.add(resolved);
    }
    embedding.finish();
  }
  return AUGUR_OK;
}

augur_status InputColumns::explain_row(Fault& error) const {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    const Field& field = group_->fields[f];
    if (!holds_ids(field)) {
      if (!all_finite(numbers(f), field.width)) return refuse_number(f, row_, error);
      continue;
    }
    const std::size_t first = field.kind == AUGUR_ID ? row_ : first_id_[f];
    for (std::size_t i = 0; i < id_count(f); ++i) {
      ResolvedId resolved;
      if (!resolve(field, id_at(f, first + i), &resolved)) return refuse_id(f, first + i, error);
    }
  }
  return AUGUR_OK;
}

}  // namespace augur
