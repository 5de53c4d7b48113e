// Compares two sidecar files; see make_delta.h.
#include "delta/make_delta.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "augur_generated.h"
#include "delta/compare_keys.h"
#include "error.h"
#include "inspect/summary.h"
#include "text/text.h"
#include "write/content_hash.h"
#include "write/table_state.h"

namespace augur::convert {
namespace {

// The two files of a delta, whose structure and hashes have been checked.
struct Pair {
  const fb::TableFile* before;
  const fb::TableFile* after;
  std::string begin;  // of messages: "old.augurt, new.augurt: "

  [[noreturn]] void refuse(const std::string& reason) const { throw Error(begin + reason); }
};

size_t row_bytes(fb::TensorType type, size_t dim) {
  switch (type) {
    case fb::TensorType::F32:
      return 4 * dim;
    case fb::TensorType::F16:
      return 2 * dim;
    case fb::TensorType::I8:
      return dim;
    case fb::TensorType::I4:
      return (dim + 1) / 2;
  }
  return 0;
}

// Throws Error unless each row has its part of the tensor's bytes.
void check_shape(const fb::Tensor& rows, const std::string& path) {
  const uint64_t count = rows.shape()->size() == 2 ? rows.shape()->Get(0) : 0;
  const auto fits = [count](const auto* part) {
    return part == nullptr || part->size() % count == 0;
  };
  if (count == 0 || rows.data()->size() != count * row_bytes(rows.type(), rows.shape()->Get(1)) ||
      !fits(rows.scales()) || !fits(rows.offsets())) {
    throw Error(path + ": its rows are not as many bytes as its shape says: the file is damaged");
  }
}

const fb::TableFile* open(const SidecarFile& file) {
  if (!is_table_file(file.bytes)) {
    throw Error(file.path +
                ": not a sidecar file, which a delta is made of (augur-convert --sidecar)");
  }
  const TableFileSummary summary = summarise_table_file(file.bytes, file.path);
  const auto* root = flatbuffers::GetRoot<fb::TableFile>(file.bytes.data());
  if (check_content_hash(file.bytes, root->content_hash()) == ContentHash::kWrong ||
      !summary.hash_matches) {
    throw Error(file.path + ": its content is not that of its hash: the file was changed");
  }
  check_shape(*root->weights(), file.path);
  return root;
}

std::string type_text(const fb::Tensor& rows) {
  std::string text = fb::EnumNameTensorType(rows.type());
  if (rows.scale_type() != fb::ScaleType::None)
    text += std::string(", scales ") + fb::EnumNameScaleType(rows.scale_type());
  if (rows.group_size() != 0) text += " for " + std::to_string(rows.group_size()) + " values";
  if (rows.offsets() != nullptr) text += ", offsets";
  return text;
}

void check_same_form(const Pair& pair) {
  const auto& before = *pair.before;
  const auto& after = *pair.after;
  const auto same = [](const auto* a, const auto* b) {
    return std::equal(a->begin(), a->end(), b->begin(), b->end());
  };
  if (before.name()->str() != after.name()->str()) {
    pair.refuse("they are of two tables, " + augur::quoted(before.name()->str()) + " and " +
                augur::quoted(after.name()->str()));
  }
  if (!same(before.model_id(), after.model_id())) {
    pair.refuse("they belong to two models (" +
                hex_text(before.model_id()->data(), before.model_id()->size()) + " and " +
                hex_text(after.model_id()->data(), after.model_id()->size()) +
                "); a delta is for one model, so a new model needs full sidecars");
  }
  const auto& old_rows = *before.weights();
  const auto& new_rows = *after.weights();
  if (old_rows.shape()->Get(1) != new_rows.shape()->Get(1)) {
    pair.refuse("their rows have " + std::to_string(old_rows.shape()->Get(1)) + " and " +
                std::to_string(new_rows.shape()->Get(1)) + " values");
  }
  if (type_text(old_rows) != type_text(new_rows)) {
    pair.refuse("their rows are stored as " + type_text(old_rows) + " and as " +
                type_text(new_rows) + "; convert both with the same options");
  }
  if (new_rows.shape()->Get(0) < old_rows.shape()->Get(0)) {
    pair.refuse("the new one has fewer rows (" + std::to_string(new_rows.shape()->Get(0)) +
                " after " + std::to_string(old_rows.shape()->Get(0)) +
                "); a delta cannot remove rows: give the full sidecar");
  }
}

// One part of a tensor, the same number of bytes for each row.
class RowBytes {
 public:
  template <typename Vector>
  RowBytes(const Vector* bytes, uint32_t rows)
      : data_(bytes == nullptr ? nullptr : reinterpret_cast<const uint8_t*>(bytes->data())),
        row_bytes_(bytes == nullptr ? 0 : bytes->size() / rows) {}

