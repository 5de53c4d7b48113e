// The options of augur-convert.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/delta_command.h"
#include "convert/conversion.h"
#include "validate/validation.h"

namespace CLI {
class App;
}

namespace augur::convert {

struct ConvertOptions {
  std::string weights, prefix, suffix, model, layout, out, report, ask, explain, save_tensors;
  std::vector<std::string> answers;  // KEY=VALUE
  std::string weights_type = "f32";
  std::string embeddings = "f32";
  std::vector<std::string> keep_f32;
  std::vector<std::string> types;  // PART=TYPE
  uint32_t group_size = 0;
  std::vector<std::string> sidecars;             // TABLE=FILE
  std::vector<std::string> vocabularies;         // TABLE=FILE[#MEMBER]
  std::vector<std::string> keys;                 // TABLE=integer|string
  std::vector<std::string> shared_vocabularies;  // TABLE=OTHER
  std::string calibrate;
  ValidationOptions validation;
  std::optional<double> tolerance;
  DeltaOptions delta;
  // Whether the questions are all that is asked for.
  bool only_asks() const { return !ask.empty() && out.empty() && !dry_run; }

  bool list_tensors = false, list_layouts = false, dry_run = false;
};

void declare(CLI::App& app, ConvertOptions& options);

// The conversion that the options state. Throws UsageError.
ConversionInputs inputs_of(const ConvertOptions& options);

// The validation that they state. Throws UsageError.
ValidationOptions validation_of(const ConvertOptions& options);

}  // namespace augur::convert
