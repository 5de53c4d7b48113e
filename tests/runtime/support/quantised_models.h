// Random models with tensors of smaller types, scored beside the float64 reference.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "augur_generated.h"
#include "quantise/quantise.h"
#include "reference/request.h"
#include "reference/spec.h"
#include "runtime/support/handles.h"

namespace augur::testing {

// A random model of this specification, its matrices in other types.
std::unique_ptr<fb::ModelT> quantised_model(const reference::ModelSpec& spec,
                                            const convert::Precision& precision);

convert::Precision precision(fb::TensorType weights, fb::TensorType embeddings,
                             std::uint32_t group_size = 0);

// The runtime's logits and the reference's, which computes in float64 with the dequantised weights.
struct Logits {
  std::vector<float> found;
  std::vector<double> expected;
};
Logits score(std::unique_ptr<fb::ModelT> model, std::uint64_t seed, std::size_t events,
             std::size_t candidates);

}  // namespace augur::testing
