// DeepCTR's hashed columns: SparseFeat's use_hash, dtype and vocabulary_path, and the layers Hash
// that the library makes of them (deepctr 0.9: inputs.py, layers/utils.py).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libraries/library.h"

namespace augur::convert::deepctr_keras_model {

// What a column states of its ids.
struct Hashing {
  bool use_hash = false;
  std::string dtype = "int32";
  std::string vocabulary_path;  // "" if it has none; with one, nothing is hashed

  bool has_strings() const { return dtype == "string"; }
  bool is_hashed() const { return use_hash && vocabulary_path.empty(); }
  bool has_vocabulary() const { return use_hash && !vocabulary_path.empty(); }
};

// Where a column is read. A candidate's column of the history feeds the query and the head.
enum class Place { kSparse, kQuery, kHead, kHistory, kPooled };

// Whether the library's layer Hash has mask_zero there: id 0 is then row 0, and the other ids share
// the rows from 1 on.
bool has_mask_zero(Place place, bool is_dien);

// The description's "hash" of a column that is hashed into a table of `rows` rows.
Json hash_of(const Hashing& hashing, int64_t rows, bool mask_zero);

// The questions about a column. Those of a history column are about what differs from its
// SparseFeat.
std::vector<Parameter> hashing_parameters(bool of_history);

// The column's answers; `otherwise` where it has none.
Hashing stated_hashing(const Json& column, const Hashing& otherwise);

// What model.save() wrote of the model's layers.
class SavedLayers {
 public:
  // A layer Hash: ids of the input are hashed into `rows` rows.
  struct Hash {
    std::string name;
    std::string input;
    int64_t rows = 0;
    bool mask_zero = false;
    std::string vocabulary_path;
  };

  // nullopt if the file does not hold the configuration of a model with layers. Throws Error if it
  // is damaged.
  static std::optional<SavedLayers> read(const Tensors& tensors);

  // The layers Hash of an input.
  std::vector<Hash> hashes_of(const std::string& input) const;
  // Not if DIEN() is itself a layer of another model, whose layers alone are read.
  bool has_input(const std::string& input) const { return dtypes_.count(input) > 0; }
  // "" if there is no such input, or if it states none.
  std::string dtype_of(const std::string& input) const;

 private:
  std::vector<Hash> hashes_;
  std::map<std::string, std::string> dtypes_;  // by the input's name
};

// A column whose input the file shows: the file's facts, compared with the `column` as stated in
// the answer `question`. Throws Error where they differ.
Hashing agreed_hashing(const SavedLayers& layers, const Answers& answers,
                       const std::string& question, const Json& column, const std::string& input,
                       const Hashing& stated);

}  // namespace augur::convert::deepctr_keras_model
