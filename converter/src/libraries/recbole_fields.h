// RecBole's fields of users and items: where their embeddings stand, and what becomes of them in a
// description.
#pragma once

#include <string>
#include <vector>

#include "libraries/answers.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"
#include "libraries/vocabularies.h"

namespace augur::convert::recbole_model {

// DIEN; else DIN.
bool is_dien(const Tensors& tensors);

// The tensors of the attention ("attention") and the width of e_t, which its MLP sees four times.
std::string attention_at(const Tensors& tensors);
int64_t event_width(const Tensors& tensors);

// A field of the dataset.
struct Field {
  enum class Kind { kId, kIds, kNumber };

  std::string name;
  Kind kind = Kind::kId;
  std::string table;        // its name in the model; a number has none
  bool has_tokens = false;  // the dataset has a vocabulary of it; else its ids are buckets
  // The table; of a number the embedding that it multiplies, [dim, 1].
  Json weights;
};

// The fields of the users or of the items in the order of e_t and e_a.
class Fields {
 public:
  explicit Fields(std::vector<Field> fields) : fields_(std::move(fields)) {}

  // Pieces of the description.
  Json tables(const Answers& answers, VocabularyFile& vocabularies) const;
  Json described(const Answers& answers) const;
  Json names() const;
  // Slots of the head, in which a number stands for its embedding.
  Json features() const;

  bool has_numbers() const;
  // From the fields side by side, numbers as they are, to their embeddings: [width, inputs].
  // `squared`: of every value the square, which maps products of two such inputs.
  Json embedding_map(int64_t dim, bool squared = false) const;

 private:
  std::vector<Field> fields_;
};

// The questions about them.
std::vector<Parameter> field_parameters();

// `type` is "user" or "item". Throws Error where the answers do not fit the checkpoint.
Fields read_fields(const Tensors& tensors, const Answers& answers, const std::string& type);

}  // namespace augur::convert::recbole_model
