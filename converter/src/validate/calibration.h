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
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assemble/model.h"
#include "augur_generated.h"

namespace augur::convert {

// Mean and variance of a stream of values. Welford's update: no loss where the mean is large and
// the variance small.
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
  // Of the values themselves, as the batch's is: divided by the count. 0 of none.
  double variance() const { return count_ == 0 ? 0 : squares_ / static_cast<double>(count_); }

 private:
  uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

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

// A model that ends at one unit of a layer, and the values that this unit takes on requests.

// Where an activation stands in a model.
struct Place {
  enum class Part { kQueryProjection, kPair, kAttentionLayer, kHeadLayer };
  Part part = Part::kHeadLayer;
  size_t stack = 0;  // of an attention's parts
  size_t layer = 0;  // of kAttentionLayer and kHeadLayer
};

// The places of all activations, in the order of the data's way.
using PlaceVisitor = std::function<void(const Place&, fb::ActivationT*)>;
void visit_activations(fb::ModelT& model, const PlaceVisitor& visit);

// How many of all units' values were measured.
using UnitVisitor = std::function<void(double share)>;

struct Measured {
  std::vector<Moments> units;
  uint64_t candidate_rows = 0;
};

// The moments of every unit of the layer at `place` before its activation. The model is changed
// while this runs, and afterwards is as it was; what comes after the layer is not looked at.
// Throws Error.
Measured measure_layer(fb::ModelT& model, const Place& place, const std::string& requests,
                       const UnitVisitor& progress);

}  // namespace augur::convert
