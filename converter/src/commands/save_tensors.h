// augur-convert --save-tensors: a checkpoint's tensors as .safetensors.
#pragma once

#include <string>

#include "checkpoint/checkpoint.h"

namespace augur::convert {

// Writes the tensors that score, floating point as f32 and integers as int64, under the names that
// the program gave to its variables where the file tells them. Returns a note for people: how many
// were left out, or "". Throws Error.
std::string save_tensors(const checkpoint::Checkpoint& checkpoint, const std::string& path);

}  // namespace augur::convert
