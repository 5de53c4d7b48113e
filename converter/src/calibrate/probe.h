// A model that ends at one unit of a layer, and the values that this unit takes on requests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "calibrate/moments.h"

namespace augur::convert {

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
