// The safetensors format: 8 bytes header length, a JSON header, the tensors' bytes.
// https://huggingface.co/docs/safetensors (the format's page) is what "spec" means here.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Reads the header strictly: known types, shapes that fit their offsets, data without overlap or
// hole that ends with the file, unique names. Takes over the source. Error on anything else.
std::unique_ptr<Checkpoint> open_safetensors(std::unique_ptr<ByteSource> source);

// A tensor to write: row-major, little-endian bytes of `dtype`.
struct TensorData {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

// f32 values as a TensorData.
TensorData float_tensor(std::string name, std::vector<int64_t> shape,
                        const std::vector<float>& values);

// Writes the tensors to `path`, which appears complete or not at all. Error when writing fails, a
// shape does not fit its bytes, a name occurs twice, or the format has no such type.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorData>& tensors);

// The same into memory.
std::vector<uint8_t> safetensors_bytes(const std::vector<TensorData>& tensors);

}  // namespace augur::checkpoint
