// Visits the parts of a model; see model_parts.h.
#include "quantise/model_parts.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace augur::convert {
namespace {

class Walk {
 public:
  Walk(const TensorEditor& visit, const ActivationVisitor& visit_activation)
      : visit_(visit), visit_activation_(visit_activation) {}

  void tensor(const std::string& path, const std::unique_ptr<fb::TensorT>& tensor) const {
    if (tensor) visit_(path, *tensor);
  }

  void activation(const std::string& path, const std::unique_ptr<fb::ActivationT>& part) const {
    if (!part) return;
    visit_activation_(path, *part);
    tensor(path + ".activation.alpha", part->alpha);
    tensor(path + ".activation.scale", part->scale);
    tensor(path + ".activation.shift", part->shift);
  }

  void dense(const std::string& path, const std::unique_ptr<fb::DenseT>& part) const {
    if (!part) return;
    tensor(path + ".weight", part->weight);
    tensor(path + ".bias", part->bias);
    activation(path, part->activation);
  }

  void layers(const std::string& path,
              const std::vector<std::unique_ptr<fb::DenseT>>& parts) const {
    for (size_t i = 0; i < parts.size(); ++i)
      dense(path + "." + std::to_string(i), parts[i]);
  }

  void gru(const std::string& path, const std::unique_ptr<fb::GruT>& part) const {
    if (!part) return;
    tensor(path + ".input", part->input);
    tensor(path + ".recurrent", part->recurrent);
    tensor(path + ".bias", part->bias);
    tensor(path + ".candidate_recurrent_bias", part->candidate_recurrent_bias);
  }

  void attention(const std::string& path, const std::unique_ptr<fb::AttentionT>& part) const {
    if (!part) return;
    dense(path + ".query_projection", part->query_projection);
    tensor(path + ".bilinear", part->bilinear);
    if (part->pair) {
      tensor(path + ".pair.query", part->pair->query);
      tensor(path + ".pair.key", part->pair->key);
      tensor(path + ".pair.product", part->pair->product);
      tensor(path + ".pair.bias", part->pair->bias);
      activation(path + ".pair", part->pair->activation);
    }
    layers(path + ".layers", part->layers);
  }

  void sequence(const fb::StackT& part) const {
    const std::string path = "stacks." + part.name;
    for (size_t i = 0; i < part.extractor.size(); ++i) {
      gru(path + ".extractor." + std::to_string(i), part.extractor[i]);
    }
    attention(path + ".attention", part.attention);
    if (part.evolution) gru(path + ".evolution", part.evolution->cell);
  }

 private:
  const TensorEditor& visit_;
  const ActivationVisitor& visit_activation_;
};

void walk(
    const fb::ModelT& model, const TensorEditor& visit,
    const ActivationVisitor& visit_activation = [](const std::string&, const fb::ActivationT&) {}) {
  const Walk part(visit, visit_activation);
  for (const auto& table : model.tables)
    part.tensor("tables." + table->name, table->weights);
  for (const auto& sequence : model.stacks)
    part.sequence(*sequence);
  if (model.head) part.layers("head.layers", model.head->layers);
}

// Whether a part uses what schema/augur.fbs marks as format 3.

bool is_newer(const fb::EmbeddingTableT& table) {
  return table.out_of_table == fb::OutOfTable::PaddingId;
}

bool is_newer(const fb::FieldT& field) {
  return field.pooling == fb::Pooling::Max || field.skip_padding;
}

bool is_newer(const fb::ActivationT& activation) {
  return activation.kind >= fb::ActivationKind::Gelu;
}

bool is_newer(const fb::StackT& sequence);

template <typename T>
bool any_newer(const std::vector<std::unique_ptr<T>>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::unique_ptr<T>& part) { return is_newer(*part); });
}

bool is_newer(const fb::StackT& sequence) {
  return any_newer(sequence.fields) || sequence.mask == fb::MaskRule::NotPadding ||
         sequence.truncation != fb::Truncation::Newest || sequence.window != nullptr;
}

// Whether a part uses what schema/augur.fbs marks as format 4.

bool is_keyed(const std::unique_ptr<fb::HashT>& hash) {
  return hash && (hash->kind != fb::HashKind::SplitMix64 || hash->modulo != fb::Modulo::Unsigned ||
                  hash->bytes != fb::KeyBytes::Decimal64 || hash->zero_is_padding);
}

bool is_keyed(const fb::EmbeddingTableT& table) {
  return table.key_type != fb::KeyType::Row || table.vocabulary || !table.vocabulary_of.empty() ||
         table.out_of_table == fb::OutOfTable::UnknownRow || table.unknown_row != 0 ||
         is_keyed(table.hash);
}

bool is_keyed(const fb::FieldT& field) {
  return !field.column.empty() || field.hash;
}

template <typename T>
bool any_keyed(const std::vector<std::unique_ptr<T>>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::unique_ptr<T>& part) { return is_keyed(*part); });
}

bool needs_format_4(const fb::ModelT& model) {
  return any_keyed(model.tables) || any_keyed(model.features) || any_keyed(model.candidate) ||
         std::any_of(model.stacks.begin(), model.stacks.end(),
                     [](const auto& sequence) { return any_keyed(sequence->fields); });
}

bool needs_format_3(const fb::ModelT& model) {
  bool newer = model.output != fb::OutputKind::Sigmoid || any_newer(model.tables) ||
               any_newer(model.features) || any_newer(model.candidate) || any_newer(model.stacks);
  visit_layer_activations(model, [&](const std::string&, const fb::ActivationT& activation) {
    newer |= is_newer(activation);
  });
  return newer;
}

bool needs_format_2(const fb::ModelT& model) {
  bool newer = std::any_of(model.tables.begin(), model.tables.end(),
                           [](const auto& table) { return table->external; });
  visit_tensors(model, [&](const std::string&, const fb::TensorT& tensor) {
    newer |= tensor.type != fb::TensorType::F32;
  });
  return newer;
}

}  // namespace

void visit_tensors(const fb::ModelT& model, const TensorVisitor& visit) {
  walk(model, visit);
}

void edit_tensors(fb::ModelT& model, const TensorEditor& edit) {
  walk(model, edit);
}

void visit_layer_activations(const fb::ModelT& model, const ActivationVisitor& visit) {
  walk(
      model, [](const std::string&, fb::TensorT&) {}, visit);
}

uint64_t stored_bytes(const fb::TensorT& tensor) {
  return tensor.data.size() + tensor.scales.size() + tensor.offsets.size();
}

uint64_t stored_bytes(const fb::VocabularyT& vocabulary) {
  return vocabulary.pilots.size() * sizeof(vocabulary.pilots[0]) + vocabulary.slots.size();
}

uint32_t lowest_format(const fb::ModelT& model) {
  if (needs_format_4(model)) return kVocabularyFormat;
  if (needs_format_3(model)) return 3;
  return needs_format_2(model) ? 2 : 1;
}

}  // namespace augur::convert
