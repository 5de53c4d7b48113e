// What a session keeps of the app's input: the newest rows of a group of fields, as they came.
#pragma once

#include "session/columns.h"

namespace augur {

// Ids are kept as ids, numbers and vectors as they are, several ids as their pooled embedding
// (whose size does not depend on how many there were). One row is `row_bytes` long; this is also
// its form in a saved state.
class Records {
 public:
  augur_status create(const FieldGroup& group, std::size_t capacity, Arena& arena, Fault& error);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t row_bytes() const { return row_bytes_; }
  const FieldGroup& group() const { return *group_; }

  void clear() { size_ = 0; }
  // Room for `rows` (at most the capacity) more rows; the oldest go.
  std::size_t make_room(std::size_t rows);
  // The current row of `columns` after the others; there must be room.
  void push(const Columns& columns);
  // Ids and numbers 0.
  void push_zeros();
  void set_field(std::size_t index, std::size_t f, const FieldValues& values);

  // out[group width]: a row's embedding.
  void embed(std::size_t index, float* out) const;

  // All rows as they are kept, size() * row_bytes() bytes.
  const unsigned char* bytes() const { return rows_; }
  // `count` rows as bytes() gives them fit, and each id is in its table, each number of the app's
  // finite.
  bool can_load(const unsigned char* rows, std::size_t count) const;
  void load(const unsigned char* rows, std::size_t count);

 private:
  std::size_t offset_of(std::size_t field) const { return offsets_[field]; }
  unsigned char* row(std::size_t index) const { return rows_ + index * row_bytes_; }
  bool valid(const unsigned char* row) const;

  const FieldGroup* group_ = nullptr;
  Span<std::size_t> offsets_;
  unsigned char* rows_ = nullptr;
  std::size_t row_bytes_ = 0;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace augur
