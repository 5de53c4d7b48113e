// Turns a description and a checkpoint into a model; see model.h.
#include "assemble/model.h"

#include <algorithm>
#include <cmath>

#include "assemble/context.h"
#include "assemble/parts.h"
#include "description/node.h"
#include "description/weight_source.h"
#include "text/text.h"

namespace augur::convert {
namespace {

std::unique_ptr<fb::CalibrationT> read_calibration(const Node& node) {
  node.allow_keys("a calibration", {"scale", "offset"});
  auto calibration = std::make_unique<fb::CalibrationT>();
  calibration->scale = static_cast<float>(node.at("scale").number());
  calibration->offset = static_cast<float>(node.at("offset").number());
  if (!(calibration->scale > 0) || !std::isfinite(calibration->scale)) {
    node.at("scale").fail("must be above 0");
  }
  if (!std::isfinite(calibration->offset)) node.at("offset").fail("does not fit into f32");
  return calibration;
}

// Throws Error for a part that is described but changes no score: such a description is unfinished.
void refuse_unused(const Node& description, const fb::ModelT& model, const HeadSources& sources,
                   const Context& context) {
  const auto check = [&](bool used, const char* list, size_t i, const char* reason,
                         const std::string& name) {
    if (!used) description.at(list).items()[i].fail(reason + augur::quoted(name));
  };
  for (size_t i = 0; i < model.tables.size(); ++i) {
    const std::string& name = model.tables[i]->name;
    check(context.tables.at(name).used, "tables", i, "no field refers to table ", name);
  }
  for (size_t i = 0; i < model.features.size(); ++i) {
    const std::string& name = model.features[i]->name;
    check(sources.used_features.count(name) != 0, "features", i, "the head does not use feature ",
          name);
  }
  const auto& used = sources.used_candidates;
  for (size_t i = 0; i < model.candidate.size(); ++i) {
    const std::string& name = model.candidate[i]->name;
    check(std::find(used.begin(), used.end(), name) != used.end(), "candidate", i,
          "neither a sequence's query nor the head uses the candidate's field ", name);
  }
  for (size_t i = 0; i < sources.sequences.size(); ++i) {
    const SequenceInfo& sequence = sources.sequences[i];
    check(sequence.result_used, "stacks", i, "the head does not use the result of sequence ",
          sequence.name);
  }
}

// Sorts the tensors that nothing read into `unused` and `ignored`.
void sort_unused(const Node& description, const WeightSource& weights, Assembled& result) {
  result.training_only = weights.training_only();
  std::vector<std::string> patterns;
  if (const auto ignore = description.find("ignore")) patterns = ignore->texts();
  for (const std::string& name : weights.unused()) {
    const bool ignored =
        std::any_of(patterns.begin(), patterns.end(),
                    [&](const std::string& pattern) { return matches(pattern, name); });
    if (const std::string reason = foreign_tensor(name); !ignored && !reason.empty()) {
      throw Error(weights.checkpoint().file() + ": tensor " + augur::quoted(name) +
                  " is not used: " + reason +
                  ". If it has no part in the score, name it in \"ignore\"");
    }
    (ignored ? result.ignored : result.unused).push_back(name);
  }
}

}  // namespace

Assembled assemble_model(const Node& description, WeightSource& weights, bool can_measure,
                         const std::string& folder) {
  description.allow_keys("a model description",
                         {"format", "name", "notes", "orientation", "tables", "features",
                          "candidate", "stacks", "head", "output", "calibration", "ignore"});
  description.at("format").integer(1, 1);
  Assembled result;
  fb::ModelT& model = result.model;
  Context context(weights);
  context.can_measure = can_measure;
  context.folder = folder;
  model.name = description.at("name").name();
  if (const auto notes = description.find("notes")) model.notes = notes->texts();
  context.orientation = read_orientation(description.at("orientation"));

  model.tables = read_tables(description.at("tables"), context);
  model.features = read_fields(description.at("features"), "feature", context);
  model.candidate = read_fields(description.at("candidate"), "candidate field", context);
  if (model.candidate.empty()) {
    description.at("candidate").fail("must hold at least one field: something has to be ranked");
  }
  if (description.at("stacks").items().empty()) {
    description.at("stacks").fail("must hold at least one sequence of behaviours");
  }
  std::vector<std::string> used_candidates;
  ReadSequences sequences =
      read_sequences(description.at("stacks"), model.candidate, used_candidates, context);
  HeadSources sources{model.features, model.candidate, sequences.infos, {}, used_candidates};
  model.head = read_head(description.at("head"), description.at("output"), sources, context);
  model.output = read_score(description.at("output"));
  model.stacks = std::move(sequences.sequences);
  if (const auto calibration = description.find("calibration");
      calibration && !calibration->is_null()) {
    model.calibration = read_calibration(*calibration);
  }
  refuse_unused(description, model, sources, context);
  sort_unused(description, weights, result);
  result.warnings = std::move(context.warnings);
  result.batch_dice = std::move(context.batch_dice);
  return result;
}

}  // namespace augur::convert
