// Reads HDF5 files through libhdf5, in this process. Damaged files make libhdf5 crash, not only
// fail, so that hdf5.cc runs these in a process of their own.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

using ByteSink = std::function<void(const void* bytes, size_t size)>;

struct Hdf5List {
  std::vector<TensorInfo> tensors;  // all datasets, ascending by name
  std::vector<std::string> empty_groups;
  std::string model_config;  // see Groups::model_config()
};

// Throws Error.
Hdf5List list_hdf5(const std::filesystem::path& path);

// Hands the tensor's values to `sink`, in this machine's byte order and as hdf5_values_type().
void copy_hdf5(const std::filesystem::path& path, const TensorInfo& tensor, const ByteSink& sink);

// The type in which values come: libhdf5 widens halves and brain floats itself.
DType hdf5_values_type(DType stored);

}  // namespace augur::checkpoint
