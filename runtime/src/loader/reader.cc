// Reader: shape checks and weight access.
#include "loader/reader.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "common/finite.h"
#include "common/utf8.h"
#include "loader/limits.h"

namespace augur {
namespace {

// kernels/stored_rows.h numbers the types as the schema does.
static_assert(static_cast<int>(StoredType::kI4) == static_cast<int>(fb::TensorType::I4) &&
              static_cast<int>(ScaleType::kF16) == static_cast<int>(fb::ScaleType::F16));

StoredType stored_type(const fb::Tensor& tensor) {
  return static_cast<StoredType>(tensor.type());
}

ScaleType scale_type(const fb::Tensor& tensor) {
  return static_cast<ScaleType>(tensor.scale_type());
}

}  // namespace

Reader::Part::Part(Reader& reader, const char* format, ...)
    : reader_(reader), length_before_(std::strlen(reader.part_)) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(reader.part_ + length_before_, sizeof(reader.part_) - length_before_, format,
                 arguments);
  va_end(arguments);
  drop_cut_character(reader.part_);
  const std::size_t length = std::strlen(reader.part_);
  std::snprintf(reader.part_ + length, sizeof(reader.part_) - length, ": ");
}

Reader::Part::~Part() {
  reader_.part_[length_before_] = '\0';
}

augur_status Reader::bad(const char* format, ...) {
  char message[sizeof(augur_error::message)];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  return error_.fail(AUGUR_BAD_MODEL, "%s%s", part_, message);
}

augur_status Reader::no_memory() {
  return error_.fail(AUGUR_OUT_OF_MEMORY, "%sno memory", part_);
}

augur_status Reader::expect(bool condition, const char* what) {
  return condition ? AUGUR_OK : bad("%s", what);
}

augur_status Reader::check_count(std::size_t count, const char* what) {
  if (count <= kMaxParts) return AUGUR_OK;
  return bad("%zu %s, at most %u are allowed", count, what, kMaxParts);
}

augur_status Reader::check_bytes(const char* name, const char* part, std::uint64_t found,
                                 std::uint64_t expected) {
  if (found == expected) return AUGUR_OK;
  return bad("tensor '%s' needs %llu bytes of %s for its shape, the file holds %llu", name,
             static_cast<unsigned long long>(expected), part,
             static_cast<unsigned long long>(found));
}

augur_status Reader::check_matrix(const fb::Tensor* tensor, const char* name) {
  if (tensor == nullptr) return bad("tensor '%s' is missing", name);
  if (tensor->shape()->size() != 2) {
    return bad("tensor '%s' has rank %u, expected a matrix", name, tensor->shape()->size());
  }
  const std::uint32_t rows = tensor->shape()->Get(0);
  const std::uint32_t columns = tensor->shape()->Get(1);
  if (rows == 0 || rows > kMaxRows || columns == 0 || columns > kMaxWidth) {
    return bad("tensor '%s' has the impossible shape [%u, %u]", name, rows, columns);
  }
  const std::uint64_t row_bytes = StoredRows::row_bytes(stored_type(*tensor), columns);
  if (row_bytes == 0) {
    return bad("tensor '%s' has type %u, which this runtime does not read", name,
               static_cast<unsigned>(tensor->type()));
  }
  AUGUR_TRY(check_bytes(name, "data", tensor->data()->size(), rows * row_bytes));
  const bool quantised =
      tensor->type() == fb::TensorType::I8 || tensor->type() == fb::TensorType::I4;
  const std::uint64_t scale_bytes = StoredRows::scale_bytes(scale_type(*tensor));
  if (quantised != (scale_bytes != 0)) {
    return bad(quantised ? "tensor '%s' has integers without a known type of scale (%u)"
                         : "tensor '%s' has floats, but also a type of scale (%u)",
               name, static_cast<unsigned>(tensor->scale_type()));
  }
  if (tensor->group_size() > columns || (tensor->group_size() != 0 && !quantised)) {
    return bad("tensor '%s' has groups of %u for %u columns", name, tensor->group_size(), columns);
  }
  const std::uint64_t scales =
      std::uint64_t{rows} * StoredRows::groups(columns, tensor->group_size());
  AUGUR_TRY(check_bytes(name, "scales", tensor->scales() == nullptr ? 0 : tensor->scales()->size(),
                        scales * scale_bytes));
  if (tensor->offsets() == nullptr) return AUGUR_OK;
  if (tensor->type() != fb::TensorType::I4)
    return bad("tensor '%s' has offsets, but is not int4", name);
  return check_bytes(name, "offsets", tensor->offsets()->size(), scales);
}

augur_status Reader::matrix_shape(const fb::Tensor* tensor, const char* name, Shape* shape) {
  AUGUR_TRY(check_matrix(tensor, name));
  *shape = {tensor->shape()->Get(0), tensor->shape()->Get(1)};
  return AUGUR_OK;
}

