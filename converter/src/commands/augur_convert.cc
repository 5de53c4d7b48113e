// augur-convert: a checkpoint and what is known of it in, a .augur file out. docs/conversion.md.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "commands/run.h"
#include "commands/runtime.h"
#include "commands/version.h"
#include "convert/conversion.h"
#include "convert/report.h"
#include "error.h"
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

void list_tensors(const std::string& path) {
  const auto checkpoint = checkpoint::open_checkpoint(path);
  size_t name_width = 0, type_width = 0;
  for (const checkpoint::TensorInfo& tensor : checkpoint->tensors()) {
    name_width = std::max(name_width, tensor.name.size());
    type_width = std::max(type_width, tensor.type_name.size());
  }
  for (const checkpoint::TensorInfo& tensor : checkpoint->tensors()) {
    std::string line = tensor.name + std::string(name_width - tensor.name.size() + 2, ' ') +
                       tensor.type_name +
                       std::string(type_width - tensor.type_name.size() + 2, ' ') +
                       shape_text({tensor.shape.begin(), tensor.shape.end()});
    if (checkpoint::is_training_only(tensor.name)) line += "  (training only)";
    std::printf("%s\n", line.c_str());
  }
}

void list_layouts() {
  const std::vector<Layout> layouts = builtin_layouts();
  size_t width = 0;
  for (const Layout& layout : layouts)
    width = std::max(width, layout.name().size());
  for (const Layout& layout : layouts) {
    std::printf("%-*s  %s\n", static_cast<int>(width), layout.name().c_str(),
                layout.title().c_str());
  }
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

void print_summary(const Conversion& conversion, const std::string& out) {
  const fb::ModelT& model = conversion.assembled.model;
  uint64_t tables = 0;
  for (const auto& table : model.tables)
    tables += table->weights->data.size();
  const size_t training = conversion.assembled.training_only.size();
  std::printf("%s\n", out.c_str());
  std::printf("  model    %s%s%s\n", model.name.c_str(),
              conversion.layout.empty() ? "" : ", layout ", conversion.layout.c_str());
  std::printf("  id       %s\n", hex_text(model.id.data(), model.id.size()).c_str());
  std::printf("  size     %s, of which %s are embeddings\n",
              bytes_text(conversion.file.size()).c_str(), bytes_text(tables).c_str());
  std::printf("  tensors  %zu used", conversion.used.size());
  if (training > 0) std::printf(", %zu left out that serve training alone", training);
  if (!conversion.assembled.ignored.empty()) {
    std::printf(", %zu ignored as stated", conversion.assembled.ignored.size());
  }
  if (!conversion.assembled.unused.empty()) {
    std::printf(", %zu not used", conversion.assembled.unused.size());
  }
  std::printf("\n");
}

void run_conversion(const Options& options) {
  const ConversionInputs inputs = inputs_of(options);
  check_writable(options.out);
  if (!options.report.empty()) check_writable(options.report);
  const Conversion conversion = convert(inputs);
  check_opens(conversion.file, options.out);
  for (const std::string& warning : conversion.assembled.warnings) {
    std::cerr << "augur-convert: warning: " << warning << "\n";
  }
  if (!options.report.empty()) {
    const std::string report = json_text(make_report(conversion, options.out));
    write_file_atomically(options.report, report.data(), report.size());
  }
  write_file_atomically(options.out, conversion.file.data(), conversion.file.size());
  print_summary(conversion, options.out);
}

void run(const Options& options) {
  if (options.list_layouts) return list_layouts();
  if (!options.explain.empty()) {
    std::printf("%s", find_layout(options.explain).explanation().c_str());
    return;
  }
  if (options.list_tensors) {
    if (options.weights.empty()) throw UsageError("--list-tensors needs --weights");
    return list_tensors(options.weights);
  }
  run_conversion(options);
}

}  // namespace
}  // namespace augur::convert

int main(int argc, char** argv) {
  CLI::App app(
      "Converts a trained model of the DIEN family into a .augur file.\n"
      "\n"
      "  augur-convert --weights F --layout NAME [--model ANSWERS.json] --out F.augur\n"
      "  augur-convert --weights F --model DESCRIPTION.json --out F.augur\n"
      "\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage. Nothing is written on failure.",
      "augur-convert");
  augur::convert::Options options;
  augur::convert::declare(app, options);
  return augur::convert::run_command(app, argc, argv, [&] { augur::convert::run(options); });
}
