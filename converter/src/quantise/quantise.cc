// Turns a model's f32 tensors into smaller types; see quantise.h.
#include "quantise/quantise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "common/half.h"
#include "error.h"
#include "quantise/model_parts.h"
#include "quantise/rows.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr std::array<const char*, 4> kTypeNames = {"f32", "fp16", "int8", "int4"};
constexpr uint64_t kRowsBetweenReports = 4096;

bool is_table(const std::string& path) {
  return path.rfind("tables.", 0) == 0;
}

std::vector<float> floats_of(const fb::TensorT& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

template <typename T>
void append(std::vector<uint8_t>& bytes, T value) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof(T));
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

void to_halves(fb::TensorT& tensor, const std::vector<float>& values, const std::string& path) {
  tensor.data.clear();
  tensor.data.reserve(values.size() * sizeof(uint16_t));
  for (const float value : values) {
    if (std::fabs(value) > kLargestHalf) {
      throw Error(path + ": the value " + number_text(value) + " of tensor " +
                  augur::quoted(tensor.name) +
                  " is too large for fp16 (65504); keep that part in f32: --keep-f32 " + path);
    }
    append(tensor.data, float_to_half(value));
  }
}

// Packs the integers of one group into a row, from column `first` on.
void put_integers(const std::vector<int8_t>& integers, fb::TensorType type, size_t first,
                  uint8_t* row) {
  for (size_t k = 0; k < integers.size(); ++k) {
    const auto bits = static_cast<uint8_t>(integers[k]);
    const size_t column = first + k;
    if (type == fb::TensorType::I8) {
      row[column] = bits;
    } else {
      const int shift = column % 2 == 0 ? 0 : 4;
      row[column / 2] = static_cast<uint8_t>(row[column / 2] | (bits & 15) << shift);
    }
  }
}

void to_integers(fb::TensorT& tensor, const std::vector<float>& values, bool table,
                 uint32_t group_size, const std::string& path,
                 const std::function<void(uint64_t)>& done) {
  const bool int4 = tensor.type == fb::TensorType::I4;
  const size_t rows = tensor.shape[0];
  const size_t columns = tensor.shape[1];
  const bool grouped = int4 && group_size != 0 && group_size < columns;
  const size_t group = grouped ? group_size : columns;
  const size_t row_bytes = int4 ? (columns + 1) / 2 : columns;
  const ScaleKind kind = table ? ScaleKind::kHalf : ScaleKind::kFloat;
  tensor.scale_type = table ? fb::ScaleType::F16 : fb::ScaleType::F32;
  tensor.group_size = grouped ? group_size : 0;
  tensor.data.assign(rows * row_bytes, 0);
  IntegerRow integers;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t first = 0; first < columns; first += group) {
      const float* from = values.data() + row * columns + first;
      const size_t count = std::min(group, columns - first);
      if (int4 && table) {
        quantise_with_offset(from, count, kind, integers);
        tensor.offsets.push_back(integers.offset);
      } else {
        quantise_symmetric(from, count, int4 ? 7 : 127, kind, integers);
      }
      put_integers(integers.integers, tensor.type, first, tensor.data.data() + row * row_bytes);
      if (table && std::any_of(from, from + count, [&](float value) {
            return std::fabs(value) > kLargestHalf * (int4 ? 15.0f : 127.0f);
          })) {
        throw Error(
            path + ": row " + std::to_string(row) + " of tensor " + augur::quoted(tensor.name) +
            " is too large for a scale in fp16; keep that table in f32: --keep-f32 " + path);
      }
      if (table) {
        append(tensor.scales, float_to_half(integers.scale));
      } else {
        append(tensor.scales, integers.scale);
      }
    }
    if ((row + 1) % kRowsBetweenReports == 0 || row + 1 == rows) done(row + 1);
  }
}

void measure(const std::vector<float>& before, const fb::TensorT& tensor, PartChange& change) {
  const std::vector<float> after = dequantise(tensor);
  double errors = 0;
  double squares = 0;
  const size_t columns = tensor.shape[1];
  for (size_t row = 0; row < tensor.shape[0]; ++row) {
    double largest = 0;
    bool zeros = true;
    for (size_t i = row * columns; i < (row + 1) * columns; ++i) {
      const auto value = static_cast<double>(before[i]);
      const double error = static_cast<double>(after[i]) - value;
      errors += error * error;
      squares += value * value;
      change.largest_error = std::max(change.largest_error, std::fabs(error));
      largest = std::max(largest, std::fabs(value));
      zeros &= after[i] == 0;
    }
    if (!zeros || largest == 0) continue;
    ++change.rows_lost;
    change.largest_lost = std::max(change.largest_lost, largest);
  }
  change.relative_error = squares > 0 ? std::sqrt(errors / squares) : 0;
}

