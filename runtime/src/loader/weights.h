// Packs weights of a file for the products and the fused kernels (kernels/packing.h): int8 where
// the model stores integers and this processor has instructions for their products, f32 otherwise.
#pragma once

#include "kernels/attention.h"
#include "kernels/product.h"
#include "kernels/recurrence.h"
#include "loader/reader.h"

namespace augur {

// Integer products compute this many units together; layers whose width is not a multiple of it are
// expanded to f32.
inline constexpr std::uint32_t kIntegerUnits = 4;

// How weights that are stored as integers are multiplied: with integer inputs, or expanded to f32.
enum class Arithmetic : std::uint8_t { kIntegers, kFloats };

// Packs a weight matrix that must have exactly this shape, [outputs, inputs], and its bias
// [outputs] or nullptr.
augur_status load_product(Reader& reader, const fb::Tensor* weight, const char* name, Shape shape,
                          const float* bias, Product* product,
                          Arithmetic arithmetic = Arithmetic::kIntegers);

// Packs the recurrent weights of `groups` gates, outputs / groups units each: into `integers` if
// they are quantised (units must then be a multiple of kIntegerUnits), else into `floats`.
augur_status pack_gates(Reader& reader, const WeightMatrix& matrix, std::size_t groups,
                        IntegerPath path, PackedProduct* floats, IntegerProduct* integers);

// Packs a layer of the attention's MLP, of exactly this shape. `range`: the range of its inputs.
augur_status load_pair_layer(Reader& reader, const fb::Tensor* weight, const char* name,
                             Shape shape, InputRange range, const float** floats,
                             IntegerLayer* integers);

}  // namespace augur
