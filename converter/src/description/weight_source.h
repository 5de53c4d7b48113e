// The tensors of a checkpoint as a description refers to them: by name or by a pattern of names,
// whole or in part. Records which tensors were read for which part, so that the others can be
// named.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/matrix.h"
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

  // Tensors that nothing read, ascending by name: those that only training uses (optimizer slots,
  // auxiliary networks, ...), and all others.
  std::vector<std::string> training_only() const;
  std::vector<std::string> unused() const;

 private:
  std::vector<std::string> not_read(bool training) const;

  const checkpoint::Checkpoint& checkpoint_;
  std::map<std::string, std::vector<std::string>> used_;
};

// Whether the name matches the pattern, in which "*" stands for any characters and "#" for a whole
// number.
bool matches(std::string_view pattern, std::string_view name);

// Whether some tensor of the checkpoint matches.
bool matches_any(std::string_view pattern, const checkpoint::Checkpoint& checkpoint);

// The numbers that stood for "#", in order; nullopt if the name does not match.
std::optional<std::vector<int>> match_numbers(std::string_view pattern, std::string_view name);

// Why a tensor that a description does not use must belong to a part of the network that Augur
// cannot run, by its name: "LayerNorm is not in the model family". "" if the name does not show it.
std::string foreign_tensor(std::string_view name);

// The leaves of an expression (expression.h), which are tensors or parts of tensors: first the name
// of the tensor.
std::string tensor_name(const Node& expression);

// The two dimensions of a leaf's tensor. Leading dimensions of 1 are dropped if there are more than
// two. Throws Error if it is no matrix.
std::vector<uint64_t> matrix_shape(const Node& expression, const WeightSource& weights);

// A leaf's matrix, with rows and columns as the checkpoint stores them.
Matrix stored_matrix(const Node& expression, WeightSource& weights);

// A leaf's vector: a tensor all of whose other dimensions are 1, or a row or column of a matrix.
Vector stored_vector(const Node& expression, WeightSource& weights);

}  // namespace augur::convert
