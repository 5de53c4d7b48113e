// Likely mistakes, tried out; see diagnosis.h.
#include "validate/diagnosis.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "augur_generated.h"
#include "error.h"
#include "requests/line_reader.h"
#include "requests/records.h"
#include "validate/open_model.h"
#include "validate/score_file.h"
#include "write/model_file.h"

namespace augur::convert {
namespace {

constexpr double kFits = 1e-5;
constexpr size_t kMostRequests = 20;         // that a change has to explain
constexpr uint64_t kMostBytes = 256u << 20;  // a model above it would take long to change and open

// One thing that is otherwise in the model than in the library, perhaps.
struct Change {
  std::string text;  // "with softmax in the attention of stack 'clicks'"
  std::string look;  // what to look up
  std::function<void(fb::ModelT& model)> make;
};

// Ends the scoring early.
struct Enough {};

class Changes {
 public:
  explicit Changes(const fb::ModelT& model) {
    for (size_t i = 0; i < model.stacks.size(); ++i)
      add_stack(i, *model.stacks[i]);
    for (size_t i = 0; i < model.head->layers.size(); ++i)
      add_head(i, *model.head->layers[i]);
  }

  const std::vector<Change>& all() const { return changes_; }

 private:
  void add_stack(size_t i, const fb::StackT& stack) {
    const std::string of = " of stack " + augur::quoted(stack.name);
    if (stack.attention) {
      const bool softmax = stack.attention->normalisation == fb::Normalisation::Softmax;
      changes_.push_back(
          {std::string(softmax ? "without" : "with") + " softmax in the attention" + of,
           "the attention's normalisation (use_attention_softmax, att_weight_normal"
           "ization)",
           [i, softmax](fb::ModelT& model) {
             model.stacks[i]->attention->normalisation =
                 softmax ? fb::Normalisation::None : fb::Normalisation::Softmax;
           }});
    }
    for (size_t layer = 0; layer < stack.extractor.size(); ++layer) {
      add_reset("layer " + std::to_string(layer + 1) + " of the extractor" + of,
                *stack.extractor[layer], [i, layer](fb::ModelT& model) -> fb::GruT& {
                  return *model.stacks[i]->extractor[layer];
                });
    }
    if (stack.evolution) add_evolution(i, *stack.evolution, of);
  }

  void add_evolution(size_t i, const fb::EvolutionT& evolution, const std::string& of) {
    add_reset("the evolution" + of, *evolution.cell,
              [i](fb::ModelT& model) -> fb::GruT& { return *model.stacks[i]->evolution->cell; });
    if (evolution.kind == fb::EvolutionKind::Agru) return;  // it has two gates, the others three
    const auto add_kind = [&](const char* name, fb::EvolutionKind kind, fb::AugruForm form) {
      const bool is_form = kind != fb::EvolutionKind::Augru || form == evolution.form;
      if (kind == evolution.kind && is_form) return;
      changes_.push_back({std::string("with ") + name + " as the evolution" + of,
                          "the evolution's kind (gru_type) and form",
                          [i, kind, form](fb::ModelT& model) {
                            model.stacks[i]->evolution->kind = kind;
                            model.stacks[i]->evolution->form = form;
                          }});
    };
    add_kind("AUGRU in the paper's form", fb::EvolutionKind::Augru, fb::AugruForm::Scale);
    add_kind("AUGRU in the form of the authors' code", fb::EvolutionKind::Augru,
             fb::AugruForm::Lift);
    add_kind("AIGRU", fb::EvolutionKind::Aigru, fb::AugruForm::Scale);
    add_kind("a plain GRU", fb::EvolutionKind::Gru, fb::AugruForm::Scale);
  }

  void add_reset(const std::string& where, const fb::GruT& gru,
                 const std::function<fb::GruT&(fb::ModelT&)>& find) {
    if (gru.candidate_recurrent_bias) return;  // only one of the two forms has it
    const bool after = gru.reset == fb::Reset::AfterProduct;
    changes_.push_back(
        {std::string("with the reset ") + (after ? "before" : "after") + " the product in " + where,
         "the GRU's form (reset_after)", [find, after](fb::ModelT& model) {
           find(model).reset = after ? fb::Reset::BeforeProduct : fb::Reset::AfterProduct;
         }});
  }

