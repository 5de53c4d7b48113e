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
      return sizeof(std::int64_t);
    case AUGUR_IDS:
      return kAligned + std::max(max_ids_ * sizeof(std::int64_t), aligned(floats));
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
  std::memmove(rows_, rows_ + dropped * row_bytes_, (size_ - dropped) * row_bytes_);
  size_ -= dropped;
  return dropped;
}

void HistoryBuffer::push(const InputColumns& columns) {
  push_zeros();
  for (std::size_t f = 0; f < group_->fields.size(); ++f)
    set_field(size_ - 1, f, columns.values(f));
}

void HistoryBuffer::push_zeros() {
  std::memset(rows_ + size_++ * row_bytes_, 0, row_bytes_);
}

void HistoryBuffer::set_field(std::size_t index, std::size_t f, const FieldValues& values) {
  const Field& field = group_->fields[f];
  unsigned char* to = cell(index, f);
  if (field.kind == AUGUR_ID) {
    std::memcpy(to, values.ids, sizeof(std::int64_t));
  } else if (field.kind == AUGUR_IDS && values.id_count <= max_ids_) {
    set_count(to, static_cast<std::uint32_t>(values.id_count));
    if (values.id_count > 0)
      std::memcpy(contents(to), values.ids, values.id_count * sizeof(std::int64_t));
  } else if (field.kind == AUGUR_IDS) {
    set_count(to, kNotKept);
    augur::embed(field, values, reinterpret_cast<float*>(contents(to)));
  } else {
    augur::embed(field, values, reinterpret_cast<float*>(to));
  }
}

void HistoryBuffer::embed(std::size_t index, float* out) const {
  for (std::size_t f = 0; f < group_->fields.size(); ++f) {
    const Field& field = group_->fields[f];
    unsigned char* from = cell(index, f);
    float* to = out + field.offset;
    if (field.kind == AUGUR_ID) {
      augur::embed(field, {reinterpret_cast<const std::int64_t*>(from), 1, nullptr}, to);
      continue;
    }
    if (field.kind == AUGUR_IDS) {
      const std::uint32_t count = count_of(from);
      from = contents(from);
      if (count != kNotKept) {
        augur::embed(field, {reinterpret_cast<const std::int64_t*>(from), count, nullptr}, to);
        continue;
      }
    }
    std::memcpy(to, from, field.width * sizeof(float));
  }
}

void HistoryBuffer::save(SavedWriter& out) const {
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t f = 0; f < group_->fields.size(); ++f) {
      const Field& field = group_->fields[f];
      unsigned char* from = cell(i, f);
      if (field.kind != AUGUR_IDS) {
        out.put(from, cell_bytes(field));
        continue;
      }
      const std::uint32_t count = count_of(from);
      out.put(count);
      if (count != kNotKept) {
        out.put(contents(from), count * sizeof(std::int64_t));
      } else {
        out.put(rows_hash(*field.table));
        out.put(contents(from), field.width * sizeof(float));
      }
    }
  }
}

augur_status HistoryBuffer::does_not_fit(Fault& error) const {
  return error.fail(AUGUR_INVALID_ARGUMENT, "the saved session does not fit the model's %s",
                    group_->description);
}

augur_status HistoryBuffer::restore(SavedReader& in, std::size_t count, bool take, Fault& error) {
  if (count > capacity_) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "the saved session has %zu events in the %s, this session keeps %zu", count,
                      group_->description, capacity_);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (take) std::memset(rows_ + i * row_bytes_, 0, row_bytes_);
    for (std::size_t f = 0; f < group_->fields.size(); ++f) {
      const Field& field = group_->fields[f];
      unsigned char* const to = take ? cell(i, f) : nullptr;
      if (field.kind == AUGUR_IDS) {
        AUGUR_TRY(restore_ids(in, field, to, error));
        continue;
      }
      const std::size_t bytes = cell_bytes(field);
      const unsigned char* from = in.next(bytes);
      if (from == nullptr) return does_not_fit(error);
      if (take) {
        std::memcpy(to, from, bytes);
      } else if (field.kind == AUGUR_ID) {
        std::int64_t id;
        std::memcpy(&id, from, sizeof(id));
        std::uint32_t row = 0;
        if (!find_row(*field.table, id, &row)) return does_not_fit(error);
      } else {
        for (std::size_t k = 0; k < field.width; ++k) {
          float value;
          std::memcpy(&value, from + k * sizeof(value), sizeof(value));
          if (!std::isfinite(value)) return does_not_fit(error);
        }
      }
    }
  }
  if (take) size_ = count;
  return AUGUR_OK;
}

// Reads one row's ids of a field into `to`, or only checks them if `to` is nullptr.
augur_status HistoryBuffer::restore_ids(SavedReader& in, const Field& field, unsigned char* to,
                                        Fault& error) {
  std::uint32_t count = 0;
  if (!in.get(&count)) return does_not_fit(error);
  if (count == kNotKept) {
    RowsHash hash;
    if (!in.get(&hash)) return does_not_fit(error);
    // The values were computed from the model's table; they are checked when a ranking uses them.
    const unsigned char* pooled = in.next(field.width * sizeof(float));
    if (pooled == nullptr) return does_not_fit(error);
    if (to != nullptr) {
      set_count(to, kNotKept);
      std::memcpy(contents(to), pooled, field.width * sizeof(float));
    } else if (hash != rows_hash(*field.table)) {
      return error.fail(
          AUGUR_INVALID_ARGUMENT,
          "the saved session has a row of more ids in field '%s' of the %s than were "
          "kept (augur_session_options.max_ids_per_event), and table '%s' has other rows now; "
          "give the history anew",
          field.name, group_->description, field.table->name);
    }
    return AUGUR_OK;
  }
  if (count > max_ids_) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "the saved session has a row of %u ids in field '%s' of the %s, this session "
                      "keeps %zu (augur_session_options.max_ids_per_event)",
                      count, field.name, group_->description, max_ids_);
  }
  const std::size_t bytes = count * sizeof(std::int64_t);
  const unsigned char* from = in.next(bytes);
  if (from == nullptr) return does_not_fit(error);
  if (to != nullptr) {
    set_count(to, count);
    if (bytes > 0) std::memcpy(contents(to), from, bytes);
    return AUGUR_OK;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    std::int64_t id;
    std::memcpy(&id, from + i * sizeof(id), sizeof(id));
    std::uint32_t row = 0;
    if (!find_row(*field.table, id, &row)) return does_not_fit(error);
  }
  return AUGUR_OK;
}

}  // namespace augur
