// What people try to describe and Augur does not run; see family.h.
#include "description/family.h"

#include <array>
#include <cctype>

#include "description/pattern.h"

namespace augur::convert {
namespace {

struct Outsider {
  const char* word;  // lower case, letters and digits alone; matches as a part of the key
  const char* reason;
};

// What is in the family, but stated in other words.
constexpr std::array kOtherWords = {
    Outsider{"resetafter", "state \"reset\": \"after_product\" or \"before_product\""},
    Outsider{"hiddensize", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"hiddenunits", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"inputsize", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"embeddingdim", "sizes are seen in the tensors' shapes; leave it out"},
    Outsider{"numlayers", "an extractor is a list with one entry for each layer"},
    Outsider{"dice",
             "there are several kinds of Dice, and docs/conversion.md tells which library has "
             "which: state \"dice_batchnorm\", \"dice_rowwise\", \"dice_batch_statistics\" or "
             "\"swish\""},
    Outsider{"usebias", "state the bias, or null"},
    Outsider{"usesoftmax", "state \"softmax\": true or false"},
};

constexpr std::array kOutsiders = {
    Outsider{"layernorm",
             "LayerNorm is not in the model family: it depends on the sample and cannot be folded"},
    Outsider{"groupnorm", "GroupNorm is not in the model family"},
    Outsider{"lstm",
             "LSTM is not in the model family; its recurrent layers are GRU, AIGRU, AGRU, AUGRU"},
    Outsider{"bidirectional", "a bidirectional extractor is not in the model family"},
    Outsider{"multihead", "multi-head attention is not in the model family"},
    Outsider{"transformer", "Transformer blocks are not in the model family"},
    Outsider{"residual", "residual connections are not in the model family"},
    Outsider{"multitask", "several outputs are not in the model family; it scores one click"},
    Outsider{"dropout", "Dropout does nothing when a model scores; leave it out"},
    Outsider{"hardsigmoid",
             "hard sigmoid gates are not in the model family; a GRU's gates are sigmoid"},
    Outsider{
        "recurrentactivation",
        "a GRU's gates are sigmoid and its candidate state is tanh; others are not in the family"},
    Outsider{"initialstate",
             "a recurrent layer starts from zero; a trained first state is not in the family"},
    Outsider{"auxiliary", "the auxiliary loss serves training alone; leave its networks out"},
};

}  // namespace

std::string outside_family(std::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  for (const Outsider& other : kOtherWords) {
    if (plain == other.word) return other.reason;
  }
  for (const Outsider& outsider : kOutsiders) {
    if (plain.find(outsider.word) != std::string::npos) return outsider.reason;
  }
  return "";
}

std::string foreign_tensor(std::string_view name) {
  static constexpr Outsider kPatterns[] = {
      {"*layer_norm*", "LayerNorm is not in the model family"},
      {"*layernorm*", "LayerNorm is not in the model family"},
      {"*LayerNorm*", "LayerNorm is not in the model family"},
      {"*_reverse", "a bidirectional extractor is not in the model family"},
      {"*lstm*", "LSTM is not in the model family"},
      {"*in_proj_weight", "multi-head attention is not in the model family"},
  };
  for (const Outsider& pattern : kPatterns) {
    if (matches(pattern.word, name)) return pattern.reason;
  }
  return "";
}

}  // namespace augur::convert
