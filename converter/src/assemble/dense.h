// Reads dense layers of a description and folds their BatchNorms.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assemble/context.h"
#include "normalise/dense.h"

namespace augur::convert {

// A layer whose BatchNorms are folded.
struct DenseLayer {
  DenseWeights weights;
  std::unique_ptr<fb::ActivationT> activation;  // nullptr: none
};

// Reads a list of layers, each {weight, bias, activation} and optionally batch_norm and
// orientation. `inputs` is the width of the first one's input, `because` how it comes about. A
// BatchNorm after the last layer's activation cannot be folded and is refused. `hint` is what else
// to say when the first layer is not for that many inputs (see MatrixShape).
std::vector<DenseLayer> read_layers(const Node& list, size_t inputs, const std::string& because,
                                    Context& context,
                                    const std::function<std::string(size_t)>& hint = nullptr);

// Reads one layer, as above.
DenseLayer read_layer(const Node& node, size_t inputs, const std::string& because,
                      Context& context);

// The model file's form.
std::unique_ptr<fb::DenseT> make_dense(DenseLayer layer, const Node& where);

}  // namespace augur::convert
