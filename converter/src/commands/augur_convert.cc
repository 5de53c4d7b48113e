// augur-convert: reads a checkpoint and its description, writes a .augur file. See
// docs/conversion.md.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "checkpoint/names.h"
#include "commands/ask_command.h"
#include "commands/convert_options.h"
#include "commands/run.h"
#include "commands/save_tensors.h"
#include "convert/conversion.h"
#include "convert/outputs.h"
#include "error.h"
#include "inspect/show.h"
#include "libraries/library.h"
#include "quantise/model_parts.h"
#include "text/file.h"
#include "text/text.h"
#include "validate/calibration.h"
#include "validate/comparison.h"
#include "validate/diagnosis.h"
#include "validate/run_model.h"
#include "validate/validation.h"
#include "vocabulary/key_file.h"
#include "write/model_file.h"
#include "write/output_file.h"

namespace augur::convert {
namespace {

// Remarks on a tensor for --list-tensors: "(training only; the same as 'gru1/kernel')".
std::string remarks(const checkpoint::TensorInfo& tensor, const std::string& full_name) {
  std::vector<std::string> remarks;
  if (checkpoint::is_training_only(tensor.name)) {
    remarks.emplace_back("training only");
  } else if (!full_name.empty() && full_name != tensor.name) {
    remarks.push_back("called " + augur::quoted(full_name));
  }
  if (!tensor.alias_of.empty()) remarks.push_back("the same as " + augur::quoted(tensor.alias_of));
  return remarks.empty() ? "" : "(" + join(remarks, "; ") + ")";
}

void list_tensors(const ConvertOptions& options, const Streams& streams) {
  const checkpoint::NamedCheckpoint weights =
      open_stated(options.weights, options.prefix, options.suffix);
  const auto& checkpoint = weights.checkpoint;
  std::vector<std::string> full_names;
  try {
    full_names = checkpoint->full_names();
  } catch (const Error& error) {  // the list is complete without them
    streams.err << "augur-convert: warning: " << error.what() << "\n";
  }
  full_names.resize(checkpoint->tensors().size());
  TextTable table;
  for (size_t i = 0; i < full_names.size(); ++i) {
    const checkpoint::TensorInfo& tensor = checkpoint->tensors()[i];
    table.add({printable(tensor.name), printable(tensor.type_name), shape_text(tensor.shape),
               remarks(tensor, full_names[i])});
  }
  streams.out << table.text("");
}

void save_listed(const ConvertOptions& options, const Streams& streams) {
  if (options.weights.empty()) throw UsageError("--save-tensors needs --weights");
  require_distinct({{"--weights", options.weights}}, {{"--save-tensors", options.save_tensors}});
  const checkpoint::NamedCheckpoint weights =
      open_stated(options.weights, options.prefix, options.suffix);
  const std::string note = save_tensors(*weights.checkpoint, options.save_tensors);
  if (!note.empty())
    streams.err << "augur-convert: " << weights.checkpoint->file() << ": " << note << "\n";
}

void list_layouts(std::ostream& out) {
  TextTable table;
  for (const Library& library : libraries())
    table.add({library.name, library.title});
  out << table.text("");
}

// "item 9 string keys, category those of item, user string keys, all hashed"
std::string keys_text(const std::vector<TableKeys>& tables) {
  std::vector<std::string> parts;
  for (const TableKeys& table : tables) {
    std::string keys = table.key_type + " keys, all hashed";
    if (table.vocabulary) keys = count_text(table.vocabulary->size, table.key_type + " key");
    if (!table.vocabulary_of.empty()) keys = "those of " + table.vocabulary_of;
    parts.push_back(table.table + " " + keys);
  }
  return join(parts);
}

TextTable summary_of(const Conversion& conversion) {
  const Assembled& assembled = conversion.assembled;
  const fb::ModelT& model = assembled.model;
  uint64_t tables = 0;
  for (const auto& part : model.tables)
    tables += stored_bytes(*part->weights);
  std::string tensors = std::to_string(conversion.used.size()) + " used";
  const auto add = [&](size_t count, const char* what) {
    if (count > 0) tensors += ", " + std::to_string(count) + what;
  };
  add(assembled.training_only.size(), " left out that serve training alone");
  add(assembled.ignored.size(), " ignored as stated");
  add(assembled.unused.size(), " not used");
  TextTable table;
  table.add({"model", printable(model.name) + (conversion.layout.empty() ? "" : ", layout ") +
                          conversion.layout});
  table.add({"id", hex_text(model.id.data(), model.id.size())});
  table.add({"size", bytes_text(conversion.file.size()) + ", of which " + bytes_text(tables) +
                         " are embeddings"});
  table.add({"tensors", tensors});
  if (!conversion.keys.empty()) table.add({"keys", printable(keys_text(conversion.keys))});
  return table;
}

// Replaces "auto" by the layout's name. Prints why, and how the tensors' names are changed, before
// anything else can fail.
void choose_layout(ConversionInputs& inputs, const Streams& streams) {
  const checkpoint::NamedCheckpoint weights = open_weights(inputs);
  const std::string begin = "augur-convert: " + weights.checkpoint->file() + ": ";
  if (!weights.note.empty()) streams.err << begin << weights.note << "\n";
  if (!weights.copies.empty()) streams.err << begin << "warning: " << weights.copies << "\n";
  if (inputs.layout != "auto") return;
  const Library& library = recognise_library(*weights.checkpoint);
  inputs.layout = library.name;
  streams.err << begin << "layout " << library.name << ", recognised by " << library.recognised_by
              << "\n";
}

Json calibration_json(const DiceCalibration& calibration, const std::string& requests) {
  return {{"file", requests},
          {"candidate_rows", calibration.candidate_rows},
          {"layers", calibration.layers},
          {"note", calibration.note}};
}

Conversion convert_with_progress(const ConversionInputs& inputs) {
  ProgressBar bar("quantising");
  return convert(inputs, [&bar](uint64_t done, uint64_t total) {
    bar.show(static_cast<double>(done) / static_cast<double>(total));
  });
}

bool is_quantised(const Conversion& conversion) {
  return std::any_of(conversion.changes.begin(), conversion.changes.end(),
                     [](const PartChange& change) { return change.type != fb::TensorType::F32; });
}

void require_distinct_files(const ConvertOptions& options, const ConversionInputs& inputs) {
  std::vector<NamedFile> outputs = {{"--out", options.out}, {"--report", options.report}};
  if (options.ask != "-") outputs.push_back({"--ask", options.ask});
  for (const auto& [table, path] : inputs.sidecars)
    outputs.push_back({"--sidecar", path});
  std::vector<NamedFile> files = {{"--weights", options.weights},
                                  {"--model", options.model},
                                  {"--layout", options.layout},
                                  {"--calibrate", options.calibrate},
                                  {"--validate", options.validation.requests},
                                  {"--expect", options.validation.expected},
                                  {"--labels", options.validation.labels}};
  for (const auto& [table, path] : inputs.keys.vocabularies)
    files.push_back({"--vocabulary", split_member(path).first});
  require_distinct(files, outputs);
}

void run_conversion(const ConvertOptions& options, const Streams& streams) {
  ConversionInputs inputs = inputs_of(options);
  require_distinct_files(options, inputs);
  const ValidationOptions validating = validation_of(options);
  std::optional<DiceCalibration> calibration;
  if (!options.calibrate.empty()) {
    inputs.calibrate = [&](Assembled& assembled) {
      calibration = calibrate(assembled, options.calibrate);
    };
  }
  if (!options.out.empty()) check_writable(options.out);
  if (!options.report.empty()) check_writable(options.report);
  for (const auto& [table, path] : inputs.sidecars)
    check_writable(path);
  choose_layout(inputs, streams);
  if (ask_open_questions(options, inputs, streams)) return;
  inputs.with_reference = !validating.requests.empty();
  Conversion conversion = convert_with_progress(inputs);
  if (!options.calibrate.empty() && !calibration) {
    throw UsageError("--calibrate: nothing in this model needs statistics measured on data");
  }
  const std::string name = options.out.empty() ? conversion.assembled.model.name : options.out;
  // The runtime must be able to open the result; it throws Error otherwise.
  { const LoadedModel checked(conversion.file, name, conversion.sidecars); }
  if (calibration && calibration->candidate_rows < kEnoughRows) {
    streams.err << "augur-convert: warning: " << options.calibrate << ": statistics measured on "
                << calibration->candidate_rows << " candidate rows are rough; " << kEnoughRows
                << " or more are wanted\n";
  }
  for (const std::string& warning : conversion.assembled.warnings) {
    streams.err << "augur-convert: warning: " << warning << "\n";
  }
  std::optional<Validation> validation;
  std::optional<Comparison> comparison;
  if (!validating.requests.empty()) {
    validation = validate(conversion.file, name, validating, conversion.sidecars);
    for (const std::string& warning : validation->warnings)
      streams.err << "augur-convert: warning: " << warning << "\n";
    if (!validation->within(validating.tolerance)) {
      const std::string cause = diagnose(conversion, validating);
      throw Error(validation_failure(*validation, validating) + (cause.empty() ? "" : "\n") +
                  cause);
    }
    if (is_quantised(conversion)) {
      comparison = compare_with_f32(conversion, name, validating);
    }
  }
  Proof proof = fb::ProofT();
  if (validation) proof = validation->proof(validating.tolerance);
  if (is_proven(proof)) record_proof(conversion, *proof);
  Json report = make_report(conversion, name);
  report["proof"] = proof_json(proof);
  if (calibration) report["calibration"] = calibration_json(*calibration, options.calibrate);
  if (validation) report["validation"] = validation_json(*validation, validating);
  if (comparison) report["comparison"] = comparison_json(*comparison, validating);
  if (!options.dry_run) {
    write_files(conversion, options.out, options.report, json_text(report), streams.err);
  }
  TextTable summary = summary_of(conversion);
  if (calibration) summary.add({"measured", calibration->note});
  if (validation) add_rows(*validation, validating, summary);
  if (comparison) add_rows(*comparison, validating, summary);
  if (!is_proven(proof)) summary.add({"unproven", kToProve});
  streams.out << name << (options.dry_run ? " (not written: --dry-run)" : "") << "\n"
              << summary.text("  ");
  if (is_quantised(conversion)) streams.out << "\n" << sizes_text(conversion.changes, "  ");
}

void run(const ConvertOptions& options, const Streams& streams) {
  if (options.list_layouts) return list_layouts(streams.out);
  if (!options.explain.empty()) {
    streams.out << explanation(find_library(options.explain));
    return;
  }
  if (options.list_tensors) {
    if (options.weights.empty()) throw UsageError("--list-tensors needs --weights");
    return list_tensors(options, streams);
  }
  if (!options.save_tensors.empty()) return save_listed(options, streams);
  if (!options.delta.sidecars.empty()) {
    if (!options.weights.empty() || !options.model.empty() || !options.layout.empty()) {
      throw UsageError(
          "--delta compares two sidecar files; it does not go with --weights, --model or --layout");
    }
    return run_delta(options.delta, options.out, options.dry_run, streams);
  }
  run_conversion(options, streams);
}

// As a shell takes it.
std::string shell_word(const std::string& text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./=,:+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (is_plain) return text;
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The same conversion by the Python package, which reads what this command does not.
std::string python_command(const std::vector<std::string>& arguments) {
  std::string command = "python3 -m augur_rank convert";
  for (const std::string& argument : arguments)
    command += " " + shell_word(argument);
  return command;
}

}  // namespace

int run_augur_convert(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app(
      "Converts a trained model of the DIEN family into a .augur file.\n"
      "\n"
      "  augur-convert --weights F --ask ANSWERS.json\n"
      "  augur-convert --weights F --layout NAME [--model ANSWERS.json] --out F.augur\n"
      "  augur-convert --weights F --model DESCRIPTION.json --out F.augur\n"
      "  augur-convert --delta OLD.augurtable NEW.augurtable --out CHANGES.augurdelta\n"
      "\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage. Nothing is written on failure.",
      "augur-convert");
  ConvertOptions options;
  declare(app, options);
  return run_command(app, arguments, streams, [&] {
    try {
      run(options, streams);
    } catch (const checkpoint::OtherKind& error) {
      throw Error(std::string(error.what()) +
                  ". The Python package reads it (pip install . in a checkout of Augur, or there "
                  "PYTHONPATH=converter/python):\n  " +
                  python_command(arguments));
    }
  });
}

}  // namespace augur::convert
