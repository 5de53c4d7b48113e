// RecBole's models that are not in the model family, by name.
#pragma once

#include <string>

#include "libraries/tensors.h"

namespace augur::convert::recbole_model {

// "SASRec", if the tensors are those of a sequential or context-aware model of RecBole's that the
// library can name; else "".
std::string other_model(const Tensors& tensors);

}  // namespace augur::convert::recbole_model
