// Stores, saves and restores rows of input.
#include "session/history_buffer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "session/rows_hash.h"

namespace augur {
namespace {

constexpr std::size_t kAligned = sizeof(std::int64_t);

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAligned - 1) / kAligned * kAligned;
}

}  // namespace

augur_status HistoryBuffer::create(const FieldGroup& group, std::size_t capacity,
                                   std::size_t max_ids_per_event, Arena& arena, Fault& error) {
  group_ = &group;
  capacity_ = capacity;
  max_ids_ = max_ids_per_event;
  offsets_ = arena.array<std::size_t>(group.fields.size());
  if (offsets_.size() != group.fields.size())
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  // Ids come first, so that they are aligned in every row, whatever the fields' order.
  for (const bool ids : {true, false}) {
    for (std::size_t f = 0; f < group.fields.size(); ++f) {
      const Field& field = group.fields[f];
      if ((field.kind == AUGUR_ID || field.kind == AUGUR_IDS) != ids) continue;
      offsets_[f] = row_bytes_;
      row_bytes_ += cell_bytes(field);
    }
  }
  row_bytes_ = aligned(row_bytes_);
  rows_ = reinterpret_cast<unsigned char*>(arena.reserve(capacity, row_bytes_ / sizeof(float)));
  return AUGUR_OK;
}

std::size_t HistoryBuffer::cell_bytes(const Field& field) const {
  const std::size_t floats = field.width * sizeof(float);
  switch (field.kind) {
    case AUGUR_ID:
      return stored_id_bytes(field);
    case AUGUR_IDS:
      return kAligned + std::max(max_ids_ * stored_id_bytes(field), aligned(floats));
    case AUGUR_NUMBER:
    case AUGUR_VECTOR:
      break;
  }
  return floats;
}

std::uint32_t HistoryBuffer::count_of(const unsigned char* cell) {
  std::uint32_t count;
  std::memcpy(&count, cell, sizeof(count));
  return count;
}

void HistoryBuffer::set_count(unsigned char* cell, std::uint32_t count) {
  std::memcpy(cell, &count, sizeof(count));
}

std::size_t HistoryBuffer::make_room(std::size_t rows) {
  if (size_ + rows <= capacity_) return 0;
  const std::size_t dropped = size_ + rows - capacity_;
  first_ = (first_ + dropped) % capacity_;
  size_ -= dropped;
  return dropped;
}

void HistoryBuffer::push(const InputColumns& columns) {
  std::memset(row(size_++), 0, row_bytes_);
  for (std::size_t f = 0; f < group_->fields.size(); ++f)
    set_field(size_ - 1, f, columns);
}

void HistoryBuffer::push_empty() {
  std::memset(row(size_++), 0, row_bytes_);
  Id padding;
  padding.kind = Id::Kind::kPadding;
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    const Field& field = group_->fields[f];
    if (field.kind == AUGUR_ID && field.id_form != IdForm::kRow)
      store_id(field, padding, cell(size_ - 1, f));
  }
}

void HistoryBuffer::set_field(std::size_t index, std::size_t f, const InputColumns& columns) {
  const Field& field = group_->fields[f];
  unsigned char* to = cell(index, f);
  if (field.kind == AUGUR_ID) {
    store_id(field, columns.id(f, 0), to);
    return;
  }
  if (field.kind != AUGUR_IDS) {
    std::memcpy(to, columns.numbers(f), field.width * sizeof(float));
    return;
  }
  const std::size_t count = columns.id_count(f);
  if (count <= max_ids_) {
    set_count(to, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i)
      store_id(field, columns.id(f, i), contents(to) + i * stored_id_bytes(field));
    return;
  }
  set_count(to, kNotKept);
  IdEmbedding pooled(field, reinterpret_cast<float*>(contents(to)));
  for (std::size_t i = 0; i < count; ++i) {
    ResolvedId resolved;
    if (resolve(field, columns.id(f, i), &resolved)) pooled.add(resolved);
  }
  pooled.finish();
}

ResolvedId HistoryBuffer::row_of_id(std::size_t index, std::size_t f) const {
  return stored_row(group_->fields[f], cell(index, f));
}

void HistoryBuffer::embed(std::size_t index, float* out) const {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    const Field& field = group_->fields[f];
    unsigned char* from = cell(index, f);
    float* to = out + field.offset;
    std::uint32_t count = kNotKept;
    if (field.kind == AUGUR_ID) count = 1;
    if (field.kind == AUGUR_IDS) {
      count = count_of(from);
      from = contents(from);
    }
    if (count == kNotKept) {
      std::memcpy(to, from, field.width * sizeof(float));
      continue;
    }
    IdEmbedding embedding(field, to);
    for (std::uint32_t i = 0; i < count; ++i)
      embedding.add(stored_row(field, from + i * stored_id_bytes(field)));
    embedding.finish();
  }
}

void HistoryBuffer::save(SavedWriter& out) const {
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t f = 0; f < group_->fields.size(); ++f) {
      const Field& field = group_->fields[f];
      unsigned char* from = cell(i, f);
      if (field.kind == AUGUR_ID) {
        save_id(field, stored_id(field, from), out);
        continue;
      }
      if (field.kind != AUGUR_IDS) {
        out.put(from, cell_bytes(field));
        continue;
      }
      const std::uint32_t count = count_of(from);
      out.put(count);
      if (count == kNotKept) {
        out.put(pooled_state(*field.table));
        out.put(contents(from), field.width * sizeof(float));
        continue;
      }
      for (std::uint32_t k = 0; k < count; ++k)
        save_id(field, stored_id(field, contents(from) + k * stored_id_bytes(field)), out);
    }
  }
}

