// Reader: shape checks and weight access.
#include "model/reader.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "model/limits.h"

namespace augur {

Reader::Part::Part(Reader& reader, const char* format, ...)
    : reader_(reader), length_before_(std::strlen(reader.part_)) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(reader.part_ + length_before_, sizeof(reader.part_) - length_before_, format,
                 arguments);
  va_end(arguments);
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

augur_status Reader::check_data(const fb::Tensor* tensor, const char* name, std::uint64_t values) {
  if (tensor->type() != fb::TensorType::F32) {
    return bad("tensor '%s' has type %u, which this runtime does not read", name,
               static_cast<unsigned>(tensor->type()));
  }
  const std::uint64_t expected = values * sizeof(float);
  if (tensor->data()->size() == expected) return AUGUR_OK;
  return bad("tensor '%s' needs %llu bytes for its shape, the file holds %u", name,
             static_cast<unsigned long long>(expected), tensor->data()->size());
}

augur_status Reader::matrix_shape(const fb::Tensor* tensor, const char* name, Shape* shape) {
  if (tensor == nullptr) return bad("tensor '%s' is missing", name);
  if (tensor->shape()->size() != 2) {
    return bad("tensor '%s' has rank %u, expected a matrix", name, tensor->shape()->size());
  }
  const std::uint32_t rows = tensor->shape()->Get(0);
  const std::uint32_t columns = tensor->shape()->Get(1);
  if (rows == 0 || rows > kMaxRows || columns == 0 || columns > kMaxWidth) {
    return bad("tensor '%s' has the impossible shape [%u, %u]", name, rows, columns);
  }
  AUGUR_TRY(check_data(tensor, name, std::uint64_t{rows} * columns));
  *shape = {rows, columns};
  return AUGUR_OK;
}

augur_status Reader::read_matrix(const fb::Tensor* tensor, const char* name, Shape expected,
                                 float* out) {
  Shape shape;
  AUGUR_TRY(matrix_shape(tensor, name, &shape));
  if (shape.rows != expected.rows || shape.columns != expected.columns) {
    return bad("tensor '%s' has shape [%u, %u], expected [%u, %u]", name, shape.rows, shape.columns,
               expected.rows, expected.columns);
  }
  return read_values(tensor, name, std::size_t{shape.rows} * shape.columns, out);
}

augur_status Reader::read_values(const fb::Tensor* tensor, const char* name, std::size_t values,
                                 float* out) {
  std::memcpy(out, tensor->data()->data(), values * sizeof(float));
  for (std::size_t i = 0; i < values; ++i) {
    if (!std::isfinite(out[i]))
      return bad("tensor '%s' holds a value that is not finite, at index %zu", name, i);
  }
  return AUGUR_OK;
}

augur_status Reader::vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                            const float** out) {
  if (tensor == nullptr) return bad("tensor '%s' is missing", name);
  if (tensor->shape()->size() != 1 || tensor->shape()->Get(0) != size) {
    return bad("tensor '%s' has rank %u and %u values, expected rank 1 and %u values", name,
               tensor->shape()->size(), tensor->shape()->size() == 0 ? 0 : tensor->shape()->Get(0),
               size);
  }
  AUGUR_TRY(check_data(tensor, name, size));
  const Span<float> values = arena_.array<float>(size);
  if (values.empty()) return no_memory();
  *out = values.data;
  return read_values(tensor, name, size, values.data);
}

augur_status Reader::optional_vector(const fb::Tensor* tensor, const char* name, std::uint32_t size,
                                     const float** out) {
  *out = nullptr;
  return tensor == nullptr ? AUGUR_OK : vector(tensor, name, size, out);
}

}  // namespace augur
