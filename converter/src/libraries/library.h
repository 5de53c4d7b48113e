// Libraries whose checkpoints are known. Each has a file of its own in this folder, with
//   - what its tensors are recognised by, and what is assumed of its mathematics,
//   - the questions that its tensors leave open,
//   - a function from the tensors and the answers to a model description (docs/description.md).
// docs/layouts.md says how to add one.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/node.h"
#include "libraries/answers.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert {

struct Library {
  std::string name;   // as --layout has it
  std::string title;  // one line
  std::string about;
  std::vector<std::string> assumes;
  std::string recognised_by;  // in words
  bool (*recognises)(const Tensors& tensors) = nullptr;
  // "BST", if the tensors are those of a model of this library that is outside of the family; "" if
  // they are not. Asked only where no library recognises the checkpoint. May be null.
  std::string (*other_model)(const Tensors& tensors) = nullptr;
  std::vector<Parameter> parameters;  // its own; every library has those of common_parameters()
  // The model description; "format", and what the common parameters say, is added to it. Throws
  // Error if the library cannot have made this checkpoint with these answers, and for models that
  // are not in the family.
  //
  // A table of it may hold "with_vocabulary": what changes if the user gives this table a
  // vocabulary (--vocabulary, --vocabulary-of), because the library then treats keys in a way that
  // rows do not tell:
  //
  //   {"name": "item", ..., "out_of_table": "error",
  //    "with_vocabulary": {"padding_row": 0, "out_of_table": {"unknown_row": 11},
  //                        "padding_key": "__PAD__", "unknown_key": "__OOV__"}}
  //
  // Its keys take the place of the table's own. padding_key and unknown_key go into the table's
  // "vocabulary", each only if the key file has that key. Without a vocabulary nothing of it is
  // used. No description has it that is written out or given by a user.
  Json (*describe)(const Tensors& tensors, const Answers& answers) = nullptr;
};

// A description, and what the user should know of how it was found.
struct Described {
  Json description;
  std::vector<std::string> warnings;
};

// All libraries, ascending by name.
const std::vector<Library>& libraries();

// Throws Error, with the nearest name, if there is none.
const Library& find_library(const std::string& name);

bool recognises(const Library& library, const checkpoint::Checkpoint& checkpoint);

// The only library that recognises the checkpoint. Throws Error if none or several do.
const Library& recognise_library(const checkpoint::Checkpoint& checkpoint);

// Which libraries recognise the checkpoint, for a message: "its tensors fit the layout ...".
std::string fitting_libraries_text(const checkpoint::Checkpoint& checkpoint);

// The model description of this checkpoint. `given`, the answers, is an object. Throws Error if an
// answer is wrong or missing, if the library refuses the checkpoint, or if a tensor it needs is not
// there.
Described describe(const Library& library, const checkpoint::Checkpoint& checkpoint,
                   const Node& given);

// The library's own parameters, and those that every library has.
std::vector<Parameter> all_parameters(const Library& library);

// Throws Error, which names the layouts that fit, if the library does not recognise the checkpoint.
void require_recognised(const Library& library, const Tensors& tensors);

// What --explain-layout prints.
std::string explanation(const Library& library);

}  // namespace augur::convert