  bool same(uint32_t row, const RowBytes& other) const {
    return row_bytes_ == 0 || std::memcmp(at(row), other.at(row), row_bytes_) == 0;
  }
  template <typename Value>
  void append(uint32_t row, std::vector<Value>& to) const {
    if (row_bytes_ > 0) to.insert(to.end(), at(row), at(row) + row_bytes_);
  }
  size_t row_bytes() const { return row_bytes_; }

 private:
  const uint8_t* at(uint32_t row) const { return data_ + row * row_bytes_; }

  const uint8_t* data_;
  size_t row_bytes_;
};

struct Rows {
  explicit Rows(const fb::Tensor& tensor)
      : count(tensor.shape()->Get(0)),
        data(tensor.data(), count),
        scales(tensor.scales(), count),
        offsets(tensor.offsets(), count) {}

  bool same(uint32_t row, const Rows& other) const {
    return data.same(row, other.data) && scales.same(row, other.scales) &&
           offsets.same(row, other.offsets);
  }
  bool same_sizes(const Rows& other) const {
    return data.row_bytes() == other.data.row_bytes() &&
           scales.row_bytes() == other.scales.row_bytes() &&
           offsets.row_bytes() == other.offsets.row_bytes();
  }

  uint32_t count;
  RowBytes data, scales, offsets;
};

// Fills in the changed and new rows.
void compare_rows(const Pair& pair, fb::TableDeltaT& delta) {
  const fb::Tensor& tensor = *pair.after->weights();
  const Rows before(*pair.before->weights());
  const Rows after(tensor);
  if (!before.same_sizes(after)) pair.refuse("their rows have different sizes: one is damaged");
  auto weights = std::make_unique<fb::TensorT>();
  weights->type = tensor.type();
  weights->scale_type = tensor.scale_type();
  weights->group_size = tensor.group_size();
  for (uint32_t row = 0; row < after.count; ++row) {
    if (row < before.count && after.same(row, before)) continue;
    delta.changed.push_back(row);
    after.data.append(row, weights->data);
    after.scales.append(row, weights->scales);
    after.offsets.append(row, weights->offsets);
  }
  delta.rows = after.count;
  weights->shape = {static_cast<uint32_t>(delta.changed.size()), tensor.shape()->Get(1)};
  if (!delta.changed.empty()) delta.weights = std::move(weights);
}

std::vector<uint8_t> pack(fb::TableDeltaT& delta) {
  delta.content_hash.assign(kContentHashBytes, 0);
  flatbuffers::FlatBufferBuilder builder(1 << 12);
  builder.Finish(fb::TableDelta::Pack(builder, &delta), kDeltaIdentifier);
  return with_content_hash(builder, [](const uint8_t* file) {
    return flatbuffers::GetRoot<fb::TableDelta>(file)->content_hash();
  });
}

}  // namespace

Delta make_delta(const SidecarFile& before, const SidecarFile& after, const KeyFile* keys_before,
                 const KeyFile* keys_after) {
  const Pair pair = {open(before), open(after), before.path + ", " + after.path + ": "};
  check_same_form(pair);
  Delta made;
  made.base = table_state(*pair.before, before.path);
  made.result = table_state(*pair.after, after.path);
  if (made.base == made.result) {
    pair.refuse("they hold the same rows and keys: there is nothing to write");
  }
  fb::TableDeltaT delta;
  delta.model_id.assign(pair.after->model_id()->begin(), pair.after->model_id()->end());
  delta.name = pair.after->name()->str();
  delta.base.assign(made.base.begin(), made.base.end());
  delta.result.assign(made.result.begin(), made.result.end());
  compare_rows(pair, delta);
  KeyChanges keys = compare_keys(
      {before.path, pair.before->vocabulary(), pair.before->weights()->shape()->Get(0),
       keys_before},
      {after.path, pair.after->vocabulary(), pair.after->weights()->shape()->Get(0), keys_after});
  made.keys_added = keys.added;
  made.keys_moved = keys.moved;
  made.keys_removed = keys.removed;
  delta.vocabulary = std::move(keys.vocabulary);
  made.table = delta.name;
  made.rows_before = pair.before->weights()->shape()->Get(0);
  made.rows = delta.rows;
  made.changed_rows = delta.changed.size() - (made.rows - made.rows_before);
  made.file = pack(delta);
  return made;
}

}  // namespace augur::convert
