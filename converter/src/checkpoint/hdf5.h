// Keras weights in HDF5 (.h5, .weights.h5), read through libhdf5.
#pragma once

#include <filesystem>
#include <memory>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Lists all datasets by their path in the file without the leading slash ("model_weights/gru/
// gru_cell/kernel:0", "layers/dense/vars/0"). Hard links are followed, others are not; data in
// other files is refused. Only in builds with libhdf5 (AUGUR_WITH_HDF5 is defined).
std::unique_ptr<Checkpoint> open_hdf5(const std::filesystem::path& path);

}  // namespace augur::checkpoint
