// augur-convert: a checkpoint and what is known of it in, a .augur file out. docs/conversion.md.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "commands/run.h"
#include "commands/runtime.h"
#include "commands/version.h"
#include "convert/conversion.h"
#include "convert/report.h"
#include "error.h"
#include "inspect/columns.h"
#include "layout/layout.h"
#include "text/text.h"
#include "write/atomic_file.h"
#include "write/model_file.h"
#include "write/sha256.h"

namespace augur::convert {
namespace {

struct Options {
  std::string weights, model, layout, out, report, explain;
  std::vector<std::string> answers;
  std::string weights_type = "f32", embeddings = "f32";
  bool list_tensors = false, list_layouts = false;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--weights", options.weights,
                 "The checkpoint: .safetensors, .npz, a TensorFlow V2 bundle, Keras .h5")
      ->type_name("FILE");
  app.add_option("--model", options.model,
                 "The model's description (docs/conversion.md); with --layout, the answers to what "
                 "the layout asks")
      ->type_name("FILE");
  app.add_option(
         "--layout", options.layout,
         "A layout's name (--list-layouts), a layout file that ends with .json, or \"auto\"")
      ->type_name("NAME");
  app.add_option("--set", options.answers, "An answer to what the layout asks; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--out", options.out, "The model file to write")->type_name("FILE");
  app.add_option("--report", options.report,
                 "Write what went into the model, and the description in full, as JSON")
      ->type_name("FILE");
  app.add_option("--weights-type", options.weights_type, "Type of the weights; f32")
      ->type_name("TYPE");
  app.add_option("--embeddings", options.embeddings, "Type of the embedding tables; f32")
      ->type_name("TYPE");
  app.add_flag("--list-tensors", options.list_tensors,
               "List the checkpoint's tensors, their types and shapes, and stop");
  app.add_flag("--list-layouts", options.list_layouts, "List the layouts that are known, and stop");
  app.add_option("--explain-layout", options.explain,
                 "Say what a layout assumes and asks, and stop")
      ->type_name("NAME");
}

void list_tensors(const std::string& path, std::ostream& out) {
  const auto checkpoint = checkpoint::open_checkpoint(path);
  Columns columns;
  for (const checkpoint::TensorInfo& tensor : checkpoint->tensors()) {
    columns.add({tensor.name, tensor.type_name,
                 shape_text({tensor.shape.begin(), tensor.shape.end()}),
                 checkpoint::is_training_only(tensor.name) ? "(training only)" : ""});
  }
  out << columns.text("");
}

void list_layouts(std::ostream& out) {
  Columns columns;
  for (const Layout& layout : builtin_layouts())
    columns.add({layout.name(), layout.title()});
  out << columns.text("");
}

void require_f32(const std::string& type, const char* flag) {
  if (type == "f32") return;
  const bool known = type == "fp16" || type == "int8" || type == "int4";
  throw UsageError(std::string(flag) + " " + type +
                   (known ? ": this version writes f32 alone" : ": the type is f32"));
}

ConversionInputs inputs_of(const Options& options) {
  if (options.weights.empty()) throw UsageError("--weights is needed: the checkpoint to convert");
  if (options.model.empty() && options.layout.empty()) {
    throw UsageError("--model or --layout is needed: what the checkpoint's tensors mean");
  }
  if (options.out.empty()) throw UsageError("--out is needed: the model file to write");
  require_f32(options.weights_type, "--weights-type");
  require_f32(options.embeddings, "--embeddings");
  ConversionInputs inputs;
  inputs.weights = options.weights;
  inputs.model = options.model;
  inputs.layout = options.layout;
  inputs.producer = "augur-convert";
  inputs.producer_version = version_text();
  for (const std::string& answer : options.answers) {
    const size_t equals = answer.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--set " + answer + ": expected KEY=VALUE");
    }
    inputs.answers.emplace_back(answer.substr(0, equals), answer.substr(equals + 1));
  }
  return inputs;
}

void print_summary(const Conversion& conversion, const std::string& path, std::ostream& out) {
  const Assembled& assembled = conversion.assembled;
  const fb::ModelT& model = assembled.model;
  uint64_t tables = 0;
  for (const auto& table : model.tables)
    tables += table->weights->data.size();
  std::string tensors = std::to_string(conversion.used.size()) + " used";
  const auto add = [&](size_t count, const char* what) {
    if (count > 0) tensors += ", " + std::to_string(count) + what;
  };
  add(assembled.training_only.size(), " left out that serve training alone");
  add(assembled.ignored.size(), " ignored as stated");
  add(assembled.unused.size(), " not used");
  Columns columns;
  columns.add(
      {"model", model.name + (conversion.layout.empty() ? "" : ", layout ") + conversion.layout});
  columns.add({"id", hex_text(model.id.data(), model.id.size())});
  columns.add({"size", bytes_text(conversion.file.size()) + ", of which " + bytes_text(tables) +
                           " are embeddings"});
  columns.add({"tensors", tensors});
  out << path << "\n" << columns.text("  ");
}

// "auto" becomes the layout's name, and it is said why, before anything can fail.
void choose_layout(ConversionInputs& inputs, const Streams& streams) {
  if (inputs.layout != "auto") return;
  const auto checkpoint = checkpoint::open_checkpoint(inputs.weights);
  const Layout layout = recognise_layout(*checkpoint);
  inputs.layout = layout.name();
  streams.err << "augur-convert: " << checkpoint->file() << ": layout " << layout.name()
              << ", recognised by " << layout.recognised_by() << "\n";
}

void run_conversion(const Options& options, const Streams& streams) {
  ConversionInputs inputs = inputs_of(options);
  check_writable(options.out);
  if (!options.report.empty()) check_writable(options.report);
  choose_layout(inputs, streams);
  const Conversion conversion = convert(inputs);
  check_opens(conversion.file, options.out);
  for (const std::string& warning : conversion.assembled.warnings) {
    streams.err << "augur-convert: warning: " << warning << "\n";
  }
  if (!options.report.empty()) {
    const std::string report = json_text(make_report(conversion, options.out));
    write_file_atomically(options.report, report.data(), report.size());
  }
  write_file_atomically(options.out, conversion.file.data(), conversion.file.size());
  print_summary(conversion, options.out, streams.out);
}

void run(const Options& options, const Streams& streams) {
  if (options.list_layouts) return list_layouts(streams.out);
  if (!options.explain.empty()) {
    streams.out << find_layout(options.explain).explanation();
    return;
  }
  if (options.list_tensors) {
    if (options.weights.empty()) throw UsageError("--list-tensors needs --weights");
    return list_tensors(options.weights, streams.out);
  }
  run_conversion(options, streams);
}

}  // namespace

int run_augur_convert(const std::vector<std::string>& arguments, const Streams& streams) {
  CLI::App app(
      "Converts a trained model of the DIEN family into a .augur file.\n"
      "\n"
      "  augur-convert --weights F --layout NAME [--model ANSWERS.json] --out F.augur\n"
      "  augur-convert --weights F --model DESCRIPTION.json --out F.augur\n"
      "\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage. Nothing is written on failure.",
      "augur-convert");
  Options options;
  declare(app, options);
  return run_command(app, arguments, streams, [&] { run(options, streams); });
}

}  // namespace augur::convert
