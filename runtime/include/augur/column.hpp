// Keys and columns of augur.hpp: what a model's fields are given. Include augur/augur.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "augur/augur.h"

namespace augur {
// An inline namespace of its own, because the library's internal code uses the same names.
inline namespace cpp {

// ---- keys ----

// A string key: the caller's bytes, which are not copied and need not end with a zero byte.
using String = augur_string;

// From a literal, a std::string or a std::string_view, which must live until the call that the key
// is given to has returned.
[[nodiscard]] constexpr String key(std::string_view text) {
  return {text.data(), text.size()};
}

// Writes a key for each element of `texts`, a container of any of these, to `out`, which has room
// for as many.
template <typename Texts>
void keys(const Texts& texts, String* out) {
  for (const auto& text : texts)
    *out++ = key(text);
}

// ---- columns ----

// A column's name and its values. Both belong to the caller, and are read only during the call.
using Column = augur_column;

// A field of one id or one number a row, or of `width` numbers a row: any container of int64_t, of
// String (where the table has string keys) or of float, whose elements lie side by side.
template <typename Values>
[[nodiscard]] Column column(const char* field, const Values& values) {
  using Value = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(values))>>;
  Column made = {};
  made.struct_size = sizeof(Column);
  made.name = field;
  made.length = std::size(values);
  if constexpr (std::is_same_v<Value, float>) {
    made.values = std::data(values);
  } else if constexpr (std::is_same_v<Value, String>) {
    made.strings = std::data(values);
  } else {
    static_assert(std::is_same_v<Value, std::int64_t>,
                  "ids are int64_t or augur::String (augur::key makes one), numbers are float");
    made.ids = std::data(values);
  }
  return made;
}

// A field of several ids a row: the ids of all rows (int64_t or String), and each row's count
// (uint32_t).
template <typename Ids, typename Counts>
[[nodiscard]] Column column(const char* field, const Ids& ids, const Counts& counts) {
  Column made = column(field, ids);
  made.counts = std::data(counts);
  return made;
}

// The same column, whose integers are rows of the table, or keys of its vocabulary. Without these
// they are keys if the table has a key type, else rows.
[[nodiscard]] inline Column as_rows(Column column) {
  column.id_form = AUGUR_IDS_ROWS;
  return column;
}
[[nodiscard]] inline Column as_keys(Column column) {
  column.id_form = AUGUR_IDS_KEYS;
  return column;
}

// Several columns: {augur::column(...), ...}, an array or a vector of Column.
class Columns {
 public:
  Columns() = default;
  Columns(std::initializer_list<Column> columns) : size_(columns.size()) {
    data_ = columns.begin();  // lives until the call that it is written in returns
  }
  Columns(const Column* columns, std::size_t count) : data_(columns), size_(count) {}
  template <typename Container, typename = decltype(std::data(std::declval<const Container&>()))>
  Columns(const Container& columns) : data_(std::data(columns)), size_(std::size(columns)) {}

  [[nodiscard]] const Column* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  const Column* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cpp
}  // namespace augur
