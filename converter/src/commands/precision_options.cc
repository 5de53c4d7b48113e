// The options of augur-convert that choose types; see precision_options.h.
#include "commands/precision_options.h"

#include <CLI/CLI.hpp>

#include "commands/command_line.h"
#include "error.h"

namespace augur::convert {
namespace {

fb::TensorType type_of(const std::string& name, const std::string& flag) {
  try {
    return parse_type(name, flag);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

void declare(CLI::App& app, PrecisionOptions& options) {
  app.add_option("--weights-type", options.weights_type,
                 "Type of the weights: f32 (default), fp16, int8, int4 (docs/quantisation.md)")
      ->type_name("TYPE");
  app.add_option("--embeddings", options.embeddings,
                 "Type of the embedding tables: f32 (default), fp16, int8, int4")
      ->type_name("TYPE");
  app.add_option("--keep-f32", options.keep_f32,
                 "Parts that stay f32: head, attention, evolution, extractor, a table, ...; the "
                 "report lists all")
      ->type_name("PART")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--type", options.types, "The type of one part, such as tables.item=int4")
      ->type_name("PART=TYPE")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--group-size", options.group_size,
                 "int4: how many values share a scale; 0 (default): a whole row")
      ->type_name("N");
  app.add_option("--sidecar", options.sidecars,
                 "Write a table's rows into a file of their own, which the app attaches")
      ->type_name("TABLE=FILE")
      ->allow_extra_args(false);
}

std::pair<std::string, std::string> split_pair(const std::string& text, const std::string& flag,
                                               const std::string& form) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(flag + " " + text + ": expected " + form);
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void apply(const PrecisionOptions& options, ConversionInputs& inputs) {
  Precision& precision = inputs.precision;
  precision.weights = type_of(options.weights_type, "--weights-type");
  precision.embeddings = type_of(options.embeddings, "--embeddings");
  precision.group_size = options.group_size;
  for (const std::string& text : options.types) {
    const auto [part, type] = split_pair(text, "--type", "PART=TYPE");
    precision.parts.emplace_back(part, type_of(type, "--type " + part));
  }
  for (const std::string& part : options.keep_f32)
    precision.parts.emplace_back(part, fb::TensorType::F32);
  for (const std::string& text : options.sidecars)
    inputs.sidecars.push_back(split_pair(text, "--sidecar", "TABLE=FILE"));
}

}  // namespace augur::convert
