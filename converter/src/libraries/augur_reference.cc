// Augur's own PyTorch models (converter/python): BaseModel, DIN, AIGRU, AGRU, AUGRU, DIEN.
#include "libraries/all.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace {

bool recognises(const Tensors& tensors) {
  return tensors.has("user_emb.weight") && tensors.has("item_emb.weight") &&
         tensors.has("cate_emb.weight") && tensors.has("fc1.weight");
}

// The models that have these tensors: base, din, agru, or one of aigru and augru.
std::vector<std::string> fitting_models(const Tensors& tensors) {
  if (!tensors.has("evolve.w_ih")) return {tensors.has("att1.weight") ? "din" : "base"};
  const int64_t rows = tensors.size("evolve.w_hh", 0), units = tensors.size("evolve.w_hh", 1);
  if (rows == 2 * units) return {"agru"};
  if (rows == 3 * units) return {"aigru", "augru"};
  tensors.refuse("evolve.w_hh has neither two gates (AGRU) nor three (AIGRU, AUGRU)");
}

std::string model_of(const Tensors& tensors, const Answers& answers) {
  const std::vector<std::string> fitting = fitting_models(tensors);
  if (!answers.has("kind")) return fitting.front();
  const std::string kind = answers.text("kind");
  std::string model = kind == "dien" ? "augru" : kind;
  if (!contains(fitting, model)) {
    tensors.refuse("kind " + kind +
                   " was stated, but the checkpoint's tensors are those of another model "
                   "(evolve.w_hh with 3 gates: aigru or augru; with 2: agru; att1.weight: din; "
                   "neither: base)");
  }
  return model;
}

Json event_attention() {
  return din_attention(
      Json::array({torch_linear("att1", prelu("att_act1.alpha")),
                   torch_linear("att2", prelu("att_act2.alpha")), torch_linear("att3", "none")}),
      1, false);
}

Json bilinear_attention() {
  return {{"kind", "bilinear"}, {"query_projection", nullptr},
          {"weight", "att.W"},  {"axes", {"key", "query"}},
          {"score_scale", 1},   {"softmax", true}};
}

Json cell(const std::string& model) {
  Json cell = {{"kind", model},
               {"gates", {"u", "r", "c"}},
               {"reset", "after_product"},
               {"input", "evolve.w_ih"},
               {"recurrent", "evolve.w_hh"},
               {"bias", {{"input", "evolve.b"}, {"recurrent", nullptr}}}};
  if (model == "agru") {
    cell["gates"] = {"r", "c"};
  } else {
    cell["update_gate"] = "share_of_candidate";
  }
  if (model == "augru") cell["form"] = "scale";
  return cell;
}

Json activation(const Tensors& tensors, const std::string& n) {
  if (tensors.has("act" + n + ".bn.running_mean")) {
    return torch_dice("act" + n, 1e-8, false);
  }
  if (tensors.has("act" + n + ".alpha")) return prelu("act" + n + ".alpha");
  tensors.refuse("fc" + n + " has no activation that is known: neither act" + n +
                 ".bn.running_mean (Dice) nor act" + n + ".alpha (PReLU)");
}

