// Matrices and vectors of weights during the conversion. They are in double precision, so that
// weights which are folded or summed are rounded once, when the result is written.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace augur::convert {

// [outputs, inputs], row-major, whatever the checkpoint's orientation was.
struct Matrix {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<double> values;
  std::string name;  // the tensor, or the parts that it was made of; for messages and reports

  Matrix() = default;
  Matrix(size_t row_count, size_t column_count, std::string origin = "")
      : rows(row_count),
        columns(column_count),
        values(row_count * column_count),
        name(std::move(origin)) {}

  double& at(size_t row, size_t column) { return values[row * columns + column]; }
  double at(size_t row, size_t column) const { return values[row * columns + column]; }
};

struct Vector {
  std::vector<double> values;
  std::string name;

  Vector() = default;
  explicit Vector(size_t size, double value = 0, std::string origin = "")
      : values(size, value), name(std::move(origin)) {}

  size_t size() const { return values.size(); }
  double& operator[](size_t i) { return values[i]; }
  double operator[](size_t i) const { return values[i]; }
};

Matrix transposed(const Matrix& matrix);

// Rows [first, first + count).
Matrix row_range(const Matrix& matrix, size_t first, size_t count);
Vector range(const Vector& vector, size_t first, size_t count);

// TextTable [first, first + count).
Matrix column_range(const Matrix& matrix, size_t first, size_t count);

// The matrices one below the other; all must have the same number of columns.
Matrix stacked(const std::vector<Matrix>& parts);
Vector stacked(const std::vector<Vector>& parts);

// target += factor * part, element by element; shapes must be equal.
void add(Matrix& target, double factor, const Matrix& part);
void add(Vector& target, double factor, const Vector& part);

// The matrix product; sizes must fit.
Vector product(const Matrix& matrix, const Vector& vector);
Matrix product(const Matrix& first, const Matrix& second);

}  // namespace augur::convert
