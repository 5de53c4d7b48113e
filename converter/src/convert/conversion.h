// A conversion from its inputs to the file's bytes: names of tensors, description or layout,
// assembly, quantisation, packing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assemble/model.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/wrappers.h"
#include "description/node.h"
#include "quantise/quantise.h"

namespace augur::convert {

// A conversion from its inputs to the file's bytes: description or layout, assembly, packing.

struct ConversionInputs {
  std::string weights;  // the checkpoint's file
  std::string prefix;   // --prefix: only the tensors whose names begin so, without it; empty: all
  std::string suffix;   // --suffix: averages in the place of their tensors; empty: as they are
  std::string
      model;  // a description; with a layout, the answers to its questions; may be empty then
  std::string layout;  // a layout's name, a path to one, or "auto"; empty: `model` is a description
  std::vector<std::pair<std::string, std::string>> answers;  // --set key=value
  Precision precision;
  std::vector<std::pair<std::string, std::string>> sidecars;  // table -> the file for its rows
  bool with_reference = false;  // also the file of the same model in f32
  // Measures what the checkpoint does not hold; empty: a model that needs it is refused. Called
  // only if there is something to measure.
  std::function<void(Assembled&)> calibrate;
  std::string producer;
  std::string producer_version;
};

// A table's file of its own.
struct Sidecar {
  std::string table;
  std::string path;
  std::vector<uint8_t> file;
};

struct Conversion {
  std::unique_ptr<checkpoint::Checkpoint> checkpoint;
  std::string names_note;  // what was done to the tensors' names (checkpoint/wrappers.h), or empty
  std::string copies;      // that some tensors are a copy of others, or empty
  std::vector<std::string> notices;  // what a layout says of how it found the description
  std::string layout;                // the one that was used, or empty
  Json description;                  // in full, as the layout made it
  Assembled assembled;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      used;                         // tensor -> what it went into
  std::vector<PartChange> changes;  // every matrix, whether or not its type changed
  std::vector<uint8_t> file;        // the .augur file
  std::vector<Sidecar> sidecars;
  std::vector<uint8_t> reference;  // the model in f32 with all tables inside, if asked for
};

// Throws Error. With a layout, a tensor that neither the layout nor "ignore" knows is an Error: the
// model is then not the one that the layout describes. With a description it is a warning.
// The file says that it is unproven: record_proof() is for afterwards.
Conversion convert(const ConversionInputs& inputs, const RowProgress& progress = {});

// Writes into the conversion's file what its scores were compared with.
void record_proof(Conversion& conversion, const fb::ProofT& proof);

// The checkpoint under the names that the layout or the description knows.

// Opens `weights` and does to its names what --prefix and --suffix state (empty: nothing). Throws
// Error.
checkpoint::NamedCheckpoint open_stated(const std::string& weights, const std::string& prefix,
                                        const std::string& suffix);

// Opens inputs.weights, with what inputs.prefix and inputs.suffix state. With a layout (or "auto")
// names that wrappers have put something in front of are tried without it where the layout does not
// recognise them as they are; where the stated layout is not theirs at all, they are under the
// names that the one which fits knows. With a description only if it names none of the tensors as
// they stand. Throws Error.
checkpoint::NamedCheckpoint open_weights(const ConversionInputs& inputs);

// Which layouts fit inputs.weights, behind wrappers' names too, as a sentence that begins with the
// file; or why that cannot be told. Throws Error if the file cannot be read.
std::string fitting_libraries_text(const ConversionInputs& inputs);

}  // namespace augur::convert
