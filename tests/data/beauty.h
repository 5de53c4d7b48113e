// The trained models of the external data, built by hand from their tensors: a check of the
// converter that shares nothing with it. The maths is that of the data's README.
#pragma once

#include <memory>
#include <string>

#include "augur_generated.h"
#include "checkpoint/checkpoint.h"

namespace augur::data {

// kind: base, din, aigru, agru, augru or dien. `max_history` events are kept.
std::unique_ptr<fb::ModelT> beauty_model(const checkpoint::Checkpoint& weights,
                                         const std::string& kind, unsigned max_history);

}  // namespace augur::data
