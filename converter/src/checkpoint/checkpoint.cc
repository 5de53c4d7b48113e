// What all checkpoints share: finding tensors, and turning their bytes into values.
#include "checkpoint/checkpoint.h"

#include <limits>
#include <utility>

#include "checkpoint/values.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

// "; did you mean 'x' or 'y'?", or how to see what there is.
std::string advice(std::string_view name, const std::vector<TensorInfo>& tensors) {
  constexpr size_t kLongestCompared = 256;
  std::vector<std::pair<size_t, const TensorInfo*>> near;
  if (name.size() <= kLongestCompared) {
    const size_t limit = name.size() / 3 + 2;
    for (const TensorInfo& tensor : tensors) {
      const size_t distance = edit_distance(name, tensor.name, limit);
      if (distance < limit) near.emplace_back(distance, &tensor);
    }
  }
  if (near.empty()) return "; augur-convert --list-tensors shows the names that it has";
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  near.resize(std::min<size_t>(near.size(), 3));
  std::string text = "; did you mean ";
  for (size_t i = 0; i < near.size(); ++i) {
    if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
    text += augur::quoted(near[i].second->name);
  }
  return text + "?";
}

size_t checked_count(const TensorInfo& tensor, size_t value_bytes, const std::string& where) {
  const uint64_t count = tensor.count();
  if (count > std::numeric_limits<size_t>::max() / value_bytes) {
    throw Error(where + ": " + std::to_string(count) + " values are too many for this machine");
  }
  return static_cast<size_t>(count);
}

}  // namespace

uint64_t TensorInfo::count() const {
  uint64_t values = 0, bits = 0;
  shape_size(shape, 1, &values, &bits);
  return values;
}

Checkpoint::Checkpoint(std::string file, std::string format)
    : file_(std::move(file)), format_(std::move(format)) {}

Checkpoint::~Checkpoint() = default;

const TensorInfo* Checkpoint::find(std::string_view name) const {
  const auto place = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const TensorInfo& tensor, std::string_view n) { return tensor.name < n; });
  return place != tensors_.end() && place->name == name ? &*place : nullptr;
}

const TensorInfo& Checkpoint::get(std::string_view name) const {
  const TensorInfo* tensor = find(name);
  if (tensor == nullptr) {
    throw Error(file_ + ": has no tensor " + augur::quoted(name) + advice(name, tensors_));
  }
  return *tensor;
}

std::vector<const TensorInfo*> Checkpoint::file_order() const {
  std::vector<const TensorInfo*> order;
  if (!has_order_) return order;
  order.reserve(tensors_.size());
  for (const TensorInfo& tensor : tensors_)
    order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const TensorInfo* a, const TensorInfo* b) {
    return a->position < b->position;
  });
  return order;
}

std::string Checkpoint::where(const TensorInfo& tensor) const {
  std::string where = file_ + ": tensor " + augur::quoted(tensor.name);
  if (tensor.stored_name.empty()) return where;
  return where + " (in the file: " + augur::quoted(tensor.stored_name) + ")";
}

size_t Checkpoint::index_of(const TensorInfo& tensor) const {
  return static_cast<size_t>(&get(tensor.name) - tensors_.data());
}

void Checkpoint::refuse_duplicates() const {
  for (size_t i = 1; i < tensors_.size(); ++i) {
    if (tensors_[i - 1].name == tensors_[i].name) {
      throw Error(where(tensors_[i]) + " occurs twice: the file is damaged or was made to mislead");
    }
  }
}

std::vector<float> Checkpoint::read(const TensorInfo& tensor) const {
  const size_t index = index_of(tensor);
  const TensorInfo& info = tensors_[index];
  if (!is_readable(info.dtype)) {
    throw Error(where(info) + " has type " + augur::quoted(info.type_name) +
                ", which cannot be read as numbers: expected floating point or integers");
  }
  const Raw raw = open_raw(index);
  std::vector<float> out(checked_count(info, sizeof(float), where(info)));
  decode_floats(*raw.stream, raw.encoding, out.size(), {where(info), info.shape, raw.column_major},
                out.data());
  raw.stream->finish();
  if (raw.column_major) return to_row_major(out, info.shape);
  return out;
}

std::vector<int64_t> Checkpoint::read_int64(const TensorInfo& tensor) const {
  const size_t index = index_of(tensor);
  const TensorInfo& info = tensors_[index];
  if (!is_integer(info.dtype)) {
    throw Error(where(info) + " has type " + augur::quoted(info.type_name) + ", expected integers");
  }
  const Raw raw = open_raw(index);
  std::vector<int64_t> out(checked_count(info, sizeof(int64_t), where(info)));
  decode_integers(*raw.stream, raw.encoding, out.size(),
                  {where(info), info.shape, raw.column_major}, out.data());
  raw.stream->finish();
  if (raw.column_major) return to_row_major(out, info.shape);
  return out;
}

}  // namespace augur::checkpoint
