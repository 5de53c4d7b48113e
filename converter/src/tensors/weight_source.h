// The checkpoint as the description sees it: tensors by name, finite values, and a record of which
// tensors were read for which part, so that the ones left over can be named.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/node.h"

namespace augur::convert {

class WeightSource {
 public:
  // `checkpoint` must outlive the source.
  explicit WeightSource(const checkpoint::Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  const checkpoint::Checkpoint& checkpoint() const { return checkpoint_; }

  // The tensor's shape. `where` is the place in the description that names it. Throws Error, with
  // the nearest names, if there is no such tensor.
  std::vector<uint64_t> shape(const std::string& name, const Node& where) const;

  // The tensor's values in row-major order; marks it as used at `where`. Throws Error if a value is
  // NaN or infinite, or cannot be read as f32.
  std::vector<float> read(const std::string& name, const Node& where);

  // Tensor name -> the paths in the description that read it.
  const std::map<std::string, std::vector<std::string>>& used() const { return used_; }

  // Tensors that nothing read: those of training alone (optimizer slots, auxiliary networks, ...),
  // and all others, ascending by name.
  std::vector<std::string> training_only() const;
  std::vector<std::string> unused() const;

 private:
  std::vector<std::string> left_over(bool training) const;

  const checkpoint::Checkpoint& checkpoint_;
  std::map<std::string, std::vector<std::string>> used_;
};

}  // namespace augur::convert
