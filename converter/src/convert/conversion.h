// A conversion from its inputs to the file's bytes: description or layout, assembly, packing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assemble/model.h"
#include "checkpoint/checkpoint.h"
#include "description/node.h"

namespace augur::convert {

struct ConversionInputs {
  std::string weights;  // the checkpoint's file
  std::string
      model;  // a description; with a layout, the answers to its questions; may be empty then
  std::string layout;  // a layout's name, a path to one, or "auto"; empty: `model` is a description
  std::vector<std::pair<std::string, std::string>> answers;  // --set key=value
  // Measures what the checkpoint does not hold; empty: a model that needs it is refused. Called
  // only if there is something to measure.
  std::function<void(Assembled&)> calibrate;
  std::string producer;
  std::string producer_version;
};

struct Conversion {
  std::unique_ptr<checkpoint::Checkpoint> checkpoint;
  std::string layout;  // the one that was used, or empty
  Json description;    // in full, as the layout made it
  Assembled assembled;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      used;                   // tensor -> what it went into
  std::vector<uint8_t> file;  // the .augur file
};

// Throws Error. With a layout, a tensor that neither the layout nor "ignore" knows is an Error: the
// model is then not the one that the layout describes. With a description it is a warning.
Conversion convert(const ConversionInputs& inputs);

}  // namespace augur::convert
