// RecBole's models that are not in the model family; see recbole_models.h.
#include "libraries/recbole_models.h"

#include <algorithm>
#include <vector>

namespace augur::convert::recbole_model {
namespace {

// Tensors that a model has together. `alone`: the file holds nothing else, which is asked where the
// names are common ones.
struct Model {
  const char* name;
  std::vector<const char*> patterns;
  bool alone = false;
};

const char* const kItems = "item_embedding.weight";
const char* const kPositions = "position_embedding.weight";
const char* const kTransformer = "trm_encoder.layer.#.multi_head_attention.query.weight";
const char* const kFields = "token_embedding_table.embedding.weight";
const char* const kFirstOrder = "first_order_linear.token_embedding_table.embedding.weight";

// The first that fits is meant: a model stands before those whose tensors are a part of its own.
const std::vector<Model>& sequential_models() {
  static const std::vector<Model> kModels = {
      {"S3Rec", {kItems, kPositions, kTransformer, "aap_norm.weight", "mip_norm.weight"}},
      {"SASRecF",
       {kItems, kPositions, kTransformer, "feature_embed_layer.*", "concat_layer.weight"}},
      {"SASRecCPR", {kItems, kPositions, kTransformer, "weight_facet_decoder.weight"}},
      {"BERT4Rec", {kItems, kPositions, kTransformer, "output_ffn.weight", "output_bias"}},
      {"BERT4Rec", {kItems, kPositions, kTransformer, "output_ffn.weight", "output_ln.weight"}},
      {"SASRec", {kItems, kPositions, kTransformer, "LayerNorm.weight"}},
      {"LightSANs",
       {kItems, kPositions, "trm_encoder.layer.#.multi_head_attention.attpooling_key.*"}},
      {"CORE",
       {kItems, "net.position_embedding.weight", "net.trm_encoder.layer.#.*", "net.fn.weight"}},
      {"FDSA", {kItems, "item_trm_encoder.layer.#.*", "feature_trm_encoder.layer.#.*"}},
      {"FEARec", {kItems, kPositions, "item_encoder.layer.#.hybrid_attention.query_layer.weight"}},
      {"GCSAN", {kItems, "gnn.linear_edge_in.weight", "self_attention.layer.#.*"}},
      {"SRGNN",
       {kItems, "gnn.linear_edge_in.weight", "linear_one.weight", "linear_transform.weight"}},
      {"GRU4RecF",
       {kItems, "item_gru_layers.weight_ih_l0", "feature_gru_layers.weight_ih_l0",
        "feature_embed_layer.*"}},
      {"GRU4RecKG",
       {kItems, "item_gru_layers.weight_ih_l0", "entity_gru_layers.weight_ih_l0",
        "entity_embedding.weight"}},
      {"GRU4RecCPR", {kItems, "gru_layers.weight_ih_l0", "weight_facet_decoder.weight"}},
      {"KSR",
       {kItems, "gru_layers.weight_ih_l0", "entity_embedding.weight", "dense_layer_u.weight"}},
      {"GRU4Rec",
       {kItems, "gru_layers.weight_ih_l#", "gru_layers.weight_hh_l#", "dense.weight", "dense.bias"},
       true},
      {"NARM",
       {kItems, "gru.weight_ih_l#", "gru.weight_hh_l#", "a_1.weight", "a_2.weight", "v_t.weight",
        "b.weight"},
       true},
      {"STAMP", {kItems, "w0.weight", "w3.weight", "b_a", "mlp_a.weight", "mlp_b.weight"}},
      {"Caser",
       {kItems, "user_embedding.weight", "conv_v.weight", "conv_h.#.weight", "fc1.weight",
        "fc2.weight"}},
      {"RepeatNet",
       {"item_matrix.weight", "gru.weight_ih_l0", "repeat_explore_mechanism.Wre.weight"}},
      {"HGN", {kItems, "user_embedding.weight", "item_embedding_for_prediction.weight"}},
      {"SHAN", {kItems, "user_embedding.weight", "long_w.weight", "long_short_w.weight"}},
      {"SINE", {kItems, "C.weight", "w_k_1", "w_k_2"}},
      {"Fossil", {kItems, "user_lambda.weight", "lambda_"}},
      {"FPMC", {"UI_emb.weight", "IU_emb.weight", "LI_emb.weight", "IL_emb.weight"}, true},
  };
  return kModels;
}

// Of context-aware models, which all have the fields' tables and a first-order part.
const std::vector<Model>& context_models() {
  static const std::vector<Model> kModels = {
      {"AFM", {"attlayer.*", "p"}},
      {"xDeepFM", {"conv1d_list.#.weight", "cin_linear.weight"}},
      {"AutoInt", {"att_embedding.weight", "self_attns.#.in_proj_weight"}},
      {"FiGNN", {"att_embedding.weight", "gnn.#.W_in", "gru_cell.weight_ih"}},
      {"DCNV2", {"cross_layer_w.#", "bias.#", "predict_layer.weight"}},
      {"DCNV2", {"cross_layer_u.#", "cross_layer_v.#"}},
      {"DCN", {"cross_layer_w.#", "cross_layer_b.#"}},
      {"DSSM", {"user_mlp_layers.mlp_layers.#.weight", "item_mlp_layers.mlp_layers.#.weight"}},
      {"EulerNet", {"Euler_interaction_layers.#.inter_orders", "mu"}},
      {"NFM", {"bn.running_mean", "mlp_layers.mlp_layers.#.weight", "predict_layer.weight"}},
      {"DeepFM or WideDeep", {"mlp_layers.mlp_layers.#.weight", "deep_predict_layer.weight"}},
      {"FNN or PNN", {"mlp_layers.mlp_layers.#.weight", "predict_layer.weight"}},
  };
  return kModels;
}

bool fits(const Model& model, const Tensors& tensors) {
  for (const char* pattern : model.patterns) {
    if (!tensors.has(pattern)) return false;
  }
  if (!model.alone) return true;
  const std::vector<std::string> names = tensors.names("*");
  return std::all_of(names.begin(), names.end(), [&model](const std::string& name) {
    return std::any_of(model.patterns.begin(), model.patterns.end(),
                       [&name](const char* pattern) { return matches(pattern, name); });
  });
}

std::string first_that_fits(const std::vector<Model>& models, const Tensors& tensors) {
  for (const Model& model : models) {
    if (fits(model, tensors)) return model.name;
  }
  return "";
}

}  // namespace

std::string other_model(const Tensors& tensors) {
  if (tensors.has(kFields) && tensors.has(kFirstOrder)) {
    const std::string name = first_that_fits(context_models(), tensors);
    return name.empty() ? "context-aware model" : name;
  }
  return first_that_fits(sequential_models(), tensors);
}

}  // namespace augur::convert::recbole_model
