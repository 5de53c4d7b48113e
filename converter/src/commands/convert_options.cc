// The options of augur-convert; see convert_options.h.
#include "commands/convert_options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <utility>

#include "commands/run.h"
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

void declare_precision(CLI::App& app, ConvertOptions& options) {
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

void declare_keys(CLI::App& app, ConvertOptions& options) {
  app.add_option("--vocabulary", options.vocabularies,
                 "The keys of a table's rows, so that the app uses them instead of rows: a text "
                 "file with a key a line, or JSON (docs/description-ids.md)")
      ->type_name("TABLE=FILE[#MEMBER]")
      ->allow_extra_args(false);
  app.add_option("--keys", options.keys,
                 "What a table's keys are: string (default; numbers in JSON are integer), integer; "
                 "without --vocabulary, of a table whose keys are all hashed")
      ->type_name("TABLE=TYPE")
      ->allow_extra_args(false);
  app.add_option("--vocabulary-of", options.shared_vocabularies,
                 "The other table whose vocabulary this one shares")
      ->type_name("TABLE=OTHER")
      ->allow_extra_args(false);
}

void declare_requests(CLI::App& app, ConvertOptions& options) {
  app.add_option("--calibrate", options.calibrate,
                 "Requests on which the statistics of a Dice by batch statistics are measured")
      ->type_name("FILE");
  CLI::Option* validate =
      app.add_option("--validate", options.validation.requests,
                     "Requests that the converted model must be able to score before it is written")
          ->type_name("FILE");
  CLI::Option* expect =
      app.add_option("--expect", options.validation.expected,
                     "With --validate: the scores or logits that must come out, a line a request")
          ->type_name("FILE")
          ->needs(validate);
  app.add_option("--tolerance", options.tolerance,
                 "With --expect: the largest difference that is let pass (of logits above 1, in "
                 "proportion to them); 1e-5")
      ->type_name("X")
      ->needs(expect);
  CLI::Option* labels = app.add_option("--labels", options.validation.labels,
                                       "With --validate: what was clicked; prints the AUC")
                            ->type_name("FILE")
                            ->needs(validate);
  app.add_option("--group-by", options.validation.group_by,
                 "With --labels: prints the AUC within requests of the same value in this feature")
      ->type_name("FEATURE")
      ->needs(labels);
}

// "KEY=VALUE" cut at the first "=". Throws UsageError, which names the flag, unless both are there.
std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     const std::string& flag,
                                                     const std::string& form) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(flag + " " + text + ": expected " + form);
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void read_precision(const ConvertOptions& options, ConversionInputs& inputs) {
  Precision& precision = inputs.precision;
  precision.weights = type_of(options.weights_type, "--weights-type");
  precision.embeddings = type_of(options.embeddings, "--embeddings");
  precision.group_size = options.group_size;
  for (const std::string& text : options.types) {
    const auto [part, type] = split_assignment(text, "--type", "PART=TYPE");
    precision.parts.emplace_back(part, type_of(type, "--type " + part));
  }
  for (const std::string& part : options.keep_f32)
    precision.parts.emplace_back(part, fb::TensorType::F32);
  for (const std::string& text : options.sidecars)
    inputs.sidecars.push_back(split_assignment(text, "--sidecar", "TABLE=FILE"));
}

GivenKeys keys_of(const ConvertOptions& options) {
  GivenKeys given;
  for (const std::string& text : options.vocabularies)
    given.vocabularies.push_back(split_assignment(text, "--vocabulary", "TABLE=FILE[#MEMBER]"));
  for (const std::string& text : options.keys) {
    given.keys.push_back(split_assignment(text, "--keys", "TABLE=integer or TABLE=string"));
    const std::string& type = given.keys.back().second;
    if (type != "integer" && type != "string")
      throw UsageError("--keys " + text + ": expected TABLE=integer or TABLE=string");
  }
  for (const std::string& text : options.shared_vocabularies)
    given.shared.push_back(split_assignment(text, "--vocabulary-of", "TABLE=OTHER"));
  return given;
}

