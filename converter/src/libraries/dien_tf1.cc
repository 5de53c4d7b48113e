// The DIEN authors' TensorFlow 1 code: script/model.py of github.com/mouna99/dien, and its forks.
#include <utility>

#include "libraries/all.h"
#include "libraries/pieces.h"
#include "libraries/tf1_cell.h"
#include "libraries/vocabularies.h"

namespace augur::convert {
namespace {

const char* const kPlainSecond = "*gru2/gru_cell/gates/kernel";
const char* const kAttentiveSecond = "*gru2/gates/kernel";

bool recognises(const Tensors& tensors) {
  return tensors.has("*uid_embedding_var") && tensors.has("*mid_embedding_var") &&
         tensors.has("*cat_embedding_var") && tensors.has("*bn1/gamma") &&
         tensors.has("*f1/kernel");
}

bool is_recurrent(const Tensors& tensors) {
  return tensors.has("*gru1/gru_cell/gates/kernel");
}

// Of the authors' models DIEN alone has it: Model_DIN_V2_Gru_Vec_attGru_Neg.
bool has_auxiliary_network(const Tensors& tensors) {
  return tensors.has_for_training("*f1gru/kernel");
}

// The candidate and an event: an item beside its category.
int64_t event_width(const Tensors& tensors) {
  return tensors.size(tensors.only("*mid_embedding_var"), 1) +
         tensors.size(tensors.only("*cat_embedding_var"), 1);
}

int64_t user_width(const Tensors& tensors) {
  return tensors.size(tensors.only("*uid_embedding_var"), 1);
}

// The kind of the attention cell that its biases tell, and by what; both "" if they tell none.
std::string told_kind(const Tensors& tensors, std::string* evidence) {
  const std::string gates = tensors.only(kAttentiveSecond);
  return told_attention_cell(tensors, before(gates, "gates/kernel"), "", evidence);
}

// The models that have these tensors; none if no model of the authors has them.
std::vector<std::string> fitting_kinds(const Tensors& tensors) {
  const bool is_dien = has_auxiliary_network(tensors);
  if (is_recurrent(tensors)) {
    if (tensors.has(kPlainSecond))
      return is_dien ? std::vector<std::string>{} : std::vector<std::string>{"aigru", "gru"};
    if (!tensors.has(kAttentiveSecond)) return {};
    if (is_dien) return {"augru"};
    std::string evidence;
    const std::string told = told_kind(tensors, &evidence);
    return told.empty() ? std::vector<std::string>{"agru", "augru"}
                        : std::vector<std::string>{told};
  }
  if (is_dien) return {};
  if (tensors.has("*f1_att*/kernel")) return {"din"};
  const int64_t width = tensors.size(tensors.only("*f1/kernel"), 0);
  return {width == user_width(tensors) + 2 * event_width(tensors) ? "base" : "pnn"};
}

bool is_ambiguous(const Tensors& tensors, const Answers& /*answers*/) {
  return fitting_kinds(tensors).size() > 1;
}

[[noreturn]] void refuse_strange(const Tensors& tensors) {
  if (has_auxiliary_network(tensors)) {
    tensors.refuse(
        "the checkpoint holds an auxiliary network (f1gru/kernel), which of the authors' models "
        "DIEN alone has, but its other tensors are not DIEN's (gru1/gru_cell and gru2/gates): the "
        "model is none of the authors'; describe it with --model (docs/description.md)");
  }
  tensors.refuse(
      "there is gru1, but neither gru2/gru_cell/gates/kernel (a plain GRU) nor gru2/gates/kernel "
      "(AGRU, AUGRU): the model is none of the authors'");
}

std::string find_kind(const Tensors& tensors, const Answers& answers) {
  const std::vector<std::string> fitting = fitting_kinds(tensors);
  if (fitting.empty()) refuse_strange(tensors);
  if (!answers.has("kind")) return fitting.front();
  const std::string stated = answers.text("kind");
  std::string kind = stated == "dien" ? "augru" : stated;
  if (contains(fitting, kind)) return kind;
  if (kind == "agru" && has_auxiliary_network(tensors)) {
    answers.fail("kind",
                 "agru was stated, but the checkpoint holds an auxiliary network (f1gru/kernel), "
                 "which of the authors' models DIEN alone has: --set kind=dien");
  }
  if ((kind == "agru" || kind == "augru") && tensors.has(kAttentiveSecond)) {
    std::string evidence;
    const std::string told = told_kind(tensors, &evidence);
    answers.fail("kind",
                 stated + " was stated, but the checkpoint tells " + told + ": " + evidence);
  }
  answers.fail("kind", "kind " + stated +
                           " was stated, but the checkpoint's tensors are those of another model "
                           "(gru2/gru_cell: aigru or gru; gru2/gates: agru, augru or dien; f1_att "
                           "alone: din; none of them: base or pnn)");
}

// What the parts of the description are made of.
struct Model {
  std::string kind;  // "dien" is an augru
  std::string stack, user, item, category;
  Json padding;  // of the history's sum
  bool first_head = false;

