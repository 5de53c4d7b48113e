// A checkpoint under other names: a wrapper's prefix taken off, TensorFlow's full names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// `whole` with the tensors whose name in `names` is not empty, under that name; `names` is in the
// order of whole.tensors(). Those left out cannot be found or read. TensorInfo::stored_name tells
// the name in the file where it is another. Error if two tensors get one name.
std::unique_ptr<Checkpoint> renamed(std::shared_ptr<const Checkpoint> whole,
                                    const std::vector<std::string>& names);

}  // namespace augur::checkpoint
