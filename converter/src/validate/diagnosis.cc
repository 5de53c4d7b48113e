// Likely mistakes, tried out; see diagnosis.h.
#include "validate/diagnosis.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "assemble/model.h"
#include "description/weight_source.h"
#include "error.h"
#include "requests/json_lines.h"
#include "validate/run_model.h"

namespace augur::convert {
namespace {

// Activations that have no weights, by the words of descriptions.
constexpr std::pair<fb::ActivationKind, const char*> kActivations[] = {
    {fb::ActivationKind::None, "none"},       {fb::ActivationKind::Relu, "relu"},
    {fb::ActivationKind::Sigmoid, "sigmoid"}, {fb::ActivationKind::Tanh, "tanh"},
    {fb::ActivationKind::Gelu, "gelu"},       {fb::ActivationKind::GeluTanh, "gelu_tanh"},
    {fb::ActivationKind::Elu, "elu"},         {fb::ActivationKind::Silu, "silu"}};

// One thing that could be different in the library from what the converted model computes.
struct Change {
  std::string text;  // "with softmax in the attention of sequence 'clicks'"
  std::string look;  // what the user should check
  std::function<void(fb::ModelT& model)> make;  // may throw Error
};

using ActivationPlace = std::unique_ptr<fb::ActivationT>*;

// All activations of the head but that of the logit's layer.
std::vector<ActivationPlace> head_activations(fb::ModelT& model) {
  std::vector<ActivationPlace> places;
  for (size_t i = 0; i + 1 < model.head->layers.size(); ++i)
    places.push_back(&model.head->layers[i]->activation);
  return places;
}

// All activations of an attention's MLP but that of the score's layer.
std::vector<ActivationPlace> attention_activations(fb::AttentionT& attention) {
  std::vector<ActivationPlace> places;
  if (attention.pair) places.push_back(&attention.pair->activation);
  for (size_t i = 0; i + 1 < attention.layers.size(); ++i)
    places.push_back(&attention.layers[i]->activation);
  return places;
}

fb::ActivationKind kind_at(ActivationPlace place) {
  return *place ? (*place)->kind : fb::ActivationKind::None;
}

void set_kind(ActivationPlace place, fb::ActivationKind kind) {
  *place = nullptr;
  if (kind == fb::ActivationKind::None) return;
  *place = std::make_unique<fb::ActivationT>();
  (*place)->kind = kind;
}

// Removes the rows of the first of three gates.
void drop_update_gate(fb::TensorT& tensor) {
  const size_t kept = tensor.shape[0] / 3 * 2;
  const size_t bytes = tensor.data.size() / 3 * 2;
  tensor.data.erase(tensor.data.begin(), tensor.data.end() - static_cast<std::ptrdiff_t>(bytes));
  tensor.shape[0] = static_cast<uint32_t>(kept);
}

constexpr char kPaper[] = "AUGRU in the paper's form";
constexpr char kAuthors[] = "AUGRU in the form of the authors' code";

struct EvolutionForm {
  const char* name;
  fb::EvolutionKind kind;
  fb::AugruForm form;
};
constexpr EvolutionForm kEvolutions[] = {
    {kPaper, fb::EvolutionKind::Augru, fb::AugruForm::Scale},
    {kAuthors, fb::EvolutionKind::Augru, fb::AugruForm::Lift},
    {"AGRU", fb::EvolutionKind::Agru, fb::AugruForm::Scale},
    {"AIGRU", fb::EvolutionKind::Aigru, fb::AugruForm::Scale},
    {"a plain GRU without attention", fb::EvolutionKind::Gru, fb::AugruForm::Scale}};

// The attention weighs the states of a second GRU (gru_type "GRU" in some libraries). The weights
// of that GRU could be those of an evolution.
bool pools_second_gru(const fb::StackT& sequence) {
  return !sequence.evolution && sequence.extractor.size() > 1 && sequence.attention &&
         sequence.result == fb::ResultKind::AttentionPool;
}

void evolve(fb::StackT& sequence, fb::EvolutionKind kind, fb::AugruForm form) {
  if (!sequence.evolution) {
    sequence.evolution = std::make_unique<fb::EvolutionT>();
    sequence.evolution->cell = std::move(sequence.extractor.back());
    sequence.extractor.pop_back();
    sequence.result = fb::ResultKind::Evolution;
  }
  sequence.evolution->kind = kind;
  sequence.evolution->form = form;
  fb::GruT& cell = *sequence.evolution->cell;
  if (kind == fb::EvolutionKind::Gru) sequence.attention = nullptr;
  if (kind != fb::EvolutionKind::Agru) return;
  drop_update_gate(*cell.input);
  drop_update_gate(*cell.recurrent);
  drop_update_gate(*cell.bias);
}

// The changes that the model, the conversion's in f32, admits; of each part the likelier ones
// first. Conversion and model must outlive them.
class Changes {
 public:
  Changes(const Conversion& conversion, fb::ModelT& model) : conversion_(conversion) {
    for (size_t i = 0; i < model.stacks.size(); ++i)
      add_sequence(i, *model.stacks[i], model);
    add_activations(
        "the head's hidden layers", "the head's activation (dnn_activation)",
        [](fb::ModelT& changed) { return head_activations(changed); }, model);
    add_output(model.output);
  }

