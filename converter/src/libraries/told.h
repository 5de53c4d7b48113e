// Answers that the checkpoint itself holds (checkpoint::FileNotes), such as Keras' arguments of the
// model's layers, beside those of the user.
#pragma once

#include <string>

#include "description/node.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert {

// The answers to the questions of the library that looks: an object, empty if there are none.
// Throws Error if they are damaged.
Json told_answers(const Tensors& tensors);

// What in the file tells them, for messages.
std::string told_by(const Tensors& tensors);

// An answer that both the user and the file give: what the user stated, with what the file tells of
// the keys that the user left out. Throws Error at the stated answer's place where the two differ;
// `evidence` says what in the file tells it.
Json agreed_answer(const Parameter& parameter, const Node& stated, const Json& told,
                   const std::string& evidence);

}  // namespace augur::convert