augur_status HistoryBuffer::does_not_fit(Fault& error) const {
  return error.fail(AUGUR_INVALID_ARGUMENT, "the saved session does not fit the model's %s",
                    group_->description);
}

augur_status HistoryBuffer::restore_row(SavedReader& in, const RestoreRules& rules, bool take,
                                        std::size_t* outside, Fault& error) {
  if (take) std::memset(row(size_), 0, row_bytes_);
  const SavedReader before = in;
  // Version 1 held the ids of a row before its other values.
  const int passes = rules.version == 1 ? 2 : 1;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t f = 0; f < group_->fields.size(); ++f) {
      const Field& field = group_->fields[f];
      if (passes == 2 && (field.kind == AUGUR_ID) != (pass == 0)) continue;
      AUGUR_TRY(restore_field(in, rules, field, take ? cell(size_, f) : nullptr, outside, error));
    }
  }
  const std::size_t used = before.left() - in.left();
  if (rules.version == 1 && in.next(aligned(used) - used) == nullptr) return does_not_fit(error);
  if (take) ++size_;
  return AUGUR_OK;
}

augur_status HistoryBuffer::restore_field(SavedReader& in, const RestoreRules& rules,
                                          const Field& field, unsigned char* to,
                                          std::size_t* outside, Fault& error) {
  if (field.kind == AUGUR_ID) return restore_id(in, rules, field, to, outside, error);
  if (field.kind != AUGUR_IDS) {
    const std::size_t bytes = field.width * sizeof(float);
    const unsigned char* from = in.next(bytes);
    if (from == nullptr) return does_not_fit(error);
    if (to != nullptr) std::memcpy(to, from, bytes);
    for (std::size_t k = 0; k < field.width; ++k) {
      float value;
      std::memcpy(&value, from + k * sizeof(value), sizeof(value));
      if (!std::isfinite(value)) return does_not_fit(error);
    }
    return AUGUR_OK;
  }
  std::uint32_t count = kNotKept;
  if (rules.version > 1 && !in.get(&count)) return does_not_fit(error);
  if (to != nullptr) set_count(to, count);
  if (count == kNotKept) return restore_pooled(in, rules, field, to, error);
  if (count > max_ids_) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "the saved session has a row of %u ids in field '%s' of the %s, this session "
                      "keeps %zu (augur_session_options.max_ids_per_event)",
                      count, field.name, group_->description, max_ids_);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    unsigned char* id = to == nullptr ? nullptr : contents(to) + i * stored_id_bytes(field);
    AUGUR_TRY(restore_id(in, rules, field, id, outside, error));
  }
  return AUGUR_OK;
}

augur_status HistoryBuffer::restore_id(SavedReader& in, const RestoreRules& rules,
                                       const Field& field, unsigned char* to, std::size_t* outside,
                                       Fault& error) {
  Id id;
  if (!read_saved_id(field, in, &id)) return does_not_fit(error);
  if (id.kind == Id::Kind::kRow && !rules.same_model) {
    return error.fail(
        AUGUR_INVALID_ARGUMENT,
        "the saved session holds rows of table '%s' (AUGUR_IDS_ROWS) in field '%s' of "
        "the %s, which mean nothing in another model; give the history anew",
        field.table->name, field.name, group_->description);
  }
  ResolvedId resolved;
  if (!resolve(field, id, &resolved)) {
    return error.fail(
        AUGUR_OUT_OF_RANGE,
        "the saved session has an id in field '%s' of the %s that table '%s' does not "
        "have, and its rule is to refuse such ids",
        field.name, group_->description, field.table->name);
  }
  if (to == nullptr) return AUGUR_OK;
  store_id(field, id, to);
  *outside += resolved.outside ? 1 : 0;
  return AUGUR_OK;
}

augur_status HistoryBuffer::restore_pooled(SavedReader& in, const RestoreRules& rules,
                                           const Field& field, unsigned char* to, Fault& error) {
  Digest hash = {};
  const Digest made_with = rules.version == 2 && field.table->delta_count == 0
                               ? rows_hash(*field.table)
                               : pooled_state(*field.table);
  const bool has_hash = rules.version > 1;
  if (has_hash && !in.get(&hash)) return does_not_fit(error);
  // The values were computed from the model's table; they are checked when a ranking uses them.
  const unsigned char* pooled = in.next(field.width * sizeof(float));
  if (pooled == nullptr) return does_not_fit(error);
  if (to != nullptr) {
    std::memcpy(contents(to), pooled, field.width * sizeof(float));
  } else if (!rules.same_model || (has_hash && hash != made_with)) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "the saved session has a row of more ids in field '%s' of the %s than were "
                      "kept (augur_session_options.max_ids_per_event), and table '%s' has other "
                      "rows or keys now; give the history anew",
                      field.name, group_->description, field.table->name);
  }
  return AUGUR_OK;
}

}  // namespace augur
