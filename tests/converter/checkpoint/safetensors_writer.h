// Writes safetensors files for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/checkpoint/bytes.h"

namespace augur::checkpoint::test {

// A tensor to write: row-major, little-endian bytes of `dtype`.
struct TensorData {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  Bytes bytes;
};

// f32 values as a TensorData.
TensorData float_tensor(std::string name, std::vector<int64_t> shape,
                        const std::vector<float>& values);

// A whole file. Error when a shape does not fit its bytes, a name occurs twice, or the format has
// no such type.
// `metadata` becomes "__metadata__", which is left out if it is empty.
Bytes safetensors_bytes(const std::vector<TensorData>& tensors,
                        const std::map<std::string, std::string>& metadata = {});

}  // namespace augur::checkpoint::test
