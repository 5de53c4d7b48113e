// What is wrong with DeepCTR's feature columns as stated, by themselves and by what the file shows
// of the model's layers.
#pragma once

#include "libraries/deepctr_keras_columns.h"

namespace augur::convert::deepctr_keras_model {

// All throw Error where the columns are wrong.

// By themselves.
void check_columns(const Answers& answers, const Columns& columns);

// Against the inputs and pooling layers that the file names, if it names them.
void check_inputs(const Tensors& tensors, const Answers& answers, const Columns& columns);

// Takes over what the file tells of each column's ids, where it holds the model's configuration.
void agree_hashing(const Tensors& tensors, const Answers& answers, Columns& columns);

// Against the layers Hash that the file shows, once each column has the rows of its table.
void check_hashing(const Tensors& tensors, const Answers& answers, const Columns& columns);

}  // namespace augur::convert::deepctr_keras_model
