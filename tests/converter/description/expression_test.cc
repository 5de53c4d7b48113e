// The language of weights: parts, orientations, concatenations, sums, constants.
#include "description/expression.h"

#include <doctest/doctest.h>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

class Expressions {
 public:
  Expressions()
      : tensors_(TensorSet()
                     .add("m", {2, 3}, {1, 2, 3, 4, 5, 6})
                     .add("n", {2, 3}, {10, 20, 30, 40, 50, 60})
                     .add("row", {1, 3}, {7, 8, 9})
                     .add("v", {3}, {1, 2, 3})
                     .add("column", {3, 1}, {4, 5, 6})
                     .add("cube", {1, 2, 3}, {1, 2, 3, 4, 5, 6})
                     .add("scalar", {}, {5})),
        weights_(tensors_.get()) {}

  Matrix matrix(const char* text, Orientation orientation = Orientation::kOutIn,
                const MatrixShape& expected = {}) {
    json_ = parse_json(text, "e.json");
    return read_matrix(Node(json_, "e.json"), orientation, expected, weights_);
  }
  Vector vector(const char* text, std::optional<size_t> size = std::nullopt) {
    json_ = parse_json(text, "e.json");
    return read_vector(Node(json_, "e.json"), size, "as many as units", weights_);
  }
  WeightSource& weights() { return weights_; }

 private:
  OpenTensorSet tensors_;
  WeightSource weights_;
  Json json_;
};

using Values = std::vector<double>;

TEST_CASE("a tensor, its transpose, a part of it") {
  Expressions e;
  CHECK(e.matrix("\"m\"").values == Values{1, 2, 3, 4, 5, 6});
  const Matrix turned = e.matrix("\"m\"", Orientation::kInOut);
  CHECK(turned.rows == 3);
  CHECK(turned.values == Values{1, 4, 2, 5, 3, 6});
  CHECK(e.matrix(R"({"tensor": "m", "orientation": "out_in"})", Orientation::kInOut).rows == 2);
  CHECK(e.matrix(R"({"tensor": "m", "rows": [1, 2]})").values == Values{4, 5, 6});
  CHECK(e.matrix(R"({"tensor": "m", "columns": [0, 2]})").values == Values{1, 2, 4, 5});
  CHECK(e.matrix(R"({"tensor": "m", "rows": [0, 1], "columns": [1, 3], "orientation": "in_out"})")
            .values == Values{2, 3});
  CHECK(e.matrix("\"cube\"").rows == 2);
}

