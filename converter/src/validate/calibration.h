// Calibration of Dice activations by batch statistics: the checkpoint does not hold their mean and
// variance, so they are measured on the user's own requests (augur-convert --calibrate).
//
// A layer's statistics are those of its values before the activation, over all candidate rows of
// the requests; in an attention's MLP, over all pairs of a candidate and an event that is not
// padding. The layers are measured in the order in which the network computes them, each one after
// the scale and shift of those before it are set.
//
// The runtime itself does the measuring, through the C API, with probes: models that end at one
// unit of the layer, so that their logit (or, in an attention without softmax, their attention
// weight) is that unit's value. So there is no second implementation of the network to keep equal
// to the runtime, and the runtime needs no code for it. It takes one pass over the requests for
// each unit.
#pragma once

#include <cstdint>
#include <string>

#include "assemble/model.h"

namespace augur::convert {

// Mean and variance of a stream of values, by Welford's update: it loses no precision where the
// mean is large and the variance small.
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double before = value - mean_;
    mean_ += before / static_cast<double>(count_);
    squares_ += before * (value - mean_);
  }

  uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  // Divided by the count, as a batch's variance is; 0 without values.
  double variance() const { return count_ == 0 ? 0 : squares_ / static_cast<double>(count_); }

 private:
  uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

struct DiceCalibration {
  uint64_t candidate_rows = 0;
  size_t layers = 0;
  std::string note;  // "calibrated on 1234 candidate rows of requests.jsonl (sha256 ...)"
};

// With fewer rows a variance is wrong by more than about 5 %: its relative error is sqrt(2 / rows).
constexpr uint64_t kEnoughRows = 1000;

// Sets scale and shift of every activation in `assembled.batch_dice` and adds the note to the
// model. `requests` is a file. Throws Error if the requests cannot be scored, or if a layer has
// fewer than two rows.
DiceCalibration calibrate(Assembled& assembled, const std::string& requests);

}  // namespace augur::convert
