// What the names in a checkpoint tell, and a checkpoint under other names: tensors that serve
// training alone, names of one tensor as different programs write them, and names from which
// nothing can be told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace augur::checkpoint {

// Whether a tensor of this name serves training alone: optimizer slots (.../Adam, .../Adam_1,
// optimizer/...), beta powers, step counters, num_batches_tracked, the auxiliary loss's networks.
bool is_training_only(std::string_view name);

// `whole` with the tensors whose name in `names` is not empty, under that name; `names` is in the
// order of whole.tensors(). Those left out cannot be found or read. TensorInfo::stored_name tells
// the name in the file where it is another. Error if two tensors get one name.
std::unique_ptr<Checkpoint> renamed(std::shared_ptr<const Checkpoint> whole,
                                    const std::vector<std::string>& names);

// The tensors' names.
std::vector<std::string> names_of(const Checkpoint& checkpoint);

// TensorFlow's full names in place of keys (see Checkpoint::full_names()). A key stays where it
// serves training alone, where the graph has no name, and where the name is not unique. Nothing if
// all keys stay.
std::optional<std::vector<std::string>> with_full_names(const Checkpoint& whole);

// The names in a Keras HDF5 file (FileNotes::has_keras_names) without the numbers that Keras adds
// to a variable's scope when a process makes a second model: "a/a/kernel" for "a/a_1/kernel".
// Nothing if there are none, or if two tensors would get one name.
std::optional<std::vector<std::string>> without_keras_numbers(const Checkpoint& whole);

// Names in the order of a checkpoint's tensors, and a note for people: how they were changed.
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
// name ends so, or in Keras' HDF5, where names do.
std::optional<View> without_outputs(const Checkpoint& whole, const std::vector<std::string>& names);

// How to save Keras' variables by their names from the program that has the model: the end of a
// sentence.
extern const char kSaveByName[];

// Error if the names are numbers, as in Keras' .weights.h5 ("layers/dense/vars/0"): they do not
// tell which variable is which. The message tells how to save the variables by their names.
void refuse_numbered_variables(const Checkpoint& whole);

}  // namespace augur::checkpoint