augur_status Reader::stored_rows(const fb::Tensor* tensor, const char* name, StoredRows* rows) {
  AUGUR_TRY(check_matrix(tensor, name));
  StoredMatrix matrix;
  matrix.type = stored_type(*tensor);
  matrix.scale_type = scale_type(*tensor);
  matrix.rows = tensor->shape()->Get(0);
  matrix.columns = tensor->shape()->Get(1);
  matrix.group_size = tensor->group_size();
  matrix.data = tensor->data()->data();
  if (tensor->scales() != nullptr) matrix.scales = tensor->scales()->data();
  if (tensor->offsets() != nullptr) matrix.offsets = tensor->offsets()->data();
  *rows = StoredRows(matrix);
  return AUGUR_OK;
}

augur_status Reader::exact_rows(const fb::Tensor* tensor, const char* name, Shape expected,
                                StoredRows* stored) {
  AUGUR_TRY(stored_rows(tensor, name, stored));
  AUGUR_TRY(need_type<build::kWeights>(tensor));
  if (stored->rows() == expected.rows && stored->columns() == expected.columns) return AUGUR_OK;
  return bad("tensor '%s' has shape [%u, %u], expected [%u, %u]", name, stored->rows(),
             stored->columns(), expected.rows, expected.columns);
}

augur_status Reader::read_matrix(const fb::Tensor* tensor, const char* name, Shape expected,
                                 void* memory, const float** values) {
  StoredRows stored;
  AUGUR_TRY(exact_rows(tensor, name, expected, &stored));
  *values = stored.floats();
  if (*values == nullptr) {
    auto* out = static_cast<float*>(memory);
    for (std::uint32_t row = 0; row < expected.rows; ++row)
      stored.read(row, out + std::size_t{row} * expected.columns);
    *values = out;
  }
  return check_finite(name, *values, std::size_t{expected.rows} * expected.columns);
}

augur_status Reader::weights(const fb::Tensor* tensor, const char* name, Shape expected,
                             void* memory, WeightMatrix* matrix) {
  StoredRows stored;
  AUGUR_TRY(exact_rows(tensor, name, expected, &stored));
  *matrix = float_weights(nullptr, expected.rows, expected.columns);
  if (stored.scaled_integers()) return integer_weights(stored, name, memory, matrix);
  return read_matrix(tensor, name, expected, memory, &matrix->values);
}

augur_status Reader::integer_weights(const StoredRows& rows, const char* name, void* memory,
                                     WeightMatrix* matrix) {
  const Span<float> scales = arena_.array<float>(rows.rows());
  if (scales.empty()) return no_memory();
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    scales[row] = rows.scale(row);
    if (!std::isnormal(scales[row]) || scales[row] < 0.0f) {
      return bad("tensor '%s' has a scale that is not a positive number, in row %u", name, row);
    }
  }
  matrix->scales = scales.data();
  auto* integers = static_cast<std::int8_t*>(memory);
  for (std::uint32_t row = 0; row < rows.rows(); ++row)
    rows.read_integers(row, integers + std::size_t{row} * rows.columns());
  matrix->integers = integers;
  return AUGUR_OK;
}

augur_status Reader::check_finite(const char* name, const float* values, std::size_t count) {
  if (all_finite(values, count)) return AUGUR_OK;
  std::size_t index = 0;
  while (std::isfinite(values[index]))
    ++index;
  return bad("tensor '%s' holds a value that is not finite, at index %zu", name, index);
}

augur_status Reader::vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                            const float** out) {
  if (tensor == nullptr) return bad("tensor '%s' is missing", name);
  if (tensor->shape()->size() != 1 || tensor->shape()->Get(0) != size) {
    return bad("tensor '%s' has rank %u and %u values, expected rank 1 and %u values", name,
               tensor->shape()->size(), tensor->shape()->size() == 0 ? 0 : tensor->shape()->Get(0),
               size);
  }
  if (tensor->type() != fb::TensorType::F32) {
    return bad("tensor '%s' has type %u; biases and other vectors are f32", name,
               static_cast<unsigned>(tensor->type()));
  }
  AUGUR_TRY(check_bytes(name, "data", tensor->data()->size(), std::uint64_t{size} * sizeof(float)));
  const Span<float> values = arena_.array<float>(size);
  if (values.empty()) return no_memory();
  std::memcpy(values.data(), tensor->data()->data(), size * sizeof(float));
  *out = values.data();
  return check_finite(name, values.data(), size);
}

augur_status Reader::ones(std::uint32_t size, const float** out) {
  const Span<float> values = arena_.array<float>(size);
  if (values.empty()) return no_memory();
  for (float& value : values)
    value = 1.0f;
  *out = values.data();
  return AUGUR_OK;
}

augur_status Reader::optional_vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                                     const float** out) {
  *out = nullptr;
  return tensor == nullptr ? AUGUR_OK : vector(tensor, name, size, out);
}

}  // namespace augur