Json head_layers(const Tensors& tensors) {
  const std::vector<int> numbers = tensors.indices("fc#.weight");
  Json layers = Json::array();
  for (const int number : numbers) {
    const std::string n = std::to_string(number);
    layers.push_back(
        torch_linear("fc" + n, number == numbers.back() ? "none" : activation(tensors, n)));
  }
  return layers;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  const std::string model = model_of(tensors, answers);
  const bool evolves = model != "base" && model != "din";
  const std::string stack = answers.text("stack"), user = answers.text("user");
  const std::string item = answers.text("item"), category = answers.text("category");
  const std::string out_of_table = answers.text("out_of_table");
  const Json event = Json::array({id_field(item, "item"), id_field(category, "category")});

  Json history = {{"name", stack},
                  {"fields", event},
                  {"max_history", answers.integer("max_history")},
                  {"mask", "length"},
                  {"query", {item, category}},
                  {"extractor", Json::array()},
                  {"attention", nullptr}};
  if (model == "base") {
    history["result"] = {{"pool", "sum"}, {"padding", "masked"}};
  } else if (model == "din") {
    history["attention"] = event_attention();
    history["result"] = "attention_pool";
  }
  if (evolves) {
    history["extractor"].push_back(torch_gru("gru"));
    history["attention"] = bilinear_attention();
    history["result"] = "evolution";
    history["evolution"] = cell(model);
  }
  Json head_input = Json::array({{{"feature", user}}, {{"query", stack}}});
  if (model != "base")
    head_input.push_back({{"pooled", stack}, {"pooling", "sum"}, {"padding", "masked"}});
  head_input.push_back({{"result", stack}});
  return {{"name", answers.text_or("kind", model)},
          {"orientation", "out_in"},
          {"tables", Json::array({table("user", "user_emb.weight", out_of_table),
                                  table("item", "item_emb.weight", out_of_table),
                                  table("category", "cate_emb.weight", out_of_table)})},
          {"features", Json::array({id_field(user, "user")})},
          {"candidate", event},
          {"stacks", Json::array({history})},
          {"head", {{"input", head_input}, {"layers", head_layers(tensors)}}},
          {"output", {{"kind", "sigmoid"}}}};
}

}  // namespace

Library augur_reference() {
  Library library;
  library.name = "augur-reference";
  library.title = "Augur's own PyTorch models: BaseModel, DIN, AIGRU, AGRU, AUGRU, DIEN";
  library.about =
      "State dicts of the models that Augur trains itself. An event is an item and its category; "
      "so is\nthe candidate; the user is a feature. DIEN is AUGRU: its auxiliary loss leaves no "
      "tensors.";
  library.assumes = {
      "e = [item; category], both of the history and of the candidate, from the same two tables; "
      "row 0 is padding",
      "gru.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, z the share of the "
      "old state",
      "att.W: score = h W e_a, softmax over the real steps",
      "evolve.*: rows u, r, c (AGRU: r, c), one bias, reset after the product, u the share of the "
      "candidate state",
      "AIGRU: input a h; AGRU: share a; AUGRU: share a u",
      "DIN: att1..3 over [e_a, e_t, e_a - e_t, e_a * e_t], PReLU, no softmax, weighted sum of e_t",
      "head input: user, e_a, sum of the real e_t, and then the state (AIGRU, AGRU, AUGRU) or "
      "DIN's sum",
      "fc1, fc2, ...: Dice with running statistics and epsilon 1e-8 where actN.bn.* is there, "
      "PReLU where there is only actN.alpha",
      "the last fc gives the logit of a click",
  };
  library.recognised_by = "user_emb.weight, item_emb.weight, cate_emb.weight and fc1.weight";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::choice(
          "kind",
          "which model it is; the tensors of aigru and augru are the same, and their scores "
          "differ",
          {{"base", "pooled history, no sequence network"},
           {"din", "attention pooling of the events"},
           {"aigru", "GRU, attention, GRU over a h"},
           {"agru", "GRU, attention in the update gate's place"},
           {"augru", "GRU, attention times the update gate"},
           {"dien", "the same as augru"}})
          .found_in("the class of the model in augur_rank.training (--kind of its command)")
          .needed_if([](const Tensors& tensors,
                        const Answers&) { return fitting_models(tensors).size() > 1; },
                     "between aigru and augru (dien)"),
      ask::max_history("how many events are kept, the newest, as in training",
                       "the code that makes the batches: the length to which it cuts histories"),
      ask::out_of_table(),
      ask::stack(),
      ask::text("user", "the user feature's name in requests")
          .found_in("your choice")
          .with_default("user"),
      ask::text("item", "the item field's name in requests")
          .found_in("your choice")
          .with_default("item"),
      ask::text("category", "the category field's name in requests")
          .found_in("your choice")
          .with_default("category"),
  };
  return library;
}

}  // namespace augur::convert