TEST_CASE("concatenation and sum") {
  Expressions e;
  const Matrix below = e.matrix(R"({"concat": ["m", "row"], "along": "outputs"})");
  CHECK(below.rows == 3);
  CHECK(below.values == Values{1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Matrix beside = e.matrix(R"({"concat": ["m", "n"], "along": "inputs"})");
  CHECK(beside.columns == 6);
  CHECK(beside.values == Values{1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60});
  // TensorFlow's kernels of one input, side by side: each is turned, then stacked.
  const Matrix kernels =
      e.matrix(R"({"concat": ["m", {"tensor": "n", "columns": [0, 1]}], "along": "outputs"})",
               Orientation::kInOut);
  CHECK(kernels.rows == 4);
  CHECK(kernels.columns == 2);
  CHECK(kernels.values == Values{1, 4, 2, 5, 3, 6, 10, 40});
  CHECK(e.matrix(R"({"sum": ["m", "n"]})").values == Values{11, 22, 33, 44, 55, 66});
  CHECK(e.matrix(R"({"sum": ["m", {"sum": ["m", "n"]}]})").values ==
        Values{12, 24, 36, 48, 60, 72});
}

TEST_CASE("products, blocks and the identity") {
  Expressions e;
  CHECK(e.matrix(R"({"product": ["m", "n"]})").values == Values{10, 40, 90, 160, 250, 360});
  CHECK(e.matrix(R"({"matmul": ["m", "column"]})").values == Values{32, 77});
  CHECK(e.matrix(R"({"matmul": [{"tensor": "m", "orientation": "in_out"}, "n"]})").rows == 3);
  CHECK(e.matrix(R"({"identity": 2})").values == Values{1, 0, 0, 1});
  const Matrix blocks = e.matrix(
      R"({"block_diagonal": [{"identity": 1}, {"tensor": "row", "orientation": "in_out"}]})");
  CHECK(blocks.rows == 4);
  CHECK(blocks.columns == 2);
  CHECK(blocks.values == Values{1, 0, 0, 7, 0, 8, 0, 9});
}

TEST_CASE("vectors: any tensor with one long axis") {
  Expressions e;
  CHECK(e.vector("\"v\"").values == Values{1, 2, 3});
  CHECK(e.vector("\"row\"").values == Values{7, 8, 9});
  CHECK(e.vector("\"column\"").values == Values{4, 5, 6});
  CHECK(e.vector("\"scalar\"").values == Values{5});
  CHECK(e.vector(R"({"tensor": "v", "rows": [1, 3]})").values == Values{2, 3});
  CHECK(e.vector(R"({"concat": ["v", "row"]})").values == Values{1, 2, 3, 7, 8, 9});
  CHECK(e.vector(R"({"sum": ["v", "column", "v"]})").values == Values{6, 9, 12});
  CHECK(e.vector(R"({"constant": 0.5})", 2).values == Values{0.5, 0.5});
}

TEST_CASE("vectors: a row or a column of a matrix") {
  Expressions e;
  CHECK(e.vector(R"({"tensor": "m", "rows": [0, 1]})").values == Values{1, 2, 3});
  CHECK(e.vector(R"({"tensor": "m", "rows": [1, 2]})", 3).values == Values{4, 5, 6});
  CHECK(e.vector(R"({"tensor": "m", "columns": [2, 3]})").values == Values{3, 6});
  CHECK(e.vector(R"({"tensor": "m", "rows": [1, 2], "columns": [0, 2]})").values == Values{4, 5});
}

TEST_CASE("what was read is recorded") {
  Expressions e;
  e.matrix(R"({"sum": ["m", "n"]})");
  CHECK(e.weights().used().size() == 2);
  CHECK(e.weights().used().count("m") == 1);
  CHECK(e.weights().unused() == std::vector<std::string>{"column", "cube", "row", "scalar", "v"});
}

TEST_CASE("expressions that make no sense") {
  Expressions e;
  const auto matrix_error = [&](const char* text, MatrixShape expected = {}) {
    return error_of([&] { e.matrix(text, Orientation::kOutIn, expected); });
  };
  const auto vector_error = [&](const char* text, std::optional<size_t> size = std::nullopt) {
    return error_of([&] { e.vector(text, size); });
  };
  CHECK(has(matrix_error("5"), {"e.json", "expected weights"}));
  CHECK(has(matrix_error("{}"),
            {"tensor, concat, sum, product, matmul, block_diagonal, identity, constant"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "sum": []})"), {"both \"tensor\" and \"sum\""}));
  CHECK(has(matrix_error(R"({"tensor": "m", "row": [0, 1]})"), {"did you mean 'rows'"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "rows": [0, 3]})"), {"[0, 3] is not a part of the 2"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "rows": [1, 1]})"), {"[1, 1] is not a part"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "rows": [-1, 1]})"), {"rows[0]", "found -1"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "rows": [1]})"), {"[first, end]"}));
  CHECK(has(matrix_error("\"v\""), {"expected a matrix, found shape [3]"}));
  CHECK(has(matrix_error(R"({"concat": ["m", "n"]})"), {"\"along\" is missing"}));
  CHECK(has(matrix_error(R"({"concat": [], "along": "inputs"})"), {"must not be empty"}));
  CHECK(has(matrix_error(R"({"concat": ["m", "column"], "along": "outputs"})"),
            {"concat[1]: has 1 inputs, but the part before it has 3"}));
  CHECK(has(matrix_error(R"({"sum": ["m", "row"]})"), {"sum[1]: is [1, 3]", "is [2, 3]"}));
  CHECK(has(matrix_error(R"({"constant": 1})"), {"makes a vector"}));
  CHECK(has(matrix_error(R"({"product": ["m", "row"]})"), {"product[1]: is [1, 3]", "is [2, 3]"}));
  CHECK(has(matrix_error(R"({"matmul": ["m", "n"]})"),
            {"matmul[1]: has 2 outputs, but the part before it has 3 inputs"}));
  CHECK(has(matrix_error(R"({"matmul": []})"), {"must not be empty"}));
  CHECK(has(matrix_error(R"({"block_diagonal": []})"), {"must not be empty"}));
  CHECK(has(matrix_error(R"({"identity": 0})"), {"identity", "found 0"}));
  CHECK(has(vector_error(R"({"matmul": ["m", "column"]})"), {"'matmul' makes a matrix"}));
  CHECK(has(matrix_error(R"({"sum": ["m", "n"]})", {4, 3, "because"}),
            {"expected [4, 3] as [outputs, inputs] (because), found [2, 3] from m + n"}));
  CHECK(has(matrix_error(R"({"tensor": "m", "rows": [0, 1]})", {2, 3, ""}),
            {"found [1, 3] in the rows and columns chosen"}));
  CHECK(has(vector_error("\"m\""), {"expected a vector, found shape [2, 3]"}));
  CHECK(
      has(vector_error("\"v\"", 4), {"tensor 'v': expected 4 values (as many as units), found 3"}));
  CHECK(has(vector_error(R"({"constant": 1})"), {"size is known from elsewhere"}));
  CHECK(has(vector_error(R"({"sum": ["v", {"tensor": "v", "rows": [0, 2]}]})"), {"has 2 values"}));
}

}  // namespace
}  // namespace augur::convert::testing
