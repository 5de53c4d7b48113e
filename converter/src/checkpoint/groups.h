// Groups of a file that hold no tensors. Keras writes one to HDF5 for every layer without weights,
// inputs among them: "hash_2", "model_weights/multiply".
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// What a Checkpoint whose format has groups is, too.
class Groups {
 public:
  Groups() = default;
  virtual ~Groups() = default;
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  // Their paths, without a leading slash.
  virtual std::vector<std::string> empty_groups() const = 0;
};

// None, if the checkpoint's format has no groups.
inline std::vector<std::string> empty_groups(const Checkpoint& checkpoint) {
  const auto* groups = dynamic_cast<const Groups*>(&checkpoint);
  return groups == nullptr ? std::vector<std::string>{} : groups->empty_groups();
}

}  // namespace augur::checkpoint