// At most 4096 rows of a matrix, at equal distances.
fb::TensorT sample_of(const std::vector<float>& values, const std::vector<uint32_t>& shape) {
  constexpr size_t kMostRows = 4096;
  const size_t step = (shape[0] + kMostRows - 1) / kMostRows;
  fb::TensorT sample;
  sample.shape = {0, shape[1]};
  for (size_t row = 0; row < shape[0]; row += step, ++sample.shape[0]) {
    for (size_t k = 0; k < shape[1]; ++k)
      append(sample.data, values[row * shape[1] + k]);
  }
  return sample;
}

// The largest group size below `now` (0: a whole row) with which int4 stays within the bound, or 0.
uint32_t find_helping_group(const std::vector<float>& values, const std::vector<uint32_t>& shape,
                            bool table, uint32_t now) {
  const fb::TensorT sample = sample_of(values, shape);
  const std::vector<float> before = floats_of(sample);
  for (const uint32_t group : {64u, 32u, 16u, 8u, 4u}) {
    if (group >= shape[1] || (now != 0 && group >= now)) continue;
    fb::TensorT trial = sample;
    trial.type = fb::TensorType::I4;
    to_integers(trial, before, table, group, "", [](uint64_t) {});
    PartChange change;
    measure(before, trial, change);
    if (change.relative_error <= kInt4Bound) return group;
  }
  return 0;
}

std::string rounded(double value) {
  return number_text(static_cast<float>(std::round(value * 1e4) / 1e4));
}

std::string lost_rows(const PartChange& change) {
  return change.path + ": " + std::to_string(change.rows_lost) + " of " +
         std::to_string(change.shape[0]) +
         (change.rows_lost == 1 ? " rows becomes" : " rows become") + " zeros in " +
         type_name(change.type) + ", which has no step for values as small as " +
         number_text(static_cast<float>(change.largest_lost)) +
         "; if they matter, keep that part in f32: --keep-f32 " + change.path;
}

}  // namespace

std::string type_name(fb::TensorType type) {
  const auto index = static_cast<size_t>(type);
  return index < kTypeNames.size() ? kTypeNames[index] : "unknown";
}

fb::TensorType parse_type(const std::string& name, const std::string& flag) {
  for (size_t i = 0; i < kTypeNames.size(); ++i) {
    if (name == kTypeNames[i]) return static_cast<fb::TensorType>(i);
  }
  throw Error(flag + " " + name + ": there is no such type; the types are f32, fp16, int8, int4");
}

bool names_part(const std::string& part, const std::string& path) {
  return ("." + path + ".").find("." + part + ".") != std::string::npos;
}

fb::TensorType Precision::type_of(const std::string& path) const {
  fb::TensorType type = is_table(path) ? embeddings : weights;
  for (const auto& [part, own] : parts) {
    if (names_part(part, path)) type = own;
  }
  return type;
}

void quantise_tensor(fb::TensorT& tensor, fb::TensorType type, bool table, uint32_t group_size,
                     const std::string& path, const std::function<void(uint64_t rows)>& done) {
  if (type == fb::TensorType::F32) return;
  const std::vector<float> values = floats_of(tensor);
  tensor.type = type;
  if (type == fb::TensorType::F16) {
    to_halves(tensor, values, path);
  } else {
    to_integers(tensor, values, table, group_size, path, done);
  }
}