  // The activation of one layer is that of all hidden layers, where it has no weights.
  void add_head(size_t first, const fb::DenseT& dense) {
    if (first != 0 || !dense.activation || dense.activation->alpha || dense.activation->scale) {
      return;
    }
    const fb::ActivationKind now = dense.activation->kind;
    const std::pair<fb::ActivationKind, const char*> kinds[] = {
        {fb::ActivationKind::None, "no activation"},
        {fb::ActivationKind::Relu, "relu"},
        {fb::ActivationKind::Sigmoid, "sigmoid"},
        {fb::ActivationKind::Tanh, "tanh"}};
    for (const auto& [kind, name] : kinds) {
      if (kind == now) continue;
      changes_.push_back({std::string("with ") + name + " in the head's hidden layers",
                          "the head's activation", [now, kind = kind](fb::ModelT& model) {
                            for (const auto& layer : model.head->layers) {
                              if (layer->activation && layer->activation->kind == now) {
                                layer->activation->kind = kind;
                              }
                            }
                          }});
    }
  }

  std::vector<Change> changes_;
};

using Expectations = requests::ById<requests::Expected>;

// The requests, by where they stand, whose answers are not those expected; the first of them.
std::set<std::string> requests_that_differ(const std::vector<uint8_t>& file,
                                           const ValidationOptions& options,
                                           const Expectations& expected) {
  const OpenModel model(file, "the model in f32");
  std::set<std::string> found;
  try {
    score_file(model.get(), options.requests,
               [&](const requests::Request& request, const requests::Answer& answer) {
                 requests::Differences differences;
                 requests::compare(answer,
                                   requests::expected_of(expected, request.id, answer.logits.size(),
                                                         request.where),
                                   differences);
                 if (differences.largest <= kFits) return;
                 found.insert(request.where);
                 if (found.size() == kMostRequests) throw Enough{};
               });
  } catch (const Enough&) {
  }
  return found;
}

// The largest difference of these requests' answers; stops at once where it is beyond kFits.
double largest_difference(const std::vector<uint8_t>& file, const ValidationOptions& options,
                          const Expectations& expected, const std::set<std::string>& where) {
  const OpenModel model(file, "the changed model");
  requests::Differences differences;
  requests::Answer answer;
  size_t seen = 0;
  try {
    visit_requests(model.get(), options.requests,
                   [&](const requests::Request& request, requests::Scorer& scorer) {
                     if (where.count(request.where) == 0) return;
                     scorer.rank(request, answer);
                     requests::check_finite(answer);
                     requests::compare(answer,
                                       requests::expected_of(expected, request.id,
                                                             answer.logits.size(), request.where),
                                       differences);
                     if (!(differences.largest <= kFits) || ++seen == where.size()) throw Enough{};
                   });
  } catch (const Enough&) {
  }
  return differences.largest;
}

}  // namespace

std::string diagnose(const std::vector<uint8_t>& file, const ValidationOptions& options) {
  if (file.size() > kMostBytes) return "";
  const Expectations expected = requests::read_expected(options.expected);
  const std::set<std::string> where = requests_that_differ(file, options, expected);
  if (where.empty()) return "";  // it is the quantisation that differs
  const std::unique_ptr<fb::ModelT> model(fb::GetModel(file.data())->UnPack());
  const Changes changes(*model);
  for (const Change& change : changes.all()) {
    fb::ModelT changed = *model;
    change.make(changed);
    double difference = 0;
    try {
      difference = largest_difference(pack_model(changed, "", ""), options, expected, where);
    } catch (const Error&) {
      continue;  // not a model that exists
    }
    if (!(difference <= kFits)) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.1g", difference);
    return change.text + " they agree within " + text + ": check " + change.look;
  }
  return "";
}

}  // namespace augur::convert
