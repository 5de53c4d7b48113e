// A quantised model beside the same model in f32; see comparison.h.
#include "validate/comparison.h"

#include <algorithm>
#include <cmath>

#include "requests/json_lines.h"
#include "requests/measures.h"
#include "text/text.h"
#include "validate/run_model.h"

namespace augur::convert {
namespace {

std::string change_text(double before, double after) {
  return measured_text("%.6f", before) + " -> " + measured_text("%.6f", after) +
         (std::isnan(before) || std::isnan(after) ? "" : measured_text(" (%+.6f)", after - before));
}

// The kind of part that a path belongs to: "tables", "extractor", "head".
std::string part_of(const std::string& path) {
  const size_t first = path.find('.');
  if (path.rfind("stacks.", 0) != 0) return path.substr(0, first);
  const size_t name_end = path.find('.', first + 1);
  return path.substr(name_end + 1, path.find('.', name_end + 1) - name_end - 1);
}

std::string share_text(uint64_t before, uint64_t after) {
  const double share = 100.0 * static_cast<double>(after) / static_cast<double>(before);
  return bytes_text(before) + " -> " + bytes_text(after) + measured_text(" (%.1f%%)", share);
}

}  // namespace

Comparison compare_with_f32(const Conversion& conversion, const std::string& name,
                            const ValidationOptions& options) {
  requests::ById<requests::Labels> labels;
  Comparison result;
  result.labelled = !options.labels.empty();
  if (result.labelled) labels = requests::read_labels(options.labels);
  requests::ClickMeasure clicks_before(options.group_by);
  requests::ClickMeasure clicks_after(options.group_by);
  const auto add_clicks = [&](requests::ClickMeasure& clicks, const requests::Request& request,
                              const requests::Answer& answer) {
    if (!result.labelled) return;
    clicks.add(request, answer,
               requests::labels_of(labels, request.id, answer.logits.size(), request.where));
  };

  ProgressBar bar("comparing with f32");
  std::vector<std::vector<float>> before;
  {
    const LoadedModel reference(conversion.reference, name + " in f32");
    score_file(
        reference.get(), options.requests,
        [&](const requests::Request& request, const requests::Answer& answer) {
          before.push_back(answer.logits);
          add_clicks(clicks_before, request, answer);
        },
        [&bar](double share) { bar.show(share / 2); });
  }
  const LoadedModel model(conversion.file, name, conversion.sidecars);
  requests::TopAgreement agreement(Comparison::kBest);
  double differences = 0;
  size_t index = 0;
  score_file(
      model.get(), options.requests,
      [&](const requests::Request& request, const requests::Answer& answer) {
        const std::vector<float>& expected = before.at(index++);
        for (size_t i = 0; i < expected.size(); ++i) {
          const double difference =
              std::fabs(static_cast<double>(answer.logits[i]) - static_cast<double>(expected[i]));
          differences += difference;
          result.largest_difference = std::max(result.largest_difference, difference);
        }
        result.candidates += expected.size();
        if (expected.size() > Comparison::kBest) agreement.add(expected, answer.logits);
        add_clicks(clicks_after, request, answer);
      },
      [&bar](double share) { bar.show(0.5 + share / 2); });
  if (result.candidates > 0) {
    result.mean_difference = differences / static_cast<double>(result.candidates);
  }
  result.lists = agreement.requests();
  result.agreement = agreement.mean();
  result.least_agreement = agreement.least();
  if (!result.labelled) return result;
  result.area_before = clicks_before.area();
  result.area_after = clicks_after.area();
  result.grouped_before = clicks_before.grouped().value();
  result.grouped_after = clicks_after.grouped().value();
  return result;
}

std::string sizes_text(const std::vector<PartChange>& changes, const std::string& indent) {
  struct Sum {
    std::string part;
    uint64_t before = 0;
    uint64_t after = 0;
  };
  std::vector<Sum> sums;
  TextTable matrices({4, 5});
  matrices.add({"matrix", "type", "shape", "bytes", "relative error", "largest"});
  for (const PartChange& change : changes) {
    const std::string part = part_of(change.path);
    auto sum = std::find_if(sums.begin(), sums.end(),
                            [&](const Sum& known) { return known.part == part; });
    if (sum == sums.end()) sum = sums.insert(sums.end(), {part, 0, 0});
    sum->before += change.bytes_before;
    sum->after += change.bytes_after;
    if (change.type == fb::TensorType::F32) continue;
    matrices.add({change.path, type_name(change.type), shape_text(change.shape),
                  share_text(change.bytes_before, change.bytes_after),
                  measured_text("%.5f", change.relative_error),
                  measured_text("%.5f", change.largest_error)});
  }
  TextTable parts;
  for (const Sum& sum : sums)
    parts.add({sum.part, share_text(sum.before, sum.after)});
  return parts.text(indent) + matrices.text(indent);
}

void add_rows(const Comparison& comparison, const ValidationOptions& options, TextTable& table) {
  table.add({"beside f32", "logits differ from f32 by at most " +
                               measured_text("%.3g", comparison.largest_difference) +
                               ", on average by " +
                               measured_text("%.3g", comparison.mean_difference)});
  if (comparison.lists > 0) {
    table.add({"top " + std::to_string(Comparison::kBest),
               measured_text("%.4f", comparison.agreement) + " agree with f32 on average, " +
                   measured_text("%.1f", comparison.least_agreement) + " at the least, over " +
                   std::to_string(comparison.lists) + " requests"});
  }
  if (comparison.labelled) {
    table.add({"AUC change", change_text(comparison.area_before, comparison.area_after)});
    if (!options.group_by.empty()) {
      table.add({"by " + options.group_by,
                 change_text(comparison.grouped_before, comparison.grouped_after)});
    }
  }
}

Json comparison_json(const Comparison& comparison, const ValidationOptions& options) {
  Json json = {{"candidates", comparison.candidates},
               {"largest_difference", comparison.largest_difference},
               {"mean_difference", comparison.mean_difference},
               {"top", nullptr}};
  if (comparison.lists > 0) {
    json["top"] = {{"k", Comparison::kBest},
                   {"requests", comparison.lists},
                   {"agreement", comparison.agreement},
                   {"least", comparison.least_agreement}};
  }
  if (!comparison.labelled) return json;
  json["auc"] = {{"f32", number_json(comparison.area_before)},
                 {"quantised", number_json(comparison.area_after)}};
  if (!options.group_by.empty()) {
    json["grouped_auc"] = {{"by", options.group_by},
                           {"f32", number_json(comparison.grouped_before)},
                           {"quantised", number_json(comparison.grouped_after)}};
  }
  return json;
}

}  // namespace augur::convert
