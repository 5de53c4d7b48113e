// Names of one tensor as different programs write them, and names from which nothing can be told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Names in the order of a checkpoint's tensors, and what was done to them, for people.
struct View {
  std::vector<std::string> names;
  std::string note;
};

// "a/b" for "a|b", where no name has a slash (some writers of .npz cannot have one in a file's
// name), and "emb" for "emb/part_0", a variable that TensorFlow has partitioned into one part.
// Nothing if there is none of these. Error for a variable in several parts: its tensors have to be
// joined.
std::optional<View> plainly_spelt(const Checkpoint& whole, const std::vector<std::string>& names);

// "gru/kernel" for "gru/kernel:0", a TensorFlow tensor's name for the variable's. Nothing if no
// name ends so, or in HDF5, where names do.
std::optional<View> without_outputs(const Checkpoint& whole, const std::vector<std::string>& names);

// How to save Keras' variables by their names from the program that has the model: the end of a
// sentence.
extern const char kSaveByName[];

// Error if the names are those of Keras' .weights.h5, "layers/dense/vars/0", by which no variable
// can be known: it tells how to save them by their names.
void refuse_numbered_variables(const Checkpoint& whole);

}  // namespace augur::checkpoint
