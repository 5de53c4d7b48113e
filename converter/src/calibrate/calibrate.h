// Dice by batch statistics: the mean and the variance that the checkpoint does not hold, measured
// on the user's own requests.
//
// A layer's statistics are those of its values before the activation, over all candidate rows of
// the requests; in an attention's MLP over all pairs of a candidate and a real event. Layers are
// measured in the order of the data's way, each with the ones before it already frozen.
//
// The measuring is done by the runtime itself, through the C API, on probes: models that end at one
// unit of the layer, whose logit (or, in an attention without softmax, whose weight) then is that
// unit's value. So no second evaluator has to be kept equal to the first, and the runtime needs no
// hook. It costs one pass over the requests for each unit.
#pragma once

#include <cstdint>
#include <string>

#include "assemble/model.h"

namespace augur::convert {

struct Calibration {
  uint64_t candidate_rows = 0;
  size_t layers = 0;
  std::string note;  // "calibrated on 1234 candidate rows of requests.jsonl (sha256 ...)"
};

// With fewer rows a variance is off by more than some 5 %: its relative error is sqrt(2 / rows).
constexpr uint64_t kEnoughRows = 1000;

// Sets scale and shift of every activation in `assembled.batch_dice` and adds the note to the
// model. Throws Error if the requests cannot be scored, or if there are too few rows to have a
// variance.
Calibration calibrate(Assembled& assembled, const std::string& requests);

}  // namespace augur::convert
