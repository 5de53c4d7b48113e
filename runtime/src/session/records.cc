// Records: storage of input rows.
#include "session/records.h"

#include <cmath>
#include <cstring>

namespace augur {

augur_status Records::create(const FieldGroup& group, std::size_t capacity, Arena& arena,
                             Fault& error) {
  group_ = &group;
  capacity_ = capacity;
  offsets_ = arena.array<std::size_t>(group.fields.size);
  if (offsets_.size != group.fields.size)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  // Ids first: every row then keeps them aligned, whatever the fields' order.
  for (const bool ids : {true, false}) {
    for (std::size_t f = 0; f < group.fields.size; ++f) {
      const Field& field = group.fields[f];
      if ((field.kind == AUGUR_ID) != ids) continue;
      offsets_[f] = row_bytes_;
      row_bytes_ += ids ? sizeof(std::int64_t) : field.width * sizeof(float);
    }
  }
  row_bytes_ =
      (row_bytes_ + sizeof(std::int64_t) - 1) / sizeof(std::int64_t) * sizeof(std::int64_t);
  rows_ = reinterpret_cast<unsigned char*>(arena.reserve(capacity, row_bytes_ / sizeof(float)));
  return AUGUR_OK;
}

std::size_t Records::make_room(std::size_t rows) {
  if (size_ + rows <= capacity_) return 0;
  const std::size_t gone = size_ + rows - capacity_;
  std::memmove(rows_, rows_ + gone * row_bytes_, (size_ - gone) * row_bytes_);
  size_ -= gone;
  return gone;
}

void Records::push(const Columns& columns) {
  push_zeros();
  for (std::size_t f = 0; f < group_->fields.size; ++f)
    set_field(size_ - 1, f, columns.values(f));
}

void Records::push_zeros() {
  std::memset(row(size_++), 0, row_bytes_);
}

void Records::set_field(std::size_t index, std::size_t f, const FieldValues& values) {
  const Field& field = group_->fields[f];
  unsigned char* to = row(index) + offset_of(f);
  if (field.kind == AUGUR_ID) {
    std::memcpy(to, values.ids, sizeof(std::int64_t));
  } else {
    field.embed(values, reinterpret_cast<float*>(to));
  }
}

void Records::embed(std::size_t index, float* out) const {
  for (std::size_t f = 0; f < group_->fields.size; ++f) {
    const Field& field = group_->fields[f];
    const unsigned char* from = row(index) + offset_of(f);
    if (field.kind == AUGUR_ID) {
      std::int64_t id;
      std::memcpy(&id, from, sizeof(id));
      field.embed({&id, 1, nullptr}, out + field.offset);
    } else {
      std::memcpy(out + field.offset, from, field.width * sizeof(float));
    }
  }
}

bool Records::valid(const unsigned char* row) const {
  for (std::size_t f = 0; f < group_->fields.size; ++f) {
    const Field& field = group_->fields[f];
    const unsigned char* from = row + offset_of(f);
    if (field.kind == AUGUR_ID) {
      std::int64_t id;
      std::memcpy(&id, from, sizeof(id));
      std::uint32_t table_row = 0;
      if (!field.table->find_row(id, &table_row)) return false;
      continue;
    }
    // Pooled from the model's own rows, which are checked when they are ranked with.
    if (field.kind == AUGUR_IDS) continue;
    for (std::uint32_t k = 0; k < field.width; ++k) {
      float value;
      std::memcpy(&value, from + k * sizeof(value), sizeof(value));
      if (!std::isfinite(value)) return false;
    }
  }
  return true;
}

bool Records::can_load(const unsigned char* rows, std::size_t count) const {
  if (count > capacity_) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!valid(rows + i * row_bytes_)) return false;
  }
  return true;
}

void Records::load(const unsigned char* rows, std::size_t count) {
  std::memcpy(rows_, rows, count * row_bytes_);
  size_ = count;
}

}  // namespace augur