// Throws UsageError for the standard input, because files of requests are read more than once.
void require_file(const std::string& path, const char* flag) {
  if (path == "-") throw UsageError(std::string(flag) + " needs a file; it is read several times");
}

}  // namespace

void declare(CLI::App& app, ConvertOptions& options) {
  app.add_option(
         "--weights", options.weights,
         "The checkpoint: .safetensors, .npz, a TensorFlow V2 bundle; for the other kinds it "
         "prints the command of the Python package that reads them")
      ->type_name("FILE");
  app.add_option("--prefix", options.prefix,
                 "Only the checkpoint's tensors whose names begin so, and that taken off: one of "
                 "several copies, such as ema_model.")
      ->type_name("PREFIX");
  app.add_option("--suffix", options.suffix,
                 "The tensors whose names end so in the place of those without it: averages that "
                 "stand beside their tensors, such as _ema")
      ->type_name("SUFFIX");
  app.add_option(
         "--model", options.model,
         "The model's description (docs/description.md); with --layout, the answers to what "
         "the layout asks")
      ->type_name("FILE");
  app.add_option("--layout", options.layout, "A layout's name (--list-layouts), or \"auto\"")
      ->type_name("NAME");
  app.add_option("--set", options.answers, "An answer to what the layout asks; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--out", options.out, "The model file to write")->type_name("FILE");
  app.add_option("--report", options.report,
                 "Write what went into the model, and the description in full, as JSON")
      ->type_name("FILE");
  app.add_option(
         "--ask", options.ask,
         "Write the layout's open questions, if any needs an answer, as JSON to fill in and "
         "to give with --model, and stop; - is the standard output. Without --out: always")
      ->type_name("FILE");
  declare(app, options.delta);
  declare_keys(app, options);
  declare_precision(app, options);
  declare_requests(app, options);
  app.add_flag("--dry-run", options.dry_run,
               "Do everything, validation included, but write no file; --out may be missing");
  app.add_flag("--list-tensors", options.list_tensors,
               "List the checkpoint's tensors, their types and shapes, and stop");
  app.add_option("--save-tensors", options.save_tensors,
                 "Write the checkpoint's tensors into a .safetensors file, and stop")
      ->type_name("FILE");
  app.add_flag("--list-layouts", options.list_layouts, "List the layouts that are known, and stop");
  app.add_option("--explain-layout", options.explain,
                 "Say what a layout assumes and asks, and stop")
      ->type_name("NAME");
}

ConversionInputs inputs_of(const ConvertOptions& options) {
  if (options.weights.empty()) throw UsageError("--weights is needed: the checkpoint to convert");
  ConversionInputs inputs;
  inputs.weights = options.weights;
  inputs.prefix = options.prefix;
  inputs.suffix = options.suffix;
  inputs.model = options.model;
  inputs.layout = options.layout;
  take_stated_layout(inputs);
  if (!options.ask.empty() && inputs.layout.empty()) inputs.layout = "auto";
  if (inputs.model.empty() && inputs.layout.empty()) {
    throw UsageError("--model or --layout is needed: what the checkpoint's tensors mean. " +
                     fitting_libraries_text(inputs));
  }
  if (options.out.empty() && !options.dry_run && !options.only_asks())
    throw UsageError("--out is needed: the model file to write");
  inputs.producer = "augur-convert";
  inputs.producer_version = version_text();
  inputs.keys = keys_of(options);
  read_precision(options, inputs);
  for (const std::string& answer : options.answers) {
    const size_t equals = answer.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--set " + answer + ": expected KEY=VALUE");
    }
    inputs.answers.emplace_back(answer.substr(0, equals), answer.substr(equals + 1));
  }
  require_file(options.calibrate, "--calibrate");
  return inputs;
}

ValidationOptions validation_of(const ConvertOptions& options) {
  ValidationOptions validation = options.validation;
  require_file(validation.requests, "--validate");
  if (options.tolerance) validation.tolerance = *options.tolerance;
  if (!(validation.tolerance >= 0) || std::isinf(validation.tolerance)) {
    throw UsageError("--tolerance: expected a number that is not negative");
  }
  return validation;
}

}  // namespace augur::convert
