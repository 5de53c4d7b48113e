// What a session keeps of the app's input: the newest rows of a group of fields.
#pragma once

#include "session/input_columns.h"
#include "session/stored_id.h"

namespace augur {

// How a saved state is read.
struct RestoreRules {
  std::uint32_t version = 0;  // of the state's form
  bool same_model = false;    // it was saved with this model, not only with one of the same schema
};

// Holds the events of a sequence or, as one row, the features. Ids are kept as they were given,
// numbers and vectors as they are. A field of several ids keeps them if there are at most max_ids,
// so that they stay valid when the table gets other rows. If there are more, it keeps their pooled
// embedding. All rows have the same size.
class HistoryBuffer {
 public:
  // max_ids: the most ids that a row keeps of one field.
  augur_status create(const FieldGroup& group, std::size_t capacity, std::size_t max_ids,
                      Arena& arena, Fault& error);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  const FieldGroup& group() const { return *group_; }

  void clear() { first_ = size_ = 0; }
  void drop_newest() { --size_; }
  // Makes room for `rows` more rows (at most the capacity) by dropping the oldest.
  std::size_t make_room(std::size_t rows);
  // Appends the current row of `columns`; there must be room, and no table may refuse an id.
  void push(const InputColumns& columns);
  // Appends a row in which every id is 0, or the padding id where the table has keys, every number
  // 0, and fields of several ids have none.
  void push_empty();
  // Takes the field's value from the current row of `columns`.
  void set_field(std::size_t index, std::size_t f, const InputColumns& columns);

  // The row that stands for the id of an AUGUR_ID field.
  ResolvedId row_of_id(std::size_t index, std::size_t f) const;
  // out[group width]: a row's embedding.
  void embed(std::size_t index, float* out) const;

  // Writes the rows as a saved state holds them. The form does not depend on the session's limits.
  // Rows follow each other, and in a row its fields. A field of one id is saved as the id. A field
  // of several ids is saved as their number and the ids or, if the ids were not kept, as kNotKept,
  // the table's pooled_state() and the pooled embedding. Other fields are saved as their numbers.
  void save(SavedWriter& out) const;
  // Reads one row. Without `take` it only checks it: no table may refuse an id, and each number
  // that the app gave must be finite. With `take` the row, which must have been checked before, is
  // appended; *outside is increased by the number of its ids that the tables do not have.
  augur_status restore_row(SavedReader& in, const RestoreRules& rules, bool take,
                           std::size_t* outside, Fault& error);

 private:
  static constexpr std::uint32_t kNotKept = UINT32_MAX;

  // The rows are a ring: the first one may lie anywhere in their memory.
  unsigned char* row(std::size_t index) const {
    const std::size_t at = first_ + index;
    return rows_ + (at < capacity_ ? at : at - capacity_) * row_bytes_;
  }
  unsigned char* cell(std::size_t index, std::size_t field) const {
    return row(index) + offsets_[field];
  }
  // A cell of several ids begins with their number or kNotKept. contents() points behind it.
  static std::uint32_t count_of(const unsigned char* cell);
  static void set_count(unsigned char* cell, std::uint32_t count);
  static unsigned char* contents(unsigned char* cell) { return cell + sizeof(std::int64_t); }
  std::size_t cell_bytes(const Field& field) const;
  // Reads one field of a row into `to`, or only checks it if `to` is nullptr.
  augur_status restore_field(SavedReader& in, const RestoreRules& rules, const Field& field,
                             unsigned char* to, std::size_t* outside, Fault& error);
  augur_status restore_id(SavedReader& in, const RestoreRules& rules, const Field& field,
                          unsigned char* to, std::size_t* outside, Fault& error);
  augur_status restore_pooled(SavedReader& in, const RestoreRules& rules, const Field& field,
                              unsigned char* to, Fault& error);
  augur_status does_not_fit(Fault& error) const;

  const FieldGroup* group_ = nullptr;
  Span<std::size_t> offsets_;
  unsigned char* rows_ = nullptr;
  std::size_t row_bytes_ = 0;
  std::size_t max_ids_ = 0;
  std::size_t capacity_ = 0;
  std::size_t first_ = 0;  // where the oldest row lies
  std::size_t size_ = 0;
};

}  // namespace augur
