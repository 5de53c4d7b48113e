// Packs weights.
#include "loader/weights.h"

#include "kernels/kernel_set.h"

namespace augur {
namespace {

constexpr std::int32_t kZeroPoint = 128;  // of inputs that are integers

std::int32_t sum_of(const std::int8_t* values, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i)
    sum += values[i];
  return sum;
}

augur_status pack_integers(Reader& reader, const WeightMatrix& matrix, std::size_t groups,
                           IntegerPath path, IntegerProduct* product) {
  constexpr float kStateScale = 1.0f / 127.0f;
  const std::size_t outputs = matrix.outputs;
  const std::size_t inputs = matrix.inputs;
  // The last gate may begin at any position, and kernels read it in whole vectors from there.
  const std::size_t padded = padded_units(outputs) + kMaxVector;
  const std::size_t filled = 4 * quads(inputs);
  Arena& arena = reader.arena();
  const Span<std::int8_t> lanes = arena.array<std::int8_t>(outputs * padded_inputs(path, inputs));
  const Span<std::int8_t> rows = arena.array<std::int8_t>(padded * filled);
  const Span<float> scales = arena.array<float>(padded);
  const Span<std::int32_t> offsets = arena.array<std::int32_t>(padded);
  if (lanes.empty() || rows.empty() || scales.empty() || offsets.empty()) return reader.no_memory();
  pack_integer_lanes(path, matrix.integers, groups, outputs / groups, inputs, lanes.data());
  pack_integer_rows(matrix.integers, outputs, inputs, rows.data());
  for (std::size_t output = 0; output < outputs; ++output) {
    scales[output] = matrix.scales[output] * kStateScale;
    offsets[output] = -kZeroPoint * sum_of(matrix.integers + output * inputs, inputs);
  }
  *product = {lanes.data(), rows.data(), scales.data(), offsets.data()};
  return AUGUR_OK;
}

augur_status pack_integers(Reader& reader, const WeightMatrix& matrix, InputRange range,
                           IntegerLayer* layer) {
  const std::size_t outputs = matrix.outputs;
  const std::size_t inputs = matrix.inputs;
  const IntegerPath path = integer_path(kernels().integers, inputs);
  Arena& arena = reader.arena();
  const Span<std::int8_t> lanes = arena.array<std::int8_t>(outputs * padded_inputs(path, inputs));
  const Span<std::int32_t> offsets = arena.array<std::int32_t>(outputs);
  if (lanes.empty() || offsets.empty()) return reader.no_memory();
  pack_integer_lanes(path, matrix.integers, 1, outputs, inputs, lanes.data());
  for (std::size_t output = 0; output < outputs; ++output)
    offsets[output] = -kZeroPoint * sum_of(matrix.integers + output * inputs, inputs);
  // The scales need no copy: the reader has put them into the arena.
  *layer = {path, lanes.data(), matrix.scales, offsets.data(), range == InputRange::kShare};
  return AUGUR_OK;
}

}  // namespace

augur_status load_product(Reader& reader, const fb::Tensor* weight, const char* name, Shape shape,
                          const float* bias, Product* product, Arithmetic arithmetic) {
  const Arena::Scratch memory(reader.arena(), Reader::weight_bytes(shape));
  if (memory.data() == nullptr) return reader.no_memory();
  WeightMatrix weights = float_weights(nullptr, shape.rows, shape.columns);
  if (arithmetic == Arithmetic::kFloats) {
    AUGUR_TRY(reader.read_matrix(weight, name, shape, memory.data(), &weights.values));
  } else {
    AUGUR_TRY(reader.weights(weight, name, shape, memory.data(), &weights));
  }
  return product->pack(weights, bias, reader.arena(), reader.error());
}

augur_status pack_gates(Reader& reader, const WeightMatrix& matrix, std::size_t groups,
                        IntegerPath path, PackedProduct* floats, IntegerProduct* integers) {
  if (matrix.quantised()) return pack_integers(reader, matrix, groups, path, integers);
  const std::size_t outputs = matrix.outputs;
  const std::size_t inputs = matrix.inputs;
  const Span<float> lanes = reader.arena().array<float>(outputs * inputs);
  const Span<float> rows = reader.arena().array<float>(padded_units(outputs) * inputs);
  if (lanes.empty() || rows.empty()) return reader.no_memory();
  pack_lanes(matrix.values, inputs, groups, outputs / groups, inputs, lanes.data());
  pack_rows(matrix.values, inputs, outputs, inputs, rows.data());
  *floats = {lanes.data(), rows.data()};
  return AUGUR_OK;
}

augur_status load_pair_layer(Reader& reader, const fb::Tensor* weight, const char* name,
                             Shape shape, InputRange range, const float** floats,
                             IntegerLayer* integers) {
  const Arena::Scratch scratch(reader.arena(), Reader::weight_bytes(shape));
  if (scratch.data() == nullptr) return reader.no_memory();
  WeightMatrix matrix;
  AUGUR_TRY(reader.weights(weight, name, shape, scratch.data(), &matrix));
  if (matrix.quantised() && kernels().integers != IntegerPath::kNone &&
      shape.rows % kIntegerUnits == 0) {
    return pack_integers(reader, matrix, range, integers);
  }
  if (matrix.quantised())
    AUGUR_TRY(reader.read_matrix(weight, name, shape, scratch.data(), &matrix.values));
  const Span<float> lanes = reader.arena().array<float>(std::size_t{shape.rows} * shape.columns);
  if (lanes.empty()) return reader.no_memory();
  pack_lanes(matrix.values, shape.columns, 1, shape.rows, shape.columns, lanes.data());
  *floats = lanes.data();
  return AUGUR_OK;
}

}  // namespace augur