  bool sums() const { return kind == "base" || kind == "pnn"; }
  bool evolves() const { return kind == "aigru" || kind == "agru" || kind == "augru"; }
  bool recurrent() const { return evolves() || kind == "gru"; }
  // candidate * sum, as an input of the head.
  bool multiplies() const { return kind == "pnn" || (kind != "base" && !first_head); }
};

Model read_model(const Tensors& tensors, const Answers& answers) {
  Model model;
  model.kind = find_kind(tensors, answers);
  model.stack = answers.text("stack");
  model.user = answers.text("user");
  model.item = answers.text("item");
  model.category = answers.text("category");
  model.padding = "masked";
  if (answers.text("history_sum") == "padded")
    model.padding = {{"to_length", answers.integer("padded_length")}};
  model.first_head = answers.text("head") == "first";
  return model;
}

void refuse_others(const Tensors& tensors, const Answers& answers) {
  if (answers.text("head") == "x-deeplearning" || tensors.has("tf_model/*")) {
    tensors.refuse(
        "x-deeplearning's DIEN normalises the head's input by the statistics of the batch being "
        "scored (bn1 with training=True) and keeps its tables outside TensorFlow; a score depends "
        "on who else is in the batch, so it cannot be converted as it stands. A model of that code "
        "with bn1's statistics measured on data can be described with --model "
        "(docs/description.md)");
  }
  if (tensors.has("*f_fm/kernel")) {
    tensors.refuse(
        "this is WideDeep (f_fm): its second, linear head over the same input is not in the model "
        "family");
  }
  if (answers.text_or("kind", "") == "wide") {
    tensors.refuse(
        "WideDeep (model_type Wide) adds a second, linear head to the logits, which is not in the "
        "model family");
  }
}

// The order of the head's input cannot be seen, but its first version was narrower.
void check_head_width(const Tensors& tensors, const Answers& answers, const Model& model) {
  const int64_t event = event_width(tensors);
  int64_t expected = user_width(tensors) + 2 * event;
  if (model.recurrent())
    expected += tensors.size(tensors.only("*gru1/gru_cell/candidate/kernel"), 1);
  if (model.kind == "din") expected += event;
  if (model.multiplies()) expected += event;
  const std::string f1 = tensors.only("*f1/kernel");
  const int64_t width = tensors.size(f1, 0);
  if (width == expected) return;
  tensors.refuse("tensor '" + f1 + "': the head takes " + std::to_string(width) +
                 " numbers, but with head=" + answers.text("head") + " its input has " +
                 std::to_string(expected) +
                 ". The code's first version left out candidate * sum and had the order uid, "
                 "candidate, state, sum: if this checkpoint is its, --set head=first. "
                 "x-deeplearning's has that width too, and cannot be converted. Any other head: "
                 "describe it with --model (docs/description.md)");
}

// A Dense of the query, from the event's width to the state's.
Json query_projection(const Tensors& tensors) {
  const std::string at = tensors.prefix_of("f11_1/kernel") + "f11_1/";
  for (const char* alpha : {"*prelu_", "*prelu/prelu"}) {
    if (!tensors.has(alpha)) continue;
    return {{"weight", at + "kernel"},
            {"bias", at + "bias"},
            {"activation", prelu(tensors.only(alpha))}};
  }
  tensors.refuse(
      "the query's projection (f11_1) has no PReLU: no tensor ends with prelu_ or prelu/prelu");
}

Json attention(const Tensors& tensors, const Model& model) {
  Json layers = Json::array();
  for (const char* layer : {"*f1_att*/", "*f2_att*/", "*f3_att*/"}) {
    layers.push_back({{"weight", tensors.only(std::string(layer) + "kernel")},
                      {"bias", tensors.only(std::string(layer) + "bias")},
                      {"activation", layers.size() < 2 ? "sigmoid" : "none"}});
  }
  Json attention = din_attention(std::move(layers), 1, true);
  if (model.recurrent()) attention["query_projection"] = query_projection(tensors);
  return attention;
}

Json fields(const Model& model) {
  return {id_field(model.item, "item"), id_field(model.category, "category")};
}

Json stack(const Tensors& tensors, const Answers& answers, const Model& model) {
  Json stack = {{"name", model.stack},
                {"fields", fields(model)},
                {"max_history", answers.integer("max_history")},
                {"mask", "length"},
                {"query", {model.item, model.category}},
                {"extractor", Json::array()}};
  if (model.sums()) {
    stack["attention"] = nullptr;
    stack["result"] = {{"pool", "sum"}, {"padding", model.padding}};
    return stack;
  }
  const auto cell_at = [&tensors](const char* gates) {
    return before(tensors.only(gates), "gates/kernel");
  };
  if (model.recurrent())
    stack["extractor"].push_back(tf1_gru(tensors, cell_at("*gru1/gru_cell/gates/kernel")));
  if (model.kind == "gru") stack["extractor"].push_back(tf1_gru(tensors, cell_at(kPlainSecond)));
  stack["attention"] = attention(tensors, model);
  stack["result"] = model.evolves() ? "evolution" : "attention_pool";
  if (model.evolves()) {
    stack["evolution"] = tf1_evolution(
        tensors, model.kind, cell_at(model.kind == "aigru" ? kPlainSecond : kAttentiveSecond));
  }
  return stack;
}

Json head_input(const Model& model) {
  const Json query = {{"query", model.stack}}, result = {{"result", model.stack}};
  Json sum = result;
  if (!model.sums())
    sum = {{"pooled", model.stack}, {"pooling", "sum"}, {"padding", model.padding}};
  Json input = {{{"feature", model.user}}, query};
  if (model.first_head && model.recurrent()) input.push_back(result);
  input.push_back(sum);
  if (model.multiplies()) input.push_back({{"product", {query, sum}}});
  if (model.kind == "din" || (model.recurrent() && !model.first_head)) input.push_back(result);
  return input;
}

// The code's first version counted its PReLUs, beginning with the query's.
Json head_activation(const Tensors& tensors, const Model& model, int layer) {
  const std::string n = std::to_string(layer);
  if (tensors.has("*alphadice_" + n)) {
    return {{"kind", "dice_batch_statistics"},
            {"alpha", tensors.only("*alphadice_" + n)},
            {"epsilon", 1e-9},
            {"epsilon_outside", 1e-9}};
  }
  const int count = model.recurrent() ? layer : layer - 1;
  const std::string counted = "prelu_" + std::to_string(count) + "/prelu";
  std::vector<std::string> patterns = {"*prelu" + n + "/prelu_prelu" + n, "*" + counted};
  if (count == 0) patterns.emplace_back("*prelu/prelu");
  for (const std::string& pattern : patterns) {
    if (tensors.has(pattern)) return prelu(tensors.only(pattern));
  }
  tensors.refuse("f" + n + " has no activation that is known: no tensor ends with alphadice_" + n +
                 " (Dice), prelu" + n + "/prelu_prelu" + n + " or " + counted + " (PReLU)");
}

Json head_layers(const Tensors& tensors, const Model& model) {
  const std::string norm = before(tensors.only("*bn1/gamma"), "gamma");
  const std::vector<int> numbers = tensors.indices("*f#/kernel");
  Json layers = Json::array();
  for (const int n : numbers) {
    const std::string at = before(tensors.only("*f" + std::to_string(n) + "/kernel"), "kernel");
    const bool is_last = n == numbers.back();
    layers.push_back({{"weight", at + "kernel"},
                      {"bias", at + "bias"},
                      {"activation", is_last ? Json("none") : head_activation(tensors, model, n)}});
  }
  layers.front()["batch_norm"] = {{"place", "input"},
                                  {"mean", norm + "moving_mean"},
                                  {"variance", norm + "moving_variance"},
                                  {"gamma", norm + "gamma"},
                                  {"beta", norm + "beta"},
                                  {"epsilon", 0.001}};
  return layers;
}

// The authors' data_iterator.py reads row 0 for a key that a vocabulary does not have, and counts
// its event.
Json tables(const Tensors& tensors, const Answers& answers) {
  Json list = Json::array();
  for (const auto& [name, variable] :
       {std::pair("user", "*uid_embedding_var"), std::pair("item", "*mid_embedding_var"),
        std::pair("category", "*cat_embedding_var")}) {
    list.push_back(table(name, tensors.only(variable), answers.text("out_of_table")));
    add_key_rule(list.back(), answers, {"padding_row"});
  }
  return list;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  refuse_others(tensors, answers);
  const Model model = read_model(tensors, answers);
  check_head_width(tensors, answers, model);
  return {{"name", model.kind},
          {"orientation", "in_out"},
          {"tables", tables(tensors, answers)},
          {"features", Json::array({id_field(model.user, "user")})},
          {"candidate", fields(model)},
          {"stacks", Json::array({stack(tensors, answers, model)})},
          {"head", {{"input", head_input(model)}, {"layers", head_layers(tensors, model)}}},
          {"output", {{"kind", "softmax"}, {"click_column", 0}}}};
}

}  // namespace

Library dien_tf1() {
  Library library;
  library.name = "dien-tf1";
  library.title = "The DIEN authors' TensorFlow 1 code (github.com/mouna99/dien) and its forks";
  library.about =
      "A checkpoint of tf.train.Saver, whatever variable scopes a fork puts around it (dien/, "
      "dien/fcn/, dien//prelu_):\ntensors are known by the ends of their names. An event is an "
      "item (mid) and its category (cat); so is the\ncandidate; the user (uid) is a feature. The "
      "models of script/train.py are DNN, PNN, DIN, the four DIN-V2-gru-...\nand DIEN. Optimizer "
      "slots and the auxiliary loss's network are left out.";
  library.assumes = {
      "e = [mid; cat], both of the history and of the candidate, from the same two tables; row 0 "
      "is padding and is trained",
      "with a vocabulary: a key that it does not have reads row 0, and its event counts",
      "gru1, gru2: TF1's GRUCell. Columns r, u; reset before the product; u the share of the old "
      "state; one bias",
      "attention: q = PReLU(Dense(e_a)); MLP over [q, h, q - h, q * h], two sigmoid layers, one "
      "output; softmax over the real steps",
      "aigru: input a h. gru: gru2 over gru1, then the sum of a h. agru: share a. augru: share a + "
      "(1 - a) z, where z = 1 - u",
      "only DIEN has the auxiliary network (f1gru): a checkpoint that has it is no agru; agru "
      "never "
      "trains the biases of its update gate, which stay equal",
      "din: the same MLP over [e_a, e, e_a - e, e_a * e] without the projection, softmax, weighted "
      "sum of e",
      "the mask covers only the real steps, as script/train.py makes it since its second version; "
      "the first counted one padded step more",
      "head input: uid, e_a, the history's sum, e_a * that sum, and then the state (DNN and PNN: "
      "without it; DNN: without the product)",
      "bn1 uses its stored statistics (never trained in this code: mean 0, variance 1) with "
      "epsilon 0.001",
      "f1, f2: Dice by the statistics of the batch being scored (epsilon 1e-9 inside and outside "
      "the root), which needs --calibrate; or PReLU",
      "f3: two outputs, softmax, column 0 is the click",
      "the 1e-8 that is added to the softmax is left out",
  };
  library.recognised_by =
      "names that end with uid_embedding_var, mid_embedding_var, cat_embedding_var, bn1/gamma and "
      "f1/kernel";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::choice("kind",
                  "which model it is; tensors cannot tell gru from aigru, nor agru from augru "
                  "unless the biases "
                  "of a trained cell do",
                  {{"base", "DNN: the history's sum", {"DNN"}},
                   {"pnn", "PNN: the sum and its product with the candidate"},
                   {"din", "DIN: attention pooling of the events"},
                   {"gru", "two GRUs, then attention pooling", {"DIN-V2-gru-gru-att"}},
                   {"aigru", "GRU, attention, GRU over a h", {"DIN-V2-gru-att-gru"}},
                   {"agru", "attention in the update gate's place", {"DIN-V2-gru-qa-attGru"}},
                   {"augru", "attention with the update gate", {"DIN-V2-gru-vec-attGru"}},
                   {"dien", "the same as augru, trained with the auxiliary loss"},
                   {"wide", "refused, with the reason"}})
          .found_in("script/train.py: model_type, the word after train on its command line")
          .needed_if(is_ambiguous, "where two have the same tensors"),
      ask::max_history("how many events are kept, the newest; train.py trains with maxlen = 100",
                       "script/train.py: maxlen"),
      ask::choice("history_sum",
                  "the history's sum: the code adds row 0 of both tables for every padded step up "
                  "to the batch's longest history, so a score depends on who else is in the batch",
                  {{"masked",
                    "only real steps: recommended, the same for every user, differs from the code "
                    "where it padded"},
                   {"padded",
                    "row 0 is added up to padded_length steps, which reproduces batches padded to "
                    "that length"}})
          .found_in("script/train.py: prepare_data() pads every batch to its longest history"),
      ask::integer("padded_length",
                   "the length to which histories were padded, at least max_history")
          .found_in("script/train.py: prepare_data(), the length of the rows that you scored")
          .needed_if(
              [](const Tensors&, const Answers& answers) {
                return answers.text_or("history_sum", "") == "padded";
              },
              "with history_sum=padded")
          .decided_with("history_sum"),
      ask::choice(
          "head", "the order of the head's input",
          {{"current",
            "uid, candidate, sum, candidate * sum, state: the code since its second "
            "version, and its forks"},
           {"first", "uid, candidate, state, sum: the code's first version (din: sum, state)"},
           {"x-deeplearning", "refused, with the reason"}})
          .found_in("script/model.py: inp = tf.concat(...) in the class of the model")
          .with_default("current"),
      ask::out_of_table(),
      ask::stack(),
      ask::text("user", "the user feature's name in requests (uid)")
          .found_in("your choice")
          .with_default("user"),
      ask::text("item", "the item field's name in requests (mid)")
          .found_in("your choice")
          .with_default("item"),
      ask::text("category", "the category field's name in requests (cat)")
          .found_in("your choice")
          .with_default("category"),
  };
  return library;
}

}  // namespace augur::convert
