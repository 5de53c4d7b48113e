// Weights as the fused kernels take them (kernels/packing.h): int8 where the model stores integers
// and this processor has instructions for their products, f32 otherwise.
#pragma once

#include "kernels/attention.h"
#include "kernels/quantise.h"
#include "kernels/recurrence.h"
#include "model/reader.h"

namespace augur {

// Integer products compute so many units together; layers of other widths are expanded to f32.
inline constexpr std::uint32_t kIntegerUnits = 4;

// The recurrent weights of `groups` gates, outputs / groups units each: into `integers` if they are
// quantised (units must then be a multiple of kIntegerUnits), else into `floats`.
augur_status pack_product(Reader& reader, const WeightMatrix& matrix, std::size_t groups,
                          PackedProduct* floats, IntegerProduct* integers);

// A layer of a pair's MLP, of exactly this shape, from the file. `range` holds for its inputs.
augur_status load_lanes(Reader& reader, const fb::Tensor* weight, const char* name, Shape shape,
                        InputRange range, const float** floats, IntegerLayer* integers);

}  // namespace augur
