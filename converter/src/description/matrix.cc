// Plain operations on double-precision weights; see matrix.h.
#include "description/matrix.h"

#include <algorithm>
#include <cassert>

namespace augur::convert {

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows, matrix.name);
  for (size_t r = 0; r < matrix.rows; ++r) {
    for (size_t c = 0; c < matrix.columns; ++c)
      result.at(c, r) = matrix.at(r, c);
  }
  return result;
}

Matrix row_range(const Matrix& matrix, size_t first, size_t count) {
  assert(first + count <= matrix.rows);
  Matrix result(count, matrix.columns, matrix.name);
  std::copy_n(matrix.values.begin() + static_cast<std::ptrdiff_t>(first * matrix.columns),
              count * matrix.columns, result.values.begin());
  return result;
}

Vector range(const Vector& vector, size_t first, size_t count) {
  assert(first + count <= vector.size());
  Vector result(count, 0, vector.name);
  std::copy_n(vector.values.begin() + static_cast<std::ptrdiff_t>(first), count,
              result.values.begin());
  return result;
}

Matrix column_range(const Matrix& matrix, size_t first, size_t count) {
  assert(first + count <= matrix.columns);
  Matrix result(matrix.rows, count, matrix.name);
  for (size_t r = 0; r < matrix.rows; ++r) {
    for (size_t c = 0; c < count; ++c)
      result.at(r, c) = matrix.at(r, first + c);
  }
  return result;
}

Matrix stacked(const std::vector<Matrix>& parts) {
  Matrix result;
  for (const Matrix& part : parts) {
    assert(result.rows == 0 || part.columns == result.columns);
    result.columns = part.columns;
    result.rows += part.rows;
    result.values.insert(result.values.end(), part.values.begin(), part.values.end());
    if (result.name != part.name) result.name += (result.name.empty() ? "" : " | ") + part.name;
  }
  return result;
}

Vector stacked(const std::vector<Vector>& parts) {
  Vector result;
  for (const Vector& part : parts) {
    result.values.insert(result.values.end(), part.values.begin(), part.values.end());
    if (result.name != part.name) result.name += (result.name.empty() ? "" : " | ") + part.name;
  }
  return result;
}

void add(Matrix& target, double factor, const Matrix& part) {
  assert(target.rows == part.rows && target.columns == part.columns);
  for (size_t i = 0; i < target.values.size(); ++i)
    target.values[i] += factor * part.values[i];
}

void add(Vector& target, double factor, const Vector& part) {
  assert(target.size() == part.size());
  for (size_t i = 0; i < target.size(); ++i)
    target[i] += factor * part[i];
}

Matrix product(const Matrix& first, const Matrix& second) {
  Matrix result(first.rows, second.columns, first.name + " * " + second.name);
  for (size_t r = 0; r < first.rows; ++r) {
    for (size_t k = 0; k < first.columns; ++k) {
      for (size_t c = 0; c < second.columns; ++c) {
        result.at(r, c) += first.at(r, k) * second.at(k, c);
      }
    }
  }
  return result;
}

Vector product(const Matrix& matrix, const Vector& vector) {
  assert(matrix.columns == vector.size());
  Vector result(matrix.rows);
  for (size_t r = 0; r < matrix.rows; ++r) {
    for (size_t c = 0; c < matrix.columns; ++c)
      result[r] += matrix.at(r, c) * vector[c];
  }
  return result;
}

}  // namespace augur::convert