  std::vector<Change> take() { return std::move(changes_); }

 private:
  using FindActivations = std::function<std::vector<ActivationPlace>(fb::ModelT&)>;

  void add_sequence(size_t i, const fb::StackT& sequence, fb::ModelT& model) {
    const std::string of = " of sequence " + augur::quoted(sequence.name);
    if (sequence.attention) {
      const bool softmax = sequence.attention->normalisation == fb::Normalisation::Softmax;
      changes_.push_back(
          {std::string(softmax ? "without" : "with") + " softmax in the attention" + of,
           "the attention's normalisation (use_attention_softmax, att_weight_normal"
           "ization)",
           [i, softmax](fb::ModelT& changed) {
             changed.stacks[i]->attention->normalisation =
                 softmax ? fb::Normalisation::None : fb::Normalisation::Softmax;
           }});
      add_activations(
          "the hidden layers of the attention" + of,
          "the attention's activation (att_activation, attention_activation)",
          [i](fb::ModelT& changed) { return attention_activations(*changed.stacks[i]->attention); },
          model);
    }
    for (size_t layer = 0; layer < sequence.extractor.size(); ++layer) {
      add_reset("layer " + std::to_string(layer + 1) + " of the extractor" + of,
                *sequence.extractor[layer], [i, layer](fb::ModelT& changed) -> fb::GruT& {
                  return *changed.stacks[i]->extractor[layer];
                });
    }
    if (sequence.evolution) {
      add_reset(
          "the evolution" + of, *sequence.evolution->cell,
          [i](fb::ModelT& changed) -> fb::GruT& { return *changed.stacks[i]->evolution->cell; });
    }
    if (sequence.evolution && sequence.evolution->kind == fb::EvolutionKind::Agru) {
      add_augru(i, of);
    } else if (sequence.evolution || pools_second_gru(sequence)) {
      add_kinds(i, sequence, of);
    }
  }

  void add_kinds(size_t i, const fb::StackT& sequence, const std::string& of) {
    const std::string look = "the evolution's kind (gru_type) and form";
    for (const auto& [name, kind, form] : kEvolutions) {
      const fb::EvolutionT* now = sequence.evolution.get();
      if (now != nullptr && now->kind == kind &&
          (kind != fb::EvolutionKind::Augru || now->form == form)) {
        continue;
      }
      changes_.push_back({std::string("with ") + name + " as the evolution" + of, look,
                          [i, new_kind = kind, new_form = form](fb::ModelT& changed) {
                            evolve(*changed.stacks[i], new_kind, new_form);
                          }});
    }
    if (!sequence.evolution) return;
    changes_.push_back({"with a second GRU and attention pooling in place of the evolution" + of,
                        look, [i](fb::ModelT& changed) {
                          fb::StackT& other = *changed.stacks[i];
                          other.extractor.push_back(std::move(other.evolution->cell));
                          other.evolution = nullptr;
                          other.result = fb::ResultKind::AttentionPool;
                        }});
  }

  // An AGRU in the model has no weights of an update gate: the evolution is assembled again from
  // the checkpoint.
  void add_augru(size_t i, const std::string& of) {
    const Json::json_pointer place("/stacks/" + std::to_string(i) + "/evolution");
    if (!conversion_.description.contains(place)) return;
    const Json evolution = conversion_.description.at(place);
    const auto gates = evolution.find("gates");
    if (gates == evolution.end() || gates->size() != 3) return;
    for (const char* form : {"scale", "lift"}) {
      for (const char* update_gate : {"share_of_state", "share_of_candidate"}) {
        Json description = conversion_.description;
        Json& other = description[place];
        other["kind"] = "augru";
        other["form"] = form;
        other["update_gate"] = update_gate;
        const bool is_scale = std::string_view(form) == "scale";
        changes_.push_back(
            {std::string("with ") + (is_scale ? kPaper : kAuthors) + " as the evolution" + of,
             "the evolution's kind (gru_type) and form",
             [&conversion = conversion_, i,
              description = std::move(description)](fb::ModelT& changed) {
               WeightSource weights(*conversion.checkpoint);
               Assembled assembled = assemble_model(Node(description, "the description"), weights,
                                                    true, conversion.folder);
               changed.stacks[i]->evolution = std::move(assembled.model.stacks[i]->evolution);
             }});
      }
    }
  }

