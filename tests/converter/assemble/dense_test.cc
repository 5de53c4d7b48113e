// Folding BatchNorms, softmax of two and the attention's first layer, against the unfolded
// computation.
#include "assemble/layers.h"

#include <doctest/doctest.h>

#include <cmath>

namespace augur::convert {
namespace {

double number(size_t i) {
  return std::cos(2.3 * static_cast<double>(i) + 0.7) * 0.9;
}

Matrix make_matrix(size_t rows, size_t columns, size_t seed) {
  Matrix matrix(rows, columns, "w");
  for (size_t i = 0; i < matrix.values.size(); ++i)
    matrix.values[i] = number(seed + i);
  return matrix;
}

Vector make_vector(size_t size, size_t seed) {
  Vector vector(size);
  for (size_t i = 0; i < size; ++i)
    vector[i] = number(seed + i);
  return vector;
}

BatchNorm make_norm(size_t units, size_t seed, bool affine) {
  BatchNorm norm;
  norm.mean = make_vector(units, seed);
  norm.variance = Vector(units);
  for (size_t i = 0; i < units; ++i)
    norm.variance[i] = 0.1 + std::fabs(number(seed + 50 + i));
  if (affine) {
    norm.gamma = make_vector(units, seed + 100);
    norm.beta = make_vector(units, seed + 150);
  }
  norm.epsilon = 1e-3;
  return norm;
}

Vector apply(const BatchNorm& norm, const Vector& x) {
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double standard = (x[i] - norm.mean[i]) / std::sqrt(norm.variance[i] + norm.epsilon);
    y[i] = (norm.gamma ? (*norm.gamma)[i] : 1) * standard + (norm.beta ? (*norm.beta)[i] : 0);
  }
  return y;
}

Vector apply(const DenseWeights& dense, const Vector& x) {
  Vector y = product(dense.weight, x);
  if (dense.bias) add(y, 1, *dense.bias);
  return y;
}

void check_equal(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i)
    CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-12));
}

TEST_CASE("a BatchNorm before and after a dense layer folds exactly") {
  for (const bool affine : {false, true}) {
    for (const bool bias : {false, true}) {
      DenseWeights dense{make_matrix(3, 4, 10), std::nullopt};
      if (bias) dense.bias = make_vector(3, 30);
      const BatchNorm before = make_norm(4, 40, affine), after = make_norm(3, 60, affine);
      const Vector x = make_vector(4, 80);
      const Vector unfolded = apply(after, apply(dense, apply(before, x)));
      DenseWeights folded = dense;
      fold_before(folded, affine_of(before));
      fold_after(folded, affine_of(after));
      check_equal(apply(folded, x), unfolded);
    }
  }
}

TEST_CASE("gamma 0 keeps only beta") {
  BatchNorm norm = make_norm(2, 5, true);
  norm.gamma = Vector(2, 0);
  const Affine affine = affine_of(norm);
  CHECK(affine.scale[0] == 0);
  CHECK(affine.shift[1] == doctest::Approx((*norm.beta)[1]));
}

TEST_CASE("a softmax over two is a sigmoid of the difference") {
  for (const size_t click : {size_t{0}, size_t{1}}) {
    const DenseWeights two{make_matrix(2, 5, 1), make_vector(2, 20)};
    const Vector x = make_vector(5, 30), y = apply(two, x);
    const double softmax = std::exp(y[click]) / (std::exp(y[0]) + std::exp(y[1]));
    DenseWeights one = two;
    keep_click(one, click);
    REQUIRE(one.weight.rows == 1);
    const double logit = apply(one, x)[0];
    CHECK(1 / (1 + std::exp(-logit)) == doctest::Approx(softmax).epsilon(1e-12));
  }
}

TEST_CASE("the attention's first layer splits, whatever the order and choice of its inputs") {
  using P = PairInput;
  const std::vector<std::vector<P>> orders = {
      {P::kQuery, P::kKey, P::kQueryMinusKey, P::kProduct},
      {P::kKey, P::kQuery, P::kKeyMinusQuery, P::kProduct},
      {P::kProduct, P::kQueryMinusKey},
      {P::kKeyMinusQuery, P::kQueryMinusKey, P::kQuery},
      {P::kKey},
      {P::kQuery, P::kKey},
  };
  constexpr size_t kWidth = 3, kUnits = 4;
  const Vector q = make_vector(kWidth, 7), k = make_vector(kWidth, 17);
  for (const auto& order : orders) {
    const Matrix weight = make_matrix(kUnits, order.size() * kWidth, 27);
    Vector x;
    for (const P input : order) {
      for (size_t i = 0; i < kWidth; ++i) {
        const double values[] = {q[i], k[i], q[i] - k[i], k[i] - q[i], q[i] * k[i]};
        x.values.push_back(values[static_cast<size_t>(input)]);
      }
    }
    const PairSplit split = split_pair(weight, order, kWidth, kWidth);
    Vector y(kUnits), qk(kWidth);
    for (size_t i = 0; i < kWidth; ++i)
      qk[i] = q[i] * k[i];
    if (split.query) add(y, 1, product(*split.query, q));
    if (split.key) add(y, 1, product(*split.key, k));
    if (split.product) add(y, 1, product(*split.product, qk));
    check_equal(y, product(weight, x));
  }
  CHECK_FALSE(split_pair(make_matrix(2, 3, 1), {P::kKey}, 5, 3).query.has_value());
}

TEST_CASE(
    "query and key may be of different widths where neither difference nor product is taken") {
  const Matrix weight = make_matrix(2, 7, 3);
  const PairSplit split = split_pair(weight, {PairInput::kKey, PairInput::kQuery}, 4, 3);
  CHECK(split.key->columns == 3);
  CHECK(split.query->columns == 4);
  CHECK(split.query->at(1, 0) == weight.at(1, 3));
}

}  // namespace
}  // namespace augur::convert
