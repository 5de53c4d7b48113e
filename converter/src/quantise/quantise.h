// Turns a model's f32 tensors into smaller types, and measures the errors.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "augur_generated.h"

namespace augur::convert {

// A type's name in options and reports: "f32", "fp16", "int8", "int4".
std::string type_name(fb::TensorType type);
// Throws Error, which names the option `flag`, if there is no such type.
fb::TensorType parse_type(const std::string& name, const std::string& flag);

struct Precision {
  fb::TensorType weights = fb::TensorType::F32;     // matrices; biases and the like stay f32
  fb::TensorType embeddings = fb::TensorType::F32;  // tables
  // Names of parts with their types; a later one wins. A part is a tensor's path (model_parts.h),
  // the beginning of a path, or one of its words: "head", "evolution", "head.layers.1",
  // "tables.item".
  std::vector<std::pair<std::string, fb::TensorType>> parts;
  // int4: how many values share a scale; 0: a whole row.
  uint32_t group_size = 0;

  fb::TensorType type_of(const std::string& path) const;
};

// Whether `part` is the path, its beginning, or one of its words.
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
  // Rows that were not zero and are zero now, and the largest number in them.
  uint64_t rows_lost = 0;
  double largest_lost = 0;
  // int4 beyond kInt4Bound: the largest group size that brings the error below it; 0: none does.
  uint32_t helping_group = 0;
};

// Above this relative error of an int4 matrix there is a warning: it is twice that of a usual
// table.
inline constexpr double kInt4Bound = 0.1;

// Called with the number of rows that are done, and of all rows.
using RowProgress = std::function<void(uint64_t done, uint64_t total)>;

// Quantises the matrices of the model, all of which must be f32. The result has every matrix, in
// the order of visit_tensors(). Throws Error if `precision` names a part that the model has not, or
// if a value does not fit into fp16.
std::vector<PartChange> quantise_model(fb::ModelT& model, const Precision& precision,
                                       const RowProgress& progress);

// Warnings about the changes: rows that became zero, and int4 matrices with a large error; each
// says what helps.
std::vector<std::string> warnings_of(const std::vector<PartChange>& changes);

// Quantises one matrix. A table's scales are fp16, and in int4 it has offsets; other matrices have
// f32 scales and no offsets, because the runtime's matrix products need that. Throws Error, which
// names `path`.
void quantise_tensor(fb::TensorT& tensor, fb::TensorType type, bool table, uint32_t group_size,
                     const std::string& path, const std::function<void(uint64_t rows)>& done);

// The values of a tensor of any type in f32.
std::vector<float> dequantise(const fb::TensorT& tensor);

}  // namespace augur::convert
