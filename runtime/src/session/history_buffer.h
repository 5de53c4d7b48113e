// What a session keeps of the app's input: the newest rows of a group of fields.
#pragma once

#include "session/input_columns.h"
#include "session/saved_bytes.h"

namespace augur {

// The events of a sequence or, in one row, the features. Ids are kept as ids, numbers and vectors
// as they are. A field of several ids keeps them if there are at most max_ids, so that they mean
// the same whichever rows the table has; more than that are kept as their pooled embedding. All
// rows have the same size.
class HistoryBuffer {
 public:
  // max_ids: how many ids a row keeps of a field.
  augur_status create(const FieldGroup& group, std::size_t capacity, std::size_t max_ids,
                      Arena& arena, Fault& error);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  const FieldGroup& group() const { return *group_; }

  void clear() { size_ = 0; }
  // Room for `rows` (at most the capacity) more rows; the oldest go.
  std::size_t make_room(std::size_t rows);
  // The current row of `columns` after the others; there must be room.
  void push(const InputColumns& columns);
  // Ids and numbers 0, no ids.
  void push_zeros();
  void set_field(std::size_t index, std::size_t f, const FieldValues& values);

  // out[group width]: a row's embedding.
  void embed(std::size_t index, float* out) const;

  // The form in a saved state, the same whatever the limits are. Row after row and field after
  // field: an id; the number of ids and they themselves or, where they were not kept, kNotKept, the
  // table's rows_hash and their pooled embedding; numbers.
  void save(SavedWriter& out) const;
  // Reads `count` rows. Without `take` only checks them, with it puts them in place of all that are
  // there; they must have been checked. Each id must be in its table, each number of the app's
  // finite.
  augur_status restore(SavedReader& in, std::size_t count, bool take, Fault& error);

 private:
  static constexpr std::uint32_t kNotKept = UINT32_MAX;

  unsigned char* cell(std::size_t index, std::size_t field) const {
    return rows_ + index * row_bytes_ + offsets_[field];
  }
  // Of a cell of several ids: how many, or kNotKept, and what comes after that.
  static std::uint32_t count_of(const unsigned char* cell);
  static void set_count(unsigned char* cell, std::uint32_t count);
  static unsigned char* contents(unsigned char* cell) { return cell + sizeof(std::int64_t); }
  std::size_t cell_bytes(const Field& field) const;
  augur_status restore_ids(SavedReader& in, const Field& field, unsigned char* to, Fault& error);
  augur_status does_not_fit(Fault& error) const;

  const FieldGroup* group_ = nullptr;
  Span<std::size_t> offsets_;
  unsigned char* rows_ = nullptr;
  std::size_t row_bytes_ = 0;
  std::size_t max_ids_ = 0;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace augur
