// Plans and runs dense layers.
#include "network/dense.h"

namespace augur {

void run_dense(const Dense& dense, const ProductRun& product, const float* x, std::size_t rows,
               float* y) {
  product.run(x, rows, y);
  activate(dense.activation, nullptr, rows, dense.outputs(), dense.outputs(), y);
}

augur_status plan_mlp(const Mlp& mlp, std::uint32_t inputs, Arena& arena, Fault& error,
                      MlpBuffers* buffers) {
  buffers->layers = arena.array<MlpBuffers::Layer>(mlp.layers.size());
  if (buffers->layers.size() != mlp.layers.size())
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  InputRange range = InputRange::kAny;
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const Dense& dense = mlp.layers[i];
    MlpBuffers::Layer& layer = buffers->layers[i];
    AUGUR_TRY(layer.product.create(dense.product, inputs, dense.outputs(), arena, error, range));
    inputs = dense.outputs();
    range = output_range(dense.activation);
  }
  return AUGUR_OK;
}

void place_mlp(const Mlp& mlp, std::size_t max_rows, Overlay* overlay, MlpBuffers* buffers) {
  for (std::size_t i = 0; i < mlp.layers.size(); ++i)
    buffers->layers[i].output = overlay->take(max_rows, mlp.layers[i].outputs());
}

const float* run_mlp(const Mlp& mlp, const MlpBuffers& buffers, const float* x, std::size_t rows) {
  for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
    const MlpBuffers::Layer& layer = buffers.layers[i];
    run_dense(mlp.layers[i], layer.product, x, rows, layer.output);
    x = layer.output;
  }
  return x;
}

}  // namespace augur
