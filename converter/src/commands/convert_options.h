// The options of augur-convert.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert/conversion.h"
#include "validate/validation.h"

namespace CLI {
class App;
}

namespace augur::convert {

struct PrecisionOptions {
  std::string weights_type = "f32";
  std::string embeddings = "f32";
  std::vector<std::string> keep_f32;
  std::vector<std::string> types;     // PART=TYPE
  std::vector<std::string> sidecars;  // TABLE=FILE
  uint32_t group_size = 0;
};

struct ConvertOptions {
  std::string weights, prefix, suffix, model, layout, out, report, explain;
  std::vector<std::string> answers;
  PrecisionOptions precision;
  std::string calibrate;
  ValidationOptions validation;
  std::optional<double> tolerance;
  bool list_tensors = false, list_layouts = false, dry_run = false;
};

void declare(CLI::App& app, ConvertOptions& options);

// Into the conversion's inputs. Throws UsageError.
void apply(const PrecisionOptions& options, ConversionInputs& inputs);

// "KEY=VALUE" cut at the first "=". Throws UsageError, naming the flag, unless both are there.
std::pair<std::string, std::string> split_pair(const std::string& text, const std::string& flag,
                                               const std::string& form);

}  // namespace augur::convert
