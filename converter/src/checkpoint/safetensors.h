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

}  // namespace augur::checkpoint