std::vector<PartChange> quantise_model(fb::ModelT& model, const Precision& precision,
                                       const RowProgress& progress) {
  std::vector<std::string> paths;
  uint64_t total = 0;
  visit_tensors(model, [&](const std::string& path, const fb::TensorT& tensor) {
    if (tensor.shape.size() != 2) return;
    paths.push_back(path);
    total += tensor.shape[0];
  });
  for (const auto& chosen : precision.parts) {
    const std::string& part = chosen.first;
    if (std::none_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return names_part(part, path); })) {
      throw Error("the model has no part " + augur::quoted(part) + "; its matrices are " +
                  join(paths));
    }
  }
  std::vector<PartChange> changes;
  uint64_t done = 0;
  edit_tensors(model, [&](const std::string& path, fb::TensorT& tensor) {
    if (tensor.shape.size() != 2) return;
    PartChange change;
    change.path = path;
    change.type = precision.type_of(path);
    change.shape = tensor.shape;
    change.bytes_before = stored_bytes(tensor);
    const std::vector<float> before = floats_of(tensor);
    quantise_tensor(tensor, change.type, is_table(path), precision.group_size, path,
                    [&](uint64_t rows) { progress(done + rows, total); });
    change.bytes_after = stored_bytes(tensor);
    if (change.type != fb::TensorType::F32) measure(before, tensor, change);
    if (change.type == fb::TensorType::I4 && change.relative_error > kInt4Bound) {
      change.helping_group =
          find_helping_group(before, tensor.shape, is_table(path), precision.group_size);
    }
    done += tensor.shape[0];
    progress(done, total);
    changes.push_back(std::move(change));
  });
  return changes;
}

std::vector<float> dequantise(const fb::TensorT& tensor) {
  if (tensor.type == fb::TensorType::F32) return floats_of(tensor);
  const size_t rows = tensor.shape.at(0);
  const size_t columns = tensor.shape.at(1);
  std::vector<float> values(rows * columns);
  if (tensor.type == fb::TensorType::F16) {
    for (size_t i = 0; i < values.size(); ++i) {
      uint16_t half;
      std::memcpy(&half, tensor.data.data() + i * sizeof half, sizeof half);
      values[i] = half_to_float(half);
    }
    return values;
  }
  const bool int4 = tensor.type == fb::TensorType::I4;
  const size_t row_bytes = int4 ? (columns + 1) / 2 : columns;
  const size_t group = tensor.group_size == 0 ? columns : tensor.group_size;
  const size_t groups = (columns + group - 1) / group;
  for (size_t row = 0; row < rows; ++row) {
    const uint8_t* integers = tensor.data.data() + row * row_bytes;
    for (size_t k = 0; k < columns; ++k) {
      const size_t index = row * groups + k / group;
      float scale = 0;
      if (tensor.scale_type == fb::ScaleType::F16) {
        uint16_t half;
        std::memcpy(&half, tensor.scales.data() + index * sizeof half, sizeof half);
        scale = half_to_float(half);
      } else {
        std::memcpy(&scale, tensor.scales.data() + index * sizeof scale, sizeof scale);
      }
      const int nibble = integers[k / (int4 ? 2 : 1)] >> (k % 2 == 0 ? 0 : 4) & 15;
      const int integer = int4 ? (nibble ^ 8) - 8 : static_cast<int8_t>(integers[k]);
      const float offset =
          tensor.offsets.empty() ? 0.0f : static_cast<float>(tensor.offsets[index]) / 16;
      values[row * columns + k] = scale * (static_cast<float>(integer) + offset);
    }
  }
  return values;
}

std::vector<std::string> warnings_of(const std::vector<PartChange>& changes) {
  std::vector<std::string> warnings;
  std::vector<std::string> helped;
  std::vector<std::string> beyond;
  uint32_t group = 0;
  for (const PartChange& change : changes) {
    if (change.rows_lost > 0) warnings.push_back(lost_rows(change));
    if (change.type != fb::TensorType::I4 || change.relative_error <= kInt4Bound) continue;
    const std::string text = change.path + " (" + rounded(change.relative_error) + ")";
    if (change.helping_group == 0) {
      beyond.push_back(text);
    } else {
      helped.push_back(text);
      group = group == 0 ? change.helping_group : std::min(group, change.helping_group);
    }
  }
  const std::string above = ": the relative error in int4 is above " + rounded(kInt4Bound) + "; ";
  if (!helped.empty()) {
    warnings.push_back(join(helped) + above + "--group-size " + std::to_string(group) +
                       " brings it below");
  }
  if (!beyond.empty()) {
    warnings.push_back(join(beyond) + above + "no group size brings it below, int8 does: --type " +
                       beyond.front().substr(0, beyond.front().find(' ')) + "=int8");
  }
  return warnings;
}

}  // namespace augur::convert
