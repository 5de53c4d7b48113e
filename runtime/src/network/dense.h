// Runs dense layers.
#pragma once

#include "model/dense.h"
#include "network/overlay.h"

namespace augur {

// y[rows, outputs] = activation(W x + b). `product` was made for dense.product, with outputs side
// by side.
void run_dense(const Dense& dense, const ProductRun& product, const float* x, std::size_t rows,
               float* y);

struct MlpBuffers {
  struct Layer {
    ProductRun product;
    float* output = nullptr;  // [max_rows, outputs]
  };
  Span<Layer> layers;
};

augur_status plan_mlp(const Mlp& mlp, std::uint32_t inputs, Arena& arena, Fault& error,
                      MlpBuffers* buffers);
void place_mlp(const Mlp& mlp, std::size_t max_rows, Overlay* overlay, MlpBuffers* buffers);
// The last layer's outputs [rows, outputs]; x itself if there are no layers.
const float* run_mlp(const Mlp& mlp, const MlpBuffers& buffers, const float* x, std::size_t rows);

}  // namespace augur
