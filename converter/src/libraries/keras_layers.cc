// Layers without weights; see keras_layers.h.
#include "libraries/keras_layers.h"

#include <utility>

#include "checkpoint/checkpoint.h"

namespace augur::convert {

std::vector<std::string> idle_layers(const Tensors& tensors, std::string_view pattern) {
  std::vector<std::string> layers;
  for (const std::string& layer : tensors.checkpoint().notes().idle_layers) {
    if (matches(pattern, layer)) layers.push_back(layer);
  }
  return layers;
}

std::vector<std::string> idle_layers_of(const Tensors& tensors, const std::string& name) {
  std::vector<std::string> layers = idle_layers(tensors, name);
  for (std::string& numbered : idle_layers(tensors, name + "_#"))
    layers.push_back(std::move(numbered));
  return layers;
}

}  // namespace augur::convert
