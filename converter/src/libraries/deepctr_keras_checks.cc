// Checks of DeepCTR's feature columns; see deepctr_keras_checks.h.
#include "libraries/deepctr_keras_checks.h"

#include <algorithm>

#include "libraries/keras_layers.h"
#include "text/text.h"

namespace augur::convert::deepctr_keras_model {
namespace {

// The columns of one question, and what stands before their names in the names of the inputs.
struct Question {
  const char* name;
  std::vector<Column>* columns;
  const char* prefix;
};

std::vector<Question> questions(Columns& columns) {
  return {{"sparse", &columns.sparse, ""},
          {"history", &columns.history, "hist_"},
          {"pooled", &columns.pooled, ""}};
}

// An input has the column's name.
void check_input(const Tensors& tensors, const Answers& answers, const std::string& answer,
                 const std::string& input) {
  if (!idle_layers(tensors, input).empty()) return;
  answers.fail(answer, "the checkpoint names the model's inputs, and none of them is '" + input +
                           "'; the columns are stated as their names are");
}

// Keras' HDF5 names every layer, inputs among them.
bool names_layers(const Tensors& tensors) {
  return !idle_layers(tensors, "hist_*").empty();
}

void check_ids(const Answers& answers, const std::string& question, const Column& column) {
  const std::string name = augur::quoted(column.name);
  const Hashing& hashing = column.hashing;
  if (!hashing.use_hash && !hashing.vocabulary_path.empty()) {
    answers.fail(question, name +
                               " has a vocabulary_path, but no use_hash: without \"use_hash\": "
                               "true the library does not read the file");
  }
  if (!hashing.use_hash && hashing.has_strings()) {
    answers.fail(question, name +
                               " has the dtype string, but no use_hash: a table is read by "
                               "strings only with \"use_hash\": true");
  }
  if (hashing.has_vocabulary() && hashing.dtype == "float32") {
    answers.fail(question, name +
                               " has a vocabulary_path and the dtype float32: keys such as "
                               "1.000000 are not supported");
  }
  static const std::vector<std::string> kDtypes = {"int32", "int64", "float32", "string"};
  if (hashing.use_hash && !contains(kDtypes, hashing.dtype)) {
    answers.fail(question, name + ": the dtype of the model's input is " + hashing.dtype +
                               ", which is not supported with use_hash: expected " + join(kDtypes));
  }
}

// A table has one kind of ids.
void check_tables(const Answers& answers, const Columns& columns) {
  for (const std::string& table : columns.table_names()) {
    const std::vector<Use> uses = columns.uses_of(table);
    const Hashing& first = uses.front().column.hashing;
    for (const Use& use : uses) {
      const Hashing& other = use.column.hashing;
      if (first.use_hash == other.use_hash && first.vocabulary_path == other.vocabulary_path &&
          (!first.use_hash || first.has_strings() == other.has_strings()))
        continue;
      answers.fail(use.place == Place::kHistory  ? "history"
                   : use.place == Place::kPooled ? "pooled"
                                                 : "sparse",
                   augur::quoted(use.column.name) + " and " +
                       augur::quoted(uses.front().column.name) + " share the table " +
                       augur::quoted(table) +
                       ", but differ in use_hash, in vocabulary_path, or in whether they are "
                       "strings; that is not supported");
    }
  }
}

// The layers Hash of an input as they must be.
void check_layers_of(const Tensors& tensors, const SavedLayers& layers, const std::string& input,
                     const Column& column, std::vector<bool> masks) {
  std::vector<bool> found;
  for (const SavedLayers::Hash& hash : layers.hashes_of(input)) {
    found.push_back(hash.mask_zero);
    if (hash.rows == column.rows) continue;
    tensors.refuse("the layer " + hash.name + " hashes " + input + " into " +
                   std::to_string(hash.rows) + " buckets, but the table " +
                   augur::quoted(column.table) + " has " + std::to_string(column.rows) + " rows");
  }
  std::sort(found.begin(), found.end());
  std::sort(masks.begin(), masks.end());
  if (found == masks) return;
  const auto text = [](const std::vector<bool>& values) {
    std::vector<std::string> words;
    for (const bool value : values)
      words.emplace_back(value ? "True" : "False");
    return join(words);
  };
  tensors.refuse("the input " + input + " has layers Hash with mask_zero " + text(found) +
                 ", but deepctr 0.9 makes them with " + text(masks) +
                 ": another version's hashes are not known; describe the model with --model "
                 "(docs/description.md)");
}

// The count of layers Hash; the columns of negative samples have one each in the auxiliary loss.
void check_count(const Tensors& tensors, const Answers& answers, const Columns& columns) {
  size_t stated = 0;
  for (const std::string& table : columns.table_names()) {
    for (const Use& use : columns.uses_of(table))
      stated += use.column.hashing.use_hash ? 1 : 0;
  }
  const size_t found = idle_layers_of(tensors, "hash").size();
  const size_t negatives = idle_layers(tensors, "neg_hist_*").size();
  if (found >= stated && found <= stated + negatives) return;
  answers.fail("sparse",
               "the checkpoint names " + std::to_string(found) +
                   " layers hash, but the columns as stated have " + std::to_string(stated) +
                   ": one for every column with use_hash, and two for a candidate's column that "
                   "is in \"history\"; state \"use_hash\": true and the \"dtype\" of each");
}

}  // namespace

void check_columns(const Answers& answers, const Columns& columns) {
  if (columns.history.empty())
    answers.fail("history", "it is empty; name the features that a behaviour has");
  for (const Column& column : columns.pooled) {
    if (!columns.is_dien || column.has_length) continue;
    answers.fail("pooled", augur::quoted(column.name) +
                               " has no length_name; DIEN's tables have no mask_zero, so that the "
                               "library cannot run it without one");
  }
}

void check_inputs(const Tensors& tensors, const Answers& answers, const Columns& columns) {
  if (!names_layers(tensors)) return;
  for (const Column& column : columns.sparse)
    check_input(tensors, answers, "sparse", column.name);
  for (const Column& column : columns.history)
    check_input(tensors, answers, "history", "hist_" + column.name);
  for (const Column& column : columns.pooled)
    check_input(tensors, answers, "pooled", column.name);
  for (const Column& column : columns.dense)
    check_input(tensors, answers, "dense", column.name);
  const size_t pooled = idle_layers_of(tensors, "sequence_pooling_layer").size();
  if (pooled != columns.pooled.size()) {
    answers.fail("pooled", std::to_string(columns.pooled.size()) +
                               " were stated, but the checkpoint names " + std::to_string(pooled) +
                               " layers sequence_pooling_layer: one for every VarLenSparseFeat "
                               "beside the history");
  }
}

void agree_hashing(const Tensors& tensors, const Answers& answers, Columns& columns) {
  if (const std::optional<SavedLayers> layers = SavedLayers::read(tensors)) {
    for (const Question& question : questions(columns)) {
      const Json& stated = answers.at(question.name);
      for (size_t i = 0; i < stated.size(); ++i) {
        Column& column = (*question.columns)[i];
        column.hashing = agreed_hashing(*layers, answers, question.name, stated[i],
                                        question.prefix + column.name, column.hashing);
      }
    }
  }
  for (const Question& question : questions(columns)) {
    for (const Column& column : *question.columns)
      check_ids(answers, question.name, column);
  }
  check_tables(answers, columns);
}

void check_hashing(const Tensors& tensors, const Answers& answers, const Columns& columns) {
  for (const std::string& table : columns.table_names()) {
    const Column column = columns.uses_of(table).front().column;
    if (column.hashing.is_hashed() && column.rows < 2) {
      tensors.refuse(
          "the table " + augur::quoted(table) +
          " of a hashed column has one row; row 0 is padding, so that no bucket is left");
    }
  }
  const std::optional<SavedLayers> layers = SavedLayers::read(tensors);
  if (!layers) {
    if (names_layers(tensors)) check_count(tensors, answers, columns);
    return;
  }
  for (const std::string& table : columns.table_names()) {
    std::map<std::string, std::vector<bool>> masks;  // by input
    std::map<std::string, Column> read;
    for (const Use& use : columns.uses_of(table)) {
      const std::string input = (use.place == Place::kHistory ? "hist_" : "") + use.column.name;
      if (!use.column.hashing.use_hash || !layers->has_input(input)) continue;
      masks[input].push_back(has_mask_zero(use.place, columns.is_dien));
      read.emplace(input, use.column);
    }
    for (const auto& [input, column] : read)
      check_layers_of(tensors, *layers, input, column, masks[input]);
  }
}

}  // namespace augur::convert::deepctr_keras_model