  void add_reset(const std::string& where, const fb::GruT& gru,
                 const std::function<fb::GruT&(fb::ModelT&)>& find) {
    if (gru.candidate_recurrent_bias) return;  // only one of the two forms has it
    const bool after = gru.reset == fb::Reset::AfterProduct;
    changes_.push_back(
        {std::string("with the reset ") + (after ? "before" : "after") + " the product in " + where,
         "the GRU's form (reset_after)", [find, after](fb::ModelT& changed) {
           find(changed).reset = after ? fb::Reset::BeforeProduct : fb::Reset::AfterProduct;
         }});
  }

  // Replaces the first layer's activation, and that of every other layer with the same one. An
  // activation with weights is left alone.
  void add_activations(const std::string& where, const std::string& look,
                       const FindActivations& find, fb::ModelT& model) {
    const std::vector<ActivationPlace> places = find(model);
    if (places.empty()) return;
    const fb::ActivationT* first = places[0]->get();
    if (first != nullptr && (first->alpha || first->scale)) return;
    const fb::ActivationKind now = kind_at(places[0]);
    for (const auto& [kind, name] : kActivations) {
      if (kind == now) continue;
      changes_.push_back({std::string("with ") + augur::quoted(name) + " in " + where, look,
                          [find, now, new_kind = kind](fb::ModelT& changed) {
                            for (ActivationPlace place : find(changed)) {
                              if (kind_at(place) == now) set_kind(place, new_kind);
                            }
                          }});
    }
  }

  void add_output(fb::OutputKind now) {
    const bool sigmoid = now == fb::OutputKind::Sigmoid;
    changes_.push_back(
        {sigmoid ? "with the logit itself as the score" : "with the logit's sigmoid as the score",
         "the kind of output, \"sigmoid\" or \"identity\" (task: binary or regression)",
         [sigmoid](fb::ModelT& changed) {
           changed.output = sigmoid ? fb::OutputKind::Identity : fb::OutputKind::Sigmoid;
         }});
  }

  const Conversion& conversion_;
  std::vector<Change> changes_;
};

constexpr double kFits = 1e-5;               // the largest difference of answers that agree
constexpr size_t kMostRequests = 20;         // that a change is judged by
constexpr uint64_t kMostBytes = 256u << 20;  // a larger model takes too long to change and open

// Thrown to end the scoring early.
struct Enough {};

using Expectations = requests::ById<requests::Expected>;

// The first requests whose answers are not those expected, by their lines in the file.
std::set<std::string> requests_that_differ(const std::vector<uint8_t>& file,
                                           const ValidationOptions& options,
                                           const Expectations& expected) {
  const LoadedModel model(file, "the model in f32");
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

// The largest difference of these requests' answers; stops as soon as it is above kFits.
double largest_difference(const std::vector<uint8_t>& file, const ValidationOptions& options,
                          const Expectations& expected, const std::set<std::string>& where) {
  const LoadedModel model(file, "the changed model");
  requests::Differences differences;
  requests::Answer answer;
  size_t seen = 0;
  try {
    visit_requests(model.get(), options.requests,
                   [&](const requests::Request& request, requests::RequestRanker& ranker) {
                     if (where.count(request.where) == 0) return;
                     ranker.rank(request, answer);
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

std::string diagnose(const Conversion& conversion, const ValidationOptions& options) {
  const std::vector<uint8_t>& file = conversion.reference;
  if (file.size() > kMostBytes) return "";
  const Expectations expected = requests::read_expected(options.expected);
  const std::set<std::string> where = requests_that_differ(file, options, expected);
  if (where.empty()) return "";  // the model in f32 agrees: the difference is the quantisation's
  const std::unique_ptr<fb::ModelT> model(fb::GetModel(file.data())->UnPack());
  for (const Change& change : Changes(conversion, *model).take()) {
    double difference = 0;
    try {
      difference =
          largest_difference(file_with_change(*model, change.make), options, expected, where);
    } catch (const Error&) {
      continue;  // such a model cannot be built
    }
    if (!(difference <= kFits)) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.1g", difference);
    return change.text + " they agree within " + text + ": check " + change.look;
  }
  return "";
}

}  // namespace augur::convert
