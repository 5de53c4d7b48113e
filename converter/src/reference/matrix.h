// Vectors and matrices in float64, and the one way to read a stored weight.
#pragma once

#include <cstddef>
#include <vector>

#include "augur_generated.h"

namespace augur::reference {

using Vector = std::vector<double>;
using VectorSequence = std::vector<Vector>;  // one vector a step, oldest first

// Row-major [rows, columns].
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  Vector values;

  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
  bool empty() const { return values.empty(); }
};

// The value of channel `row`, input `column` (0 for rank 1), of any type that the schema has:
// quantised integers are two's complement and multiplied with their scale. std::out_of_range beyond
// the data.
double value(const fb::TensorT& tensor, std::size_t row, std::size_t column = 0);

// All values; an absent (null) tensor is empty.
Matrix matrix(const fb::TensorT* tensor);
Vector vector(const fb::TensorT* tensor);

// W x, and rows [first, first + count) of it.
Vector product(const Matrix& weight, const Vector& x);
Vector product(const Matrix& weight, std::size_t first, std::size_t count, const Vector& x);

// Element by element; `add` takes an empty y for zeros.
void add(Vector& x, const Vector& y);
Vector times(const Vector& x, const Vector& y);
Vector scaled(double factor, const Vector& x);
double dot(const Vector& x, const Vector& y);
void append(Vector& x, const Vector& tail);

double sigmoid(double x);

}  // namespace augur::reference
