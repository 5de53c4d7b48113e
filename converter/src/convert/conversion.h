// A conversion from its inputs to the file's bytes: names of tensors, description or layout,
// assembly, quantisation, packing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assemble/model.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/wrappers.h"
#include "convert/given_keys.h"
#include "description/node.h"
#include "inspect/keys.h"
#include "libraries/questions.h"
#include "quantise/quantise.h"

namespace augur::convert {

struct ConversionInputs {
  std::string weights;  // the checkpoint's file
  std::string prefix;   // --prefix: reads only the tensors with it, and removes it from their names
  std::string suffix;   // --suffix: tensors with it (averages) replace those without it
  std::string model;    // a description's file; with a layout, the file of answers, or empty
  std::string layout;   // a layout's name, or "auto"; empty: `model` is a description
  std::vector<std::pair<std::string, std::string>> answers;  // --set key=value
  GivenKeys keys;
  Precision precision;
  std::vector<std::pair<std::string, std::string>> sidecars;  // table -> the file for its rows
  bool with_reference = false;  // make the file of the same model in f32, too
  // Measures statistics that the checkpoint does not hold; called only if the model needs them.
  // Empty: such a model is refused.
  std::function<void(Assembled&)> calibrate;
  std::string producer;
  std::string producer_version;
};

// The keys of one table, for reports.
struct TableKeys {
  std::string table;
  std::string key_type;                         // "integer", "string"
  std::optional<VocabularySummary> vocabulary;  // of its own
  std::string vocabulary_of;                    // the table whose vocabulary it shares; empty: none
};

// A sidecar file, which holds the rows of one table.
struct Sidecar {
  std::string table;
  std::string path;
  std::vector<uint8_t> file;
};

struct Conversion {
  std::unique_ptr<checkpoint::Checkpoint> checkpoint;
  std::string names_note;  // how the tensors' names were changed (checkpoint/wrappers.h), or empty
  std::string copies;      // a warning that some tensors are copies of others, or empty
  std::vector<std::string> notices;  // the layout's warnings
  std::string layout;                // the name of the layout that was used, or empty
  Json description;                  // complete: a layout's result, or the user's, with given keys
  std::string folder;                // to which its paths are relative; empty: the working folder
  Assembled assembled;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      used;                         // tensor -> parts that use it
  std::vector<PartChange> changes;  // every matrix, whether or not its type changed
  std::vector<TableKeys> keys;      // of the tables that have keys
  std::vector<uint8_t> file;        // the .augur file
  std::vector<Sidecar> sidecars;
  std::vector<uint8_t> reference;  // the model in f32 with all tables inside, if asked for
};

// Takes over the layout that a file of answers (inputs.model) names as "layout". Throws Error if
// the file cannot be read, or if inputs.layout is another one.
void take_stated_layout(ConversionInputs& inputs);

// What the layout asks and inputs.model and inputs.answers leave open. Throws Error. The layout
// must be given, "auto" is enough.
Questions open_questions(const ConversionInputs& inputs);

// Converts. Throws Error. A tensor that nothing uses and "ignore" does not name is an Error with a
// layout, because the model is then not the one that the layout describes, and a warning with a
// description. The file states that the model is unproven; record_proof() can change that.
Conversion convert(const ConversionInputs& inputs, const RowProgress& progress = {});

// Writes into the conversion's file with what its scores were compared.
void record_proof(Conversion& conversion, const fb::ProofT& proof);

// Opens a checkpoint and applies --prefix and --suffix (empty: not given) to its names. Throws
// Error.
checkpoint::NamedCheckpoint open_stated(const std::string& weights, const std::string& prefix,
                                        const std::string& suffix);

// Opens inputs.weights in the same way. Wrappers such as DataParallel put prefixes in front of all
// names. These are removed if the layout recognises the checkpoint only then, or if the description
// names none of the tensors as they are. If the stated layout does not fit at all, the names are
// those that a fitting layout knows. Throws Error.
checkpoint::NamedCheckpoint open_weights(const ConversionInputs& inputs);

// A sentence that begins with the file and says which layouts fit inputs.weights, also without the
// wrappers' prefixes; or why that cannot be found out. Throws Error if the file cannot be read.
std::string fitting_libraries_text(const ConversionInputs& inputs);

}  // namespace augur::convert
