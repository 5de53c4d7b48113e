// Turns a model's f32 tensors into smaller types, and tells what that cost.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "augur_generated.h"

namespace augur::convert {

// The types by which a user calls them: "f32", "fp16", "int8", "int4".
std::string type_name(fb::TensorType type);
// Throws Error, naming `flag`, if there is no such type.
fb::TensorType parse_type(const std::string& name, const std::string& flag);

struct Precision {
  fb::TensorType weights = fb::TensorType::F32;     // matrices; biases and the like stay f32
  fb::TensorType embeddings = fb::TensorType::F32;  // tables
  // A part's name and its type; later ones win. A part is a tensor's path (model_parts.h), its
  // beginning, or one of its words: "head", "evolution", "head.layers.1", "tables.item".
  std::vector<std::pair<std::string, fb::TensorType>> parts;
  // int4: how many values share a scale; 0: a whole row.
  uint32_t group_size = 0;

  fb::TensorType type_of(const std::string& path) const;
};

// `part` is the path, its beginning, or one of its words.
bool names_part(const std::string& part, const std::string& path);

// One matrix that was or could have been quantised.
struct PartChange {
  std::string path;
  fb::TensorType type = fb::TensorType::F32;
  std::vector<uint32_t> shape;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;
  double relative_error = 0;  // √(Σ error² / Σ value²)
  double largest_error = 0;
  // Rows that hold a number and have become zeros, and the largest number of them.
  uint64_t rows_lost = 0;
  double largest_lost = 0;
  // int4 beyond kInt4Bound: the largest group size that brings the error below it; 0: none does.
  uint32_t helping_group = 0;
};

// A relative error above this in an int4 matrix is worth a warning: twice that of a table's usual
// row.
inline constexpr double kInt4Bound = 0.1;

// done, of how many: rows.
using RowProgress = std::function<void(uint64_t done, uint64_t total)>;

// Every matrix of the model, which must be f32, in the order of visit_tensors(). Throws Error if a
// part of `precision` is none of the model's, or if a value does not fit into fp16.
std::vector<PartChange> quantise_model(fb::ModelT& model, const Precision& precision,
                                       const RowProgress& progress);

// What a user ought to know of the changes: rows that became zeros, and int4 matrices that lost too
// much, with what helps.
std::vector<std::string> warnings_of(const std::vector<PartChange>& changes);

// One matrix. `table`: scales of a row are fp16, and int4 has offsets; else f32, as products take
// them. Throws Error, naming `path`.
void quantise_tensor(fb::TensorT& tensor, fb::TensorType type, bool table, uint32_t group_size,
                     const std::string& path, const std::function<void(uint64_t rows)>& done);

// The tensor's values in f32, of any type.
std::vector<float> dequantise(const fb::TensorT& tensor);

}  // namespace augur::convert
