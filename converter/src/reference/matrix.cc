// Decoding of stored weights, and plain loops over vectors.
#include "reference/matrix.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace augur::reference {
namespace {

template <typename T>
T load(const std::vector<std::uint8_t>& bytes, std::size_t index) {
  if ((index + 1) * sizeof(T) > bytes.size())
    throw std::out_of_range("a tensor's data is too short");
  T loaded;
  std::memcpy(&loaded, bytes.data() + index * sizeof(T), sizeof(T));
  return loaded;
}

// IEEE 754 binary16.
double half(std::uint16_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

std::size_t inputs(const fb::TensorT& tensor) {
  return tensor.shape.size() < 2 ? 1 : tensor.shape[1];
}

// The index of the scale and the offset that a value shares with its group.
std::size_t group_of(const fb::TensorT& tensor, std::size_t row, std::size_t column) {
  const std::size_t size = tensor.group_size == 0 ? inputs(tensor) : tensor.group_size;
  const std::size_t groups = (inputs(tensor) + size - 1) / size;
  return row * groups + column / size;
}

double scale(const fb::TensorT& tensor, std::size_t row, std::size_t column) {
  const std::size_t index = group_of(tensor, row, column);
  switch (tensor.scale_type) {
    case fb::ScaleType::F32:
      return load<float>(tensor.scales, index);
    case fb::ScaleType::F16:
      return half(load<std::uint16_t>(tensor.scales, index));
    case fb::ScaleType::None:
      break;
  }
  throw std::invalid_argument("a quantised tensor without scales");
}

double offset(const fb::TensorT& tensor, std::size_t row, std::size_t column) {
  return tensor.offsets.empty() ? 0.0 : tensor.offsets.at(group_of(tensor, row, column)) / 16.0;
}

int nibble(const fb::TensorT& tensor, std::size_t row, std::size_t column) {
  const std::size_t row_bytes = (inputs(tensor) + 1) / 2;
  const int byte = load<std::uint8_t>(tensor.data, row * row_bytes + column / 2);
  const int bits = column % 2 == 0 ? byte & 15 : byte >> 4;
  return bits < 8 ? bits : bits - 16;
}

}  // namespace

double value(const fb::TensorT& tensor, std::size_t row, std::size_t column) {
  const std::size_t index = row * inputs(tensor) + column;
  switch (tensor.type) {
    case fb::TensorType::F32:
      return load<float>(tensor.data, index);
    case fb::TensorType::F16:
      return half(load<std::uint16_t>(tensor.data, index));
    case fb::TensorType::I8:
      return scale(tensor, row, column) * load<std::int8_t>(tensor.data, index);
    case fb::TensorType::I4:
      return scale(tensor, row, column) *
             (nibble(tensor, row, column) + offset(tensor, row, column));
  }
  throw std::invalid_argument("unknown tensor type");
}

Matrix matrix(const fb::TensorT* tensor) {
  Matrix decoded;
  if (tensor == nullptr) return decoded;
  decoded.rows = tensor->shape.at(0);
  decoded.columns = inputs(*tensor);
  for (std::size_t row = 0; row < decoded.rows; ++row) {
    for (std::size_t column = 0; column < decoded.columns; ++column) {
      decoded.values.push_back(value(*tensor, row, column));
    }
  }
  return decoded;
}

Vector vector(const fb::TensorT* tensor) {
  return matrix(tensor).values;
}

Vector product(const Matrix& weight, const Vector& x) {
  return product(weight, 0, weight.rows, x);
}

Vector product(const Matrix& weight, std::size_t first, std::size_t count, const Vector& x) {
  if (weight.columns != x.size() || first + count > weight.rows) {
    throw std::invalid_argument("a product's shapes do not fit");
  }
  Vector y(count, 0.0);
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t k = 0; k < x.size(); ++k)
      y[row] += weight.at(first + row, k) * x[k];
  }
  return y;
}

void add(Vector& x, const Vector& y) {
  if (y.empty()) return;
  if (x.size() != y.size()) throw std::invalid_argument("a sum's widths differ");
  for (std::size_t k = 0; k < x.size(); ++k)
    x[k] += y[k];
}

Vector times(const Vector& x, const Vector& y) {
  if (x.size() != y.size()) throw std::invalid_argument("a product's widths differ");
  Vector z(x.size());
  for (std::size_t k = 0; k < x.size(); ++k)
    z[k] = x[k] * y[k];
  return z;
}

Vector scaled(double factor, const Vector& x) {
  Vector z(x.size());
  for (std::size_t k = 0; k < x.size(); ++k)
    z[k] = factor * x[k];
  return z;
}

double dot(const Vector& x, const Vector& y) {
  double sum = 0.0;
  for (const double term : times(x, y))
    sum += term;
  return sum;
}

void append(Vector& x, const Vector& tail) {
  x.insert(x.end(), tail.begin(), tail.end());
}

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace augur::reference
