// The checkpoint as the description sees it; see weight_source.h.
#include "tensors/weight_source.h"
#include "checkpoint/names.h"

#include <cmath>

#include "text/text.h"

namespace augur::convert {
namespace {

const checkpoint::TensorInfo& find(const checkpoint::Checkpoint& checkpoint,
                                   const std::string& name, const Node& where) {
  const checkpoint::TensorInfo* tensor = checkpoint.find(name);
  if (tensor == nullptr) {
    std::vector<std::string> names;
    for (const checkpoint::TensorInfo& known : checkpoint.tensors())
      names.push_back(known.name);
    where.fail("tensor " + augur::quoted(name) + " is not in " + checkpoint.file() +
               did_you_mean(name, names) + "; --list-tensors shows what is");
  }
  return *tensor;
}

// Half precision ends at 65504: what was larger became infinite (or NaN, later) when it was saved.
std::string overflow_text(const checkpoint::TensorInfo& tensor) {
  if (tensor.dtype != checkpoint::DType::kF16) return "";
  return ". The checkpoint stores the tensor in half precision, whose largest number is 65504: if "
         "the trained model itself is sound, save it in f32";
}

// "[12, 3]" for the 39th value of a [.., 4] tensor.
std::string position_text(uint64_t index, const std::vector<uint64_t>& shape) {
  std::vector<uint64_t> position(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return shape_text(position);
}

}  // namespace

std::vector<uint64_t> WeightSource::shape(const std::string& name, const Node& where) const {
  const checkpoint::TensorInfo& tensor = find(checkpoint_, name, where);
  return {tensor.shape.begin(), tensor.shape.end()};
}

std::vector<float> WeightSource::read(const std::string& name, const Node& where) {
  const checkpoint::TensorInfo& tensor = find(checkpoint_, name, where);
  std::vector<float> values = checkpoint_.read(tensor);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      where.fail("tensor " + augur::quoted(name) + ": the value at " +
                 position_text(i, {tensor.shape.begin(), tensor.shape.end()}) + " is " +
                 (std::isnan(values[i]) ? "NaN" : "infinite") +
                 "; a model with such weights cannot be scored" + overflow_text(tensor));
    }
  }
  used_[name].push_back(where.path());
  return values;
}

std::vector<std::string> WeightSource::left_over(bool training) const {
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : checkpoint_.tensors()) {
    if (used_.count(tensor.name) == 0 && checkpoint::is_training_only(tensor.name) == training) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

std::vector<std::string> WeightSource::training_only() const {
  return left_over(true);
}

std::vector<std::string> WeightSource::unused() const {
  return left_over(false);
}

}  // namespace augur::convert
